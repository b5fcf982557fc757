"""The demo's fakturaunderlag: fourteen months of two payers, cases for each of the checks in the last one, a correction, and one that was parked."""

import dataclasses
import datetime
import json
import logging
from collections.abc import Generator, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone

from accounts.models import Assignment, CareUnit, Customer, Notice
from accounts.roles import Role
from billing.actions import findings, intake
from billing.models import Check, Finding, InvoiceBasis, InvoiceGrant
from billing.sesam2 import Announced
from catalog.models import Article
from catalog.models.local import ChargingForm
from orders.models import Order
from patients.actions import DeliveredAid, end_loan, set_loans
from patients.models import Patient
from pickups.models import PickupItem
from websesam import demo_data

MONTHS = 14
# Which payers' fakturaunderlag a fakturaläsare reads, and whether the patients' numbers are seen in them.
PARKED_PAYER = "701490"
READERS = {
    "Lennart Åkesson": (("701489", False),),
    "Ulrika Holmgren": (("701489", True), ("700010", True), (PARKED_PAYER, False)),
}
_AIDS = 9  # of each unit
_RENTS = ("212.50", "38.00", "96.75", "154.00", "412.30")
_FEE = "45.00"
Line = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Aid:
    """What a patient has rented since `since`, and by whom it is paid."""

    number: str
    article: Article
    patient: Patient
    customer: Customer
    since: datetime.date
    price: str


def load() -> None:
    # A line in the console for each basis would say nothing to who starts the demo.
    intake_log = logging.getLogger(intake.__name__)
    before = intake_log.level
    intake_log.setLevel(logging.CRITICAL)
    try:
        _load()
    finally:
        intake_log.setLevel(before)


def _load() -> None:
    _give_rights()
    months = _months()
    aids = list(_aids(months))
    for payer in dict.fromkeys(aid.customer.payer_number for aid in aids):
        theirs = [aid for aid in aids if aid.customer.payer_number == payer]
        for month in months:
            lines = _lines(month, theirs)
            if month == months[-1]:
                lines += _planted(month, theirs, payer)
            basis_id = f"FU-{month:%Y-%m}-{payer}"
            if month == months[-3]:
                # What was charged too much first, and put right by a second version.
                _publish(basis_id, month, payer, [*lines, _line(lines[0], quantity="3")], version=1)
                _publish(basis_id, month, payer, lines, version=2)
            else:
                _publish(basis_id, month, payer, lines)
    _park(months[-1], aids)
    _decide()
    newest = [basis.get_absolute_url() for basis in InvoiceBasis.objects.filter(period=months[-1])]
    Notice.objects.filter(url__startswith="/fakturaunderlag/", read_at=None).exclude(url__in=newest).update(read_at=timezone.now())


def _give_rights() -> None:
    readers = Assignment.objects.filter(role=Role.INVOICE_READER).select_related("user")
    for reader in readers:
        for payer, sees_patients in READERS.get(reader.user.name, ()):
            InvoiceGrant.objects.create(assignment=reader, payer_number=payer, sees_patients=sees_patients)


def _months() -> list[datetime.date]:
    """The first days of the last months that have ended, oldest first."""
    day, found = timezone.localdate().replace(day=1), []
    for _ in range(MONTHS):
        day = (day - datetime.timedelta(days=1)).replace(day=1)
        found.append(day)
    return found[::-1]


