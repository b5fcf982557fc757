"""The dictionary between what SESAM2 says of invoice bases (contract, sections 5 and 6) and our tables. Foreign words stand only here."""

import dataclasses
import datetime
from collections.abc import Generator
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from billing.models import InvoiceBasis, InvoiceLine
from integration import client, contract

# The field of the contract's line → the column of ours, and how PostgreSQL holds it while it is looked through.
_FIELDS: dict[str, tuple[str, str]] = {
    "line": ("line", "int"),
    "kind": ("kind", "text"),
    "customer_number": ("customer_number", "text"),
    "cost_reference": ("cost_reference", "text"),
    "unit_hsa_id": ("unit_hsa_id", "text"),
    "patient_id": ("patient_number", "text"),
    "order_number": ("order_number", "text"),
    "article_number": ("article_number", "text"),
    "name": ("name", "text"),
    "iso_code": ("iso_code", "text"),
    "individual_number": ("individual_number", "text"),
    "from_": ("from_on", "date"),
    "to": ("to_on", "date"),
    "days": ("days", "int"),
    "quantity": ("quantity", "numeric"),
    "unit": ("unit", "text"),
    "unit_price": ("unit_price", "numeric"),
    "amount": ("amount", "numeric"),
    "vat_rate": ("vat_rate", "numeric"),
    "text": ("text", "text"),
}
# In the contract's order, in which lines are read.
COLUMNS: tuple[str, ...] = tuple(_FIELDS[name][0] for name in contract.INVOICE_LINE_FIELDS)
TYPES: tuple[str, ...] = tuple(_FIELDS[name][1] for name in contract.INVOICE_LINE_FIELDS)
LONGEST_LINE = contract.MAX_INVOICE_LINE_BYTES
BadLine = contract.ContractError

CREDIT = contract.InvoiceKind.CREDIT.value
RENT = contract.InvoiceKind.RENT.value
# Goods that are paid for once.
SOLD = (contract.InvoiceKind.SALE.value, contract.InvoiceKind.SALE_WITH_RETURN.value, contract.InvoiceKind.CONSUMABLE.value)
# What begins the number of an order to a store, and of a withdrawal from one (contract, section 3).
TO_STORE, FROM_STORE = "L-", "U-"


@dataclasses.dataclass(frozen=True)
class Announced:
    """What a message says of a basis that lies ready."""

    basis_id: str
    version: int
    period: datetime.date
    payer_number: str
    line_count: int
    total: Decimal
    credits: Decimal | None
    corrects: str


def announced(body: contract.InvoiceBasisAvailable) -> Announced:
    return Announced(
        body.basis_id,
        body.version,
        datetime.date.fromisoformat(f"{body.period}-01"),
        body.payer_number,
        body.line_count,
        body.total,
        body.credits,
        body.corrects or "",
    )


def lines_of(basis: InvoiceBasis) -> Generator[bytes]:
    """The basis's lines as SESAM2 streams them. Raises as `client.stream_lines` does."""
    return client.stream_lines(f"/invoice-bases/{quote(basis.basis_id, safe='')}/lines", longest=LONGEST_LINE)


def read(raw: bytes) -> list[str | None]:
    """The values of `COLUMNS`, as text. Raises `BadLine`."""
    return contract.read_invoice_line(raw)


def written(line: InvoiceLine) -> bytes:
    """The line as the contract writes it: what was read, said again, for whoever keeps it. What was left out and what was empty is one thing to us."""
    given: dict[str, Any] = {name: getattr(line, column) for name, (column, _) in _FIELDS.items()}
    said: dict[str, Any] = {name: None if value == "" and name not in _NEVER_ABSENT else value for name, value in given.items()}
    said |= {"kind": contract.InvoiceKind(line.kind), "quantity": line.quantity.normalize(), "vat_rate": line.vat_rate.normalize()}
    return contract.InvoiceLine(**said).model_dump_json(by_alias=True).encode()


_NEVER_ABSENT = frozenset({"name", "unit"})


def facts_of(basis: InvoiceBasis) -> dict[str, Any]:
    """What was announced, as the contract writes it."""
    body = contract.InvoiceBasisAvailable(
        basis_id=basis.basis_id,
        period=f"{basis.period:%Y-%m}",
        payer_number=basis.payer_number,
        version=basis.version,
        line_count=basis.line_count,
        total=basis.total,
        credits=basis.credits,
        corrects=basis.corrects or None,
    )
    return body.model_dump(mode="json", by_alias=True)
