"""Rows for tests: the fewest that a test needs, made by the product's own actions where there are any.

Alice prescribes at a unit of the region, Bob orders at the same unit, Carol prescribes at another unit of the same
care provider, Dan prescribes at a unit of another care provider.
"""

import datetime
import io
import itertools
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from PIL import Image

from accounts.models import Assignment, CareProvider, CareUnit, Customer, DeliveryPoint, User
from accounts.roles import Role
from catalog import search
from catalog.models import Article, Category, LocalArticle, PrescribingRule, Relation, SubstitutionGroup, Supplier
from core.workdays import next_workday
from integration.attachments import check
from integration.models import Attachment
from orders.actions import approvals, attachments, drafts, orders, reports
from orders.models import Order
from patients.actions import DeliveredAid, NewAddress, NewContact, register, set_loans
from patients.identifiers import Identifier, IdentityType
from patients.models import Loan, Patient

DATA = Path(__file__).parent / "data"
SUPPLIER_GLN = "7359999900024"
_counter = itertools.count(1)


@cache
def test_numbers() -> list[str]:
    """Personnummer that Skatteverket publishes for tests; the only ones that may stand here."""
    lines = (DATA / "test-personnummer.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def provider(name: str = "Västra Götalandsregionen", kind: str = "REGION") -> CareProvider:
    found, _ = CareProvider.objects.get_or_create(name=name, defaults={"hsa_id": f"SE2321000131-P{next(_counter):04}", "kind": kind})
    return found


def unit(name: str = "Rehab Alingsås torg", *, of: CareProvider | None = None, is_hospital: bool = False) -> CareUnit:
    found = CareUnit.objects.filter(name=name).first()
    if found is not None:
        return found
    number = next(_counter)
    made = CareUnit.objects.create(
        provider=of or provider(),
        hsa_id=f"SE2321000131-E{number:04}",
        name=name,
        phone="+46313900600",
        street="Torggatan 1",
        postal_code="44130",
        city="Alingsås",
        is_hospital=is_hospital,
    )
    Customer.objects.create(unit=made, number=f"6{number:05}", name=name, payer_number=f"9{number:05}", payer_name=made.provider.name, is_standard=True)
    return made


def assignment(name: str, role: str, *, at: CareUnit) -> Assignment:
    user = User.objects.filter(name=name).first() or User.objects.create_user(
        f"SE2321000131-U{next(_counter):04}", name, title="Arbetsterapeut", phone="+46701740605", email="namn@example.se"
    )
    made, _ = Assignment.objects.get_or_create(user=user, unit=at, role=role)
    return Assignment.objects.select_related("user", "unit__provider").get(pk=made.pk)


def alice() -> Assignment:
    return assignment("Alice Ask", Role.PRESCRIBER, at=unit())


def bob() -> Assignment:
    return assignment("Bob Björk", Role.ORDERER, at=unit())


def carol() -> Assignment:
    return assignment("Carol Ceder", Role.PRESCRIBER, at=unit("Vårdcentralen Sörhaga"))


def dan() -> Assignment:
    return assignment("Dan Druva", Role.PRESCRIBER, at=unit("Hemsjukvården Alingsås", of=provider("Alingsås kommun", "MUNICIPALITY")))


def delivery_point(of: CareProvider | None = None) -> DeliveryPoint:
    number = next(_counter)
    return DeliveryPoint.objects.create(
        provider=of or provider(), number=f"LP{number}", name="Särskilt boende Ängabo", street="Ängabogatan 2", postal_code="44133", city="Alingsås"
    )


def patient(by: Assignment | None = None, *, number: str = "", given_name: str = "Tolvan", family_name: str = "Tolvansson", **address: Any) -> Patient:
    """Registered and opened by `by`, with an address, a phone and a contact person."""
    value = number or test_numbers()[next(_counter) % 498]  # those from 498 on are for tests that choose a number
    return register(
        by=by or alice(),
        identifier=Identifier(IdentityType.PERSONNUMMER, value),
        given_name=given_name,
        family_name=family_name,
        phone="+46701740606",
        address=NewAddress(**({"street": "Storgatan 1", "postal_code": "44130", "city": "Alingsås", "door_code": "1357"} | address)),
        contact=NewContact("Elsa Tolvansson", "+46701740607", "dotter"),
    )


def lma_patient(by: Assignment | None = None, *, number: str = "", days: int = 30) -> Patient:
    """An asylum seeker, whose LMA card holds for so many days."""
    return register(
        by=by or alice(),
        identifier=Identifier(IdentityType.LMA, number or f"52-{next(_counter):06}"),
        given_name="Elva",
        family_name="Elvansson",
        phone="+46701740606",
        address=NewAddress("Storgatan 1", "44130", "Alingsås"),
        contact=None,
        valid_until=days_from_now(days),
    )


def article(
    name: str = "Rullstol Allround 45 cm", *, number: str = "", sesam_number: str = "", price: Decimal | None = Decimal("212.50"), **fields: Any
) -> Article:
    """An orderable article with SESAM2's number and the centre's price."""
    supplier, _ = Supplier.objects.get_or_create(gln=SUPPLIER_GLN, defaults={"name": "Rullande Hjälp AB"})
    running = next(_counter)
    made = Article.objects.create(
        **{
            "supplier": supplier,
            "number": number or f"T-{running}",
            "feed_id": f"T-{running}",
            "feed_hash": f"{running}",
            "name": name,
            "article_type": "H",
            "order_unit": "ST",
            "status": "PUBLISHED",
            "feed_updated_at": timezone.now(),
        }
        | fields
    )
    LocalArticle.objects.create(article=made, sesam_number=sesam_number or f"7{running:05}", shown_price=price, is_orderable=True, is_published=True)
    search.refresh([made.pk])
    return Article.objects.select_related("supplier", "local").get(pk=made.pk)


def draft(by: Assignment | None = None, *, to: Patient | None = None, lines: int = 3, quantity: int = 1) -> Order:
    """A draft that can be sent as it is."""
    by = by or alice()
    made = drafts.start(to or patient(by), by=by)
    for _ in range(lines):
        drafts.add_article(made, article(), quantity=quantity)
    return Order.objects.get(pk=made.pk)


def order(by: Assignment | None = None, *, to: Patient | None = None, lines: int = 1, quantity: int = 1) -> Order:
    """A sent order."""
    by = by or alice()
    number = orders.place(draft(by, to=to, lines=lines, quantity=quantity), by=by)
    return Order.objects.get(number=number)


def category(code: str, name: str = "Manuella rullstolar") -> Category:
    return Category.objects.get_or_create(edition="2022", code=code, defaults={"name": name})[0]


def article_of(code: str, name: str = "Rullstol Allround 45 cm", **local: Any) -> Article:
    """An orderable article of an ISO class, with these values of the centre's own."""
    made = article(name, category=category(code))
    LocalArticle.objects.filter(article=made).update(**local)
    search.refresh([made.pk])
    return Article.objects.select_related("supplier", "local", "category").get(pk=made.pk)


def rule(mode: str, *, of: CareProvider | None = None, profession: str = "", iso_prefix: str = "", text: str = "", is_active: bool = True) -> PrescribingRule:
    """A rule of prescribing right, in the place of one with the same key."""
    values = {"mode": mode, "text": text or f"Regel {mode} {iso_prefix} {profession}".strip() + ".", "is_active": is_active}
    return PrescribingRule.objects.update_or_create(provider=of, profession=profession, iso_prefix=iso_prefix, defaults=values)[0]


def approver(at: CareUnit | None = None, name: str = "Eva Ek") -> Assignment:
    return assignment(name, Role.APPROVER, at=at or unit())


def draft_to_approve(by: Assignment | None = None, *, to: Patient | None = None) -> Order:
    """A draft with one line that needs approval, at a unit with an approver."""
    by = by or alice()
    rule("APPROVAL", iso_prefix="1236", text="Lyftar ska godkännas av enhetschefen.")
    approver(by.unit)
    made = drafts.start(to or patient(by), by=by)
    drafts.add_article(made, article_of("123603", "Personlyft Atlas"))
    return Order.objects.get(pk=made.pk)


def waiting_order(by: Assignment | None = None, *, to: Patient | None = None, justification: str = "Patienten kan inte förflytta sig på annat sätt.") -> Order:
    """An order that waits for approval."""
    by = by or alice()
    made = draft_to_approve(by, to=to)
    approvals.ask(made, by=by, justification=justification)
    return Order.objects.get(pk=made.pk)


def loan(order: Order, individual_number: str = "", *, line: int = 1, **changes: Any) -> Loan:
    """The aid of a line of a sent order, as it was delivered."""
    source = f"{order.number}/{next(_counter)}/{line}"
    aid = DeliveredAid(order.lines.get(line=line).article, individual_number)
    by = Assignment.objects.select_related("unit__provider").get(pk=order.orderer_id)
    with transaction.atomic():
        set_loans(patient=order.patient, ordered_by=by, order_number=str(order.number), source=source, started_at=timezone.now(), aids=[aid])
    Loan.objects.filter(source=source).update(**changes)
    return Loan.objects.get(source=source)


def again(order: Order) -> Order:
    """The order as it is now."""
    return Order.objects.get(pk=order.pk)


def trial(by: Assignment | None = None, *, to: Patient | None = None, purpose: str = "TRIAL", days: int = 60, lines: int = 1) -> Order:
    """A trial (or a short loan) that has been delivered."""
    by = by or alice()
    made = draft(by, to=to, lines=lines)
    Order.objects.filter(pk=made.pk).update(purpose=purpose, ends_on=days_from_now(days))
    number = orders.place(made, by=by)
    now = timezone.now()
    reports.record_delivery(number, sequence=1, despatch_number="", delivered_at=now, is_receipted=True, signed_by="mottagaren", lines=None)
    return Order.objects.get(number=number)


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG") -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, "teal").save(output, kind)
    return output.getvalue()


def attachment(order: Order, *, by: Assignment | None = None, name: str = "foto.jpg", data: bytes = b"") -> Attachment:
    """A file on a draft."""
    return attachments.attach(order, check(io.BytesIO(data or picture()), name), by=by or order.orderer)


def fits(part: Article, whole: Article) -> None:
    """The catalogue says that the accessory fits the aid."""
    Relation.objects.create(kind="FITS_TO", from_article=part, to_article=whole)


def group(*articles: Article, fixed: bool = False) -> None:
    """The articles are equal; the first is out of stock, the others are in stock."""
    made = SubstitutionGroup.objects.create(number=f"E{next(_counter)}", is_fixed=fixed)
    LocalArticle.objects.filter(article__in=articles).update(substitution_group=made, delivery_class="STOCKED", availability="IN_STOCK")
    LocalArticle.objects.filter(article=articles[0]).update(availability="OUT")


def workday_from_now(days: int) -> datetime.date:
    """The first day, so many days from now or later, on which something can be delivered."""
    return next_workday(days_from_now(days))


def days_from_now(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)