def _aids(months: list[datetime.date]) -> Iterator[Aid]:
    """Aids that patients of Alingsås have had for a while, more of them as time goes on."""
    rented = list(
        Article.objects.orderable().filter(local__charging_form=ChargingForm.RENT, category__isnull=False).select_related("category").order_by("pk")[:40]
    )
    for unit in (demo_data.ALINGSAS_REHAB, demo_data.SORHAGA):
        by = Assignment.objects.filter(unit__hsa_id=unit, role=Role.PRESCRIBER).select_related("unit__provider", "user").order_by("pk").first()
        if by is None or not rented:
            continue
        patients = list(Patient.objects.visible_to(by).filter(protection="NONE").order_by("-pk")[:_AIDS])
        [payer] = {customer.payer_number for customer in by.unit.customers.all()}
        customers = list(Customer.objects.filter(payer_number=payer).select_related("unit").order_by("-is_standard", "number")[:3])
        for place, patient in enumerate(patients):
            article = rented[place * 7 % len(rented)]
            since = months[place * (MONTHS - 5) // _AIDS] - datetime.timedelta(days=12)
            aid = Aid(
                f"30-{by.unit_id:03}{place + 1:03}", article, patient, customers[place % len(customers)], since, _RENTS[(2 * place + by.unit_id) % len(_RENTS)]
            )
            started_at = timezone.make_aware(datetime.datetime.combine(since, datetime.time(10)))
            set_loans(
                patient=patient,
                ordered_by=by,
                order_number="",
                source=f"före portalen/{aid.number}",
                started_at=started_at,
                aids=[DeliveredAid(article, aid.number)],
            )
            yield aid


# --- Lines ---------------------------------------------------------------------------------------------


def _of(aid: Aid, kind: str, **more: Any) -> Line:
    made = {
        "kind": kind,
        "customerNumber": aid.customer.number,
        "costReference": aid.customer.number[-3:],
        "unitHsaId": aid.customer.unit.hsa_id,
        "patientId": aid.patient.identity.value,
        "individualNumber": aid.number,
        "articleNumber": aid.article.display_number,
        "name": aid.article.display_name,
        "isoCode": aid.article.category.code if aid.article.category else "",
        "quantity": "1",
        "unit": "mån",
        "unitPrice": aid.price,
        "vatRate": "25",
    }
    return _line(made, **more)


def _line(like: Line, **changes: Any) -> Line:
    """The line with other values, and its amount worked out anew."""
    made = {name: value for name, value in (like | changes).items() if value not in {None, ""}}
    made["amount"] = f"{(Decimal(made['quantity']) * Decimal(made['unitPrice'])).quantize(Decimal('0.01'), ROUND_HALF_UP):.2f}"
    return made


def _days(month: datetime.date) -> dict[str, Any]:
    last = _last_day(month)
    return {"from": month.isoformat(), "to": last.isoformat(), "days": last.day}


def _last_day(month: datetime.date) -> datetime.date:
    return (month + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


def _lines(month: datetime.date, aids: list[Aid]) -> list[Line]:
    """What there is to be charged for: rent, work, wares, fees, and now and then a credit."""
    lines = []
    for place, aid in enumerate(aids):
        if aid.since >= month:
            continue
        lines.append(_of(aid, "RENT", **_days(month)))
        turn = (place + month.month) % 5
        if turn == 0:
            lines.append(
                _of(aid, "SERVICE", name="Tekniker, avhjälpande underhåll", articleNumber="", isoCode="", quantity="1.5", unit="tim", unitPrice="745.00")
            )
        elif turn == 1:
            lines.append(_of(aid, "CONSUMABLE", name="Slang och tätning", quantity="4", unit="st", unitPrice="12.90"))
        elif turn == 2:
            lines.append(_of(aid, "FEE", name="Hyresavgift, grundavgift", articleNumber="", quantity="1", unit="st", unitPrice=_FEE))
        elif turn == 3 and place % 2:
            lines.append(_of(aid, "CREDIT", quantity="-1", text="Rättelse av föregående månad."))
    return lines


def _planted(month: datetime.date, aids: list[Aid], payer: str) -> list[Line]:
    """Cases for the checks: each that what the payer's units have done gives occasion for."""
    stopped, returned, twice, strange = aids[0], aids[1], aids[2], aids[3]
    found = [_of(twice, "RENT", **_days(month)), _of(strange, "SALE", individualNumber="", orderNumber="K-2019-00004711-8", unit="st", unitPrice="1195.00")]
    middle = month + datetime.timedelta(days=11)
    # The hämtorder let the rent end in the middle of the month; it goes on to the last day.
    item = _fetched(payer)
    if item is not None:
        type(item.order).objects.filter(pk=item.order_id).update(
            placed_at=timezone.make_aware(datetime.datetime.combine(month - datetime.timedelta(days=9), datetime.time(9))), rent_ends_on=middle
        )
        found.append(_of(stopped, "RENT", individualNumber=item.individual_number, patientId="", name=item.article.display_name, **_days(month)))
    # Given back before the month began.
    loan = returned.patient.loans.get(individual_number=returned.number)
    end_loan(loan, ended_at=timezone.make_aware(datetime.datetime.combine(month - datetime.timedelta(days=6), datetime.time(14))))
    # More than was taken out of the store, and an order that somebody else pays.
    taken = Order.objects.filter(number__startswith="U-", payer_number=payer).order_by("pk").first()
    if taken is not None:
        line = taken.lines.order_by("line")[0]
        sold = {"individualNumber": "", "patientId": "", "articleNumber": line.article_number, "name": line.article_name, "orderNumber": taken.number}
        found.append(_of(strange, "CONSUMABLE", quantity=str(line.quantity + 2), unit="fp", unitPrice="129.90", **sold))
    foreign = Order.objects.filter(number__startswith="K-").exclude(payer_number__in=("", payer)).order_by("pk").first()
    if foreign is not None:
        found.append(_of(strange, "SALE", individualNumber="", patientId="", orderNumber=foreign.number, unit="st", unitPrice="880.00"))
    return found


def _fetched(payer: str) -> PickupItem | None:
    """An aid that the centre has fetched, or is to fetch."""
    sent = PickupItem.objects.filter(order__payer_number=payer, order__number__isnull=False, order__rent_ends_on__isnull=False)
    mine = sent.exclude(individual_number="").exclude(found=False).exclude(order__status="CANCELLED")
    return mine.select_related("order", "article__local").order_by("pk").first()


# --- As the centre would deliver them ------------------------------------------------------------------


def _announce(basis_id: str, month: datetime.date, payer: str, lines: list[Line], *, version: int, wrong_by: str = "0.00") -> InvoiceBasis:
    amounts = [Decimal(line["amount"]) for line in lines]
    total, credited = sum(amounts, Decimal("0.00")), sum((amount for amount in amounts if amount < 0), Decimal("0.00"))
    return intake.record_available(Announced(basis_id, version, month, payer, len(lines), total + Decimal(wrong_by), credited, ""))


def _take_in(basis: InvoiceBasis, lines: list[Line]) -> None:
    def fetch(_: InvoiceBasis) -> Generator[bytes]:
        for number, line in enumerate(lines, start=1):
            yield json.dumps({"line": number} | line, ensure_ascii=False).encode()

    intake.take_in(basis.pk, fetch=fetch)


def _publish(basis_id: str, month: datetime.date, payer: str, lines: list[Line], *, version: int = 1) -> None:
    _take_in(_announce(basis_id, month, payer, lines, version=version), lines)


def _park(month: datetime.date, aids: list[Aid]) -> None:
    """Of a third payer: its sum differs from its lines by one öre, and one kundnummer is unknown."""
    customer = Customer.objects.filter(payer_number=PARKED_PAYER).order_by("pk").first()
    if customer is None or not aids:
        return
    unit = CareUnit.objects.get(pk=customer.unit_id)
    lines = [_of(aid, "RENT", customerNumber=customer.number, unitHsaId=unit.hsa_id, patientId="", **_days(month)) for aid in aids[:4]]
    lines[2] = _line(lines[2], customerNumber="699999")
    _take_in(_announce(f"FU-{month:%Y-%m}-{customer.payer_number}", month, customer.payer_number, lines, version=1, wrong_by="0.01"), lines)


def _decide() -> None:
    """Somebody has begun to look at what the checks have found."""
    decided = (
        (Check.DOUBLE_RENT, Finding.Status.DISPUTED, "Hyran står två gånger. Centralen har lovat en kredit nästa månad."),
        (Check.RENT_NOT_HELD, Finding.Status.ACCEPTED, "Hjälpmedlet lämnades till centralen först i går, återlämningen är fel registrerad."),
    )
    for grant in InvoiceGrant.objects.select_related("assignment__user", "assignment__unit__provider").order_by("pk")[:1]:
        in_force = InvoiceBasis.objects.shown().filter(payer_number=grant.payer_number)
        for check, status, comment in decided:
            finding = Finding.objects.filter(basis__in=in_force, found_by=check, status=Finding.Status.TO_CHECK).order_by("line").first()
            if finding is not None:
                findings.decide(finding, by=grant.assignment, status=status, comment=comment)
