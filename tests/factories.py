"""Rows for tests: the fewest that a test needs, made by the product's own actions where there are any.

Alice prescribes at a unit of the region, Bob orders at the same unit, Carol prescribes at another unit of the same
care provider, Dan prescribes at a unit of another care provider.
"""

import datetime
import itertools
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.models import Assignment, CareProvider, CareUnit, Customer, DeliveryPoint, User
from accounts.roles import Role
from catalog import search
from catalog.models import Article, LocalArticle, Supplier
from orders.actions import drafts, orders
from orders.models import Order
from patients.actions import NewAddress, NewContact, register
from patients.identifiers import Identifier, IdentityType
from patients.models import Patient

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
    value = number or test_numbers()[next(_counter) % len(test_numbers())]
    return register(
        by=by or alice(),
        identifier=Identifier(IdentityType.PERSONNUMMER, value),
        given_name=given_name,
        family_name=family_name,
        phone="+46701740606",
        address=NewAddress(**({"street": "Storgatan 1", "postal_code": "44130", "city": "Alingsås", "door_code": "1357"} | address)),
        contact=NewContact("Elsa Tolvansson", "+46701740607", "dotter"),
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


def days_from_now(days: int) -> datetime.date:
    return timezone.localdate() + datetime.timedelta(days=days)
