"""Invoice bases as SESAM2 tells of them and streams them, for tests."""

import contextlib
import datetime
import itertools
import json
from collections.abc import Callable, Generator, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from accounts.models import Assignment, Customer
from accounts.roles import Role
from billing import sesam2
from billing.actions import intake
from billing.actions.intake import Taken
from billing.models import InvoiceBasis, InvoiceGrant
from integration import client
from tests import factories

PAYER = "701489"
OCTOBER = datetime.date(2026, 10, 1)
_numbers = itertools.count(1)


def customer(number: str = "600201", *, payer: str = PAYER) -> Customer:
    unit = factories.unit("Rehab Alingsås torg")
    made, _ = Customer.objects.get_or_create(
        number=number, defaults={"unit": unit, "name": f"Kund {number}", "payer_number": payer, "payer_name": f"Betalare {payer}"}
    )
    return made


def line(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A line as it is sent: rent of a wheelchair in October, with its amount worked out unless it is given."""
    made = {
        "line": number,
        "kind": "RENT",
        "customerNumber": "600201",
        "unitHsaId": "SE2321000131-E0001",
        "articleNumber": "104501",
        "name": "Manuell rullstol",
        "isoCode": "122203",
        "from": "2026-10-01",
        "to": "2026-10-31",
        "days": 31,
        "quantity": "1",
        "unit": "mån",
        "unitPrice": "212.50",
        "vatRate": "25",
    } | changes
    if "amount" not in made:
        amount = (Decimal(made["quantity"]) * Decimal(made["unitPrice"])).quantize(Decimal("0.01"), ROUND_HALF_UP)
        made["amount"] = f"{amount:.2f}"
    return {name: value for name, value in made.items() if value is not None}


def written(lines: Iterable[Any]) -> bytes:
    """NDJSON; a line of bytes stands as it is."""
    return b"".join((each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode()) + b"\n" for each in lines)


def said(lines: Iterable[dict[str, Any]], **changes: Any) -> sesam2.Announced:
    """What is announced of these lines; sums that are not given are the true ones."""
    amounts = [Decimal(each["amount"]) for each in lines if isinstance(each, dict)]
    facts = {
        "basis_id": f"FU-{next(_numbers)}",
        "version": 1,
        "period": OCTOBER,
        "payer_number": PAYER,
        "line_count": len(amounts),
        "total": sum(amounts, Decimal("0.00")),
        "credits": None,
        "corrects": "",
    }
    return sesam2.Announced(**facts | changes)


def announced(lines: Iterable[dict[str, Any]], **changes: Any) -> InvoiceBasis:
    return intake.record_available(said(lines, **changes))


def source(lines: Iterable[Any], *, breaks_off_after: int | None = None) -> Callable[[InvoiceBasis], Generator[bytes]]:
    """What `take_in` fetches from, without HTTP."""

    def fetch(basis: InvoiceBasis) -> Generator[bytes]:
        for number, raw in enumerate(written(lines).splitlines(), start=1):
            yield raw
            if number == breaks_off_after:
                raise client.NoAnswer("answer breaks off")

    return fetch


def taken(basis: InvoiceBasis, lines: Iterable[Any], **options: Any) -> Taken:
    """What a try comes to, now."""
    InvoiceBasis.objects.filter(pk=basis.pk).update(next_try_at=basis.received_at)
    return intake.take_in(basis.pk, fetch=source(lines, **options))


def published(lines: Iterable[dict[str, Any]] | None = None, **changes: Any) -> InvoiceBasis:
    """A basis with these lines (a single one otherwise), read and published."""
    lines = list(lines) if lines is not None else [line()]
    for number in {each["customerNumber"] for each in lines}:
        customer(number)
    basis = announced(lines, **changes)
    assert taken(basis, lines) is Taken.PUBLISHED, InvoiceBasis.objects.get(pk=basis.pk).problems
    return InvoiceBasis.objects.get(pk=basis.pk)


def reader(name: str = "Rut Räknare", *, payer: str = "", customer_number: str = "", sees_patients: bool = False) -> Assignment:
    """A fakturaläsare, of the payer of these tests if nothing else is given."""
    made = factories.assignment(name, Role.INVOICE_READER, at=factories.unit("Ekonomi Alingsås"))
    grant(made, payer=payer or ("" if customer_number else PAYER), customer_number=customer_number, sees_patients=sees_patients)
    return made


def grant(to: Assignment, *, payer: str = "", customer_number: str = "", sees_patients: bool = False) -> InvoiceGrant:
    return InvoiceGrant.objects.create(assignment=to, payer_number=payer, customer_number=customer_number, sees_patients=sees_patients)


@contextlib.contextmanager
def nothing_published() -> Iterator[None]:
    """Nothing of any basis is there that was not there before."""
    from billing import models

    tables = (models.InvoiceLine, models.InvoiceSum, models.CustomerSum, models.LineChange, models.Finding, models.InvoiceFile)
    before = [table.objects.count() for table in tables]
    yield
    assert [table.objects.count() for table in tables] == before
