"""What is known of that which a report is about: looked up by the numbers that an address or a form names, and never further than the reporter may see.

What the unit has not, or has not opened, is not there. A patient is opened through the one door, so that the look is in the access log.
"""

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

from accounts.models import Assignment
from accounts.permissions import Permission, may
from buffer.models import StockIndividual, Store
from catalog import individuals
from catalog.models import Article, Individual
from orders.models import Despatch, Order, OrderLine
from patients import access
from patients.models import Loan, Patient
from pickups.models import PickupOrder
from workorders.models import WorkOrder

RESOURCE = "Felrapport"
ACTIVITY = "Ny felrapport"


class NotKnown(Exception):
    """No such thing for this unit. `field` is what named it, `text` is Swedish and tells nothing of what others have."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field)
        self.field, self.text = field, text


class Elsewhere(NotKnown):
    """It is there, with another patient: one whom the unit has not opened, or another than the report is about."""


@dataclasses.dataclass(frozen=True)
class Known:
    """What a report is about, as far as it is known. Empty: not known."""

    patient: Patient | None = None
    loan: Loan | None = None
    individual: Individual | None = None
    article: Article | None = None
    individual_number: str = ""
    article_number: str = ""
    aid_name: str = ""
    store_number: str = ""
    order_number: str = ""
    order_line: int | None = None
    despatch_number: str = ""
    basis_number: str = ""
    basis_line: int | None = None

    @property
    def has_aid(self) -> bool:
        return bool(self.aid_name)

    @property
    def is_empty(self) -> bool:
        return self == Known()

    def joined(self, other: "Known") -> "Known":
        """Both; where both tell the same, this one's. Raises `Elsewhere` when they are about different patients."""
        if self.patient and other.patient and self.patient.pk != other.patient.pk:
            raise Elsewhere("order", "Numret gäller en annan patient än resten av felrapporten.")
        aid = self if self.has_aid else other
        of_aid = {name: getattr(aid, name) for name in ("loan", "individual", "article", "individual_number", "article_number", "aid_name")}
        rest = {field.name: getattr(self, field.name) or getattr(other, field.name) for field in dataclasses.fields(self) if field.name not in of_aid}
        return Known(**of_aid, **rest)


@dataclasses.dataclass(frozen=True)
class Named:
    """The numbers that an address (or a form) names. Each is looked up in the reporter's scope; none is believed."""

    patient: uuid.UUID | None = None
    loan: int | None = None
    individual: str = ""
    article: int | None = None
    store: str = ""
    order: str = ""
    line: int | None = None
    despatch: str = ""
    basis: str = ""
    basis_line: int | None = None


def look_up(named: Named, *, by: Assignment) -> Known:
    """Raises `NotKnown` for the first that is not there for `by`."""
    found = Known()
    for look in _LOOKS:
        found = found.joined(look(named, by))
    return found


def of_aid(article: Article, *, number: str = "") -> dict[str, Any]:
    """The aid in the report's own words."""
    return {"article": article, "individual_number": number, "article_number": article.display_number, "aid_name": article.display_name}


# --- Each number --------------------------------------------------------------------------------------


def _patient(named: Named, by: Assignment) -> Known:
    if named.patient is None:
        return Known()
    patient = _opened(named.patient, by)
    if patient is None:
        raise NotKnown("patient", "Enheten har inte öppnat patienten.")
    return Known(patient=patient)


def _loan(named: Named, by: Assignment) -> Known:
    """An aid of the patient that the address names: one that he or she has now."""
    if named.loan is None:
        return Known()
    loans = Loan.objects.visible_to(by).current().filter(pk=named.loan, patient__public_id=named.patient)
    loan = loans.select_related("article__local", "patient").first()
    if loan is None or not _may_open(by):
        raise NotKnown("loan", "Patienten har inte hjälpmedlet.")
    return Known(loan=loan, **of_aid(loan.article, number=loan.individual_number))


def _individual(named: Named, by: Assignment) -> Known:
    """An aid by the number on its label, which may be one that has been replaced: with a patient of the unit, or in one of its stores."""
    if not named.individual:
        return Known()
    number = individuals.current_numbers([named.individual]).get(named.individual, named.individual)
    loan = Loan.objects.visible_to(by).current().filter(individual_number=number).select_related("article__local", "patient").first()
    if loan is None:
        return _in_store(number, by)
    patient = _opened(loan.patient.public_id, by)
    if patient is None:
        raise Elsewhere("individual", "Hjälpmedlet är hos någon som enheten inte har öppnat. Sök upp patienten först, om du har en vårdrelation.")
    return Known(patient=patient, loan=loan, **of_aid(loan.article, number=number))


def _in_store(number: str, by: Assignment) -> Known:
    """An aid that lies in a store of the unit."""
    lying = StockIndividual.objects.filter(individual__number=number, line__store__in=Store.objects.visible_to(by))
    found = lying.select_related("individual", "line__store", "line__article__local").first() if may(by, Permission.SEE_STORE) else None
    if found is None:
        raise NotKnown("individual", "Varken enhetens patienter eller dess förråd har ett hjälpmedel med det numret.")
    return Known(individual=found.individual, store_number=found.line.store.number, **of_aid(found.line.article, number=number))


def _order(named: Named, by: Assignment) -> Known:
    if not named.order:
        return Known()
    look = _ORDERS.get(named.order[:1]) if may(by, Permission.SEE_ORDERS) else None
    found = look(named, by) if look else None
    if found is None:
        raise NotKnown("order", "Enheten har ingen beställning med det numret.")
    return found


def _customer_order(named: Named, by: Assignment) -> Known | None:
    order = Order.objects.visible_to(by).sent().filter(number=named.order).select_related("patient").first()
    patient = _opened(order.patient.public_id, by) if order else None
    if order is None or patient is None:
        return None
    about = Known(patient=patient, order_number=str(order.number), order_line=named.line)
    if named.line is None:
        return about
    line = OrderLine.objects.filter(order=order, line=named.line).select_related("article__local").first()
    if line is None:
        return None
    # What came by the line, where that is one aid that the patient still has.
    loans = list(Loan.objects.visible_to(by).current().filter(patient=patient, source__startswith=f"{order.number}/", source__endswith=f"/{named.line}")[:2])
    if len(loans) == 1:
        loan = Loan.objects.select_related("article__local").get(pk=loans[0].pk)
        return dataclasses.replace(about, loan=loan, **of_aid(loan.article, number=loan.individual_number))
    return dataclasses.replace(about, **of_aid(line.article))


def _work_order(named: Named, by: Assignment) -> Known | None:
    order = WorkOrder.objects.visible_to(by).sent().filter(number=named.order).select_related("patient", "loan__article__local").first()
    patient = _opened(order.patient.public_id, by) if order else None
    if order is None or patient is None:
        return None
    about = Known(patient=patient, order_number=str(order.number))
    if order.loan is not None and order.loan.ended_at is None:
        return dataclasses.replace(about, loan=order.loan, **of_aid(order.loan.article, number=order.loan.individual_number))
    return dataclasses.replace(about, individual_number=order.individual_number, article_number=order.article_number, aid_name=order.aid_name)


def _pickup(named: Named, by: Assignment) -> Known | None:
    """With a line: the aid that was to be fetched, which the patient may have left on the list."""
    order = PickupOrder.objects.visible_to(by).sent().filter(number=named.order).select_related("patient").first()
    patient = _opened(order.patient.public_id, by) if order and order.patient else None
    if order is None or (patient is None and order.patient is not None):
        return None
    about = Known(patient=patient, order_number=str(order.number), order_line=named.line)
    if named.line is None:
        return about
    item = order.items.filter(line=named.line).select_related("loan", "article__local").first()
    if item is None:
        return None
    return dataclasses.replace(about, loan=item.loan, **of_aid(item.article, number=item.individual_number))


_ORDERS: dict[str, Callable[[Named, Assignment], Known | None]] = {"K": _customer_order, "A": _work_order, "H": _pickup}


def _despatch(named: Named, by: Assignment) -> Known:
    """A följesedel of one of the unit's orders, which then is known too."""
    if not named.despatch:
        return Known()
    orders = Order.objects.visible_to(by).sent()
    despatches = Despatch.objects.filter(number=named.despatch, order__in=orders).select_related("order__patient")
    if named.order:
        despatches = despatches.filter(order__number=named.order)
    despatch = despatches.order_by("-id").first() if may(by, Permission.SEE_ORDERS) else None
    patient = _opened(despatch.order.patient.public_id, by) if despatch else None
    if despatch is None or patient is None:
        raise NotKnown("despatch", "Enheten har ingen leverans med det följesedelsnumret.")
    return Known(patient=patient, order_number=str(despatch.order.number), despatch_number=despatch.number)


def _article(named: Named, by: Assignment) -> Known:
    if named.article is None:
        return Known()
    article = Article.objects.published().filter(pk=named.article).select_related("local").first()
    if article is None:
        raise NotKnown("article", "Artikeln finns inte.")
    return Known(**of_aid(article))


def _store(named: Named, by: Assignment) -> Known:
    if not named.store:
        return Known()
    store = Store.objects.visible_to(by).filter(number=named.store).first() if may(by, Permission.SEE_STORE) else None
    if store is None:
        raise NotKnown("store", "Enheten har inget förråd med det numret.")
    return Known(store_number=store.number)


def _invoice_line(named: Named, by: Assignment) -> Known:
    """What the report quotes of an invoice: text for whoever answers, by which nothing is looked up, so nothing is told."""
    if not named.basis:
        return Known()
    if named.basis_line is None:
        raise NotKnown("basis", "Skriv vilken rad i fakturaunderlaget det gäller.")
    return Known(basis_number=named.basis, basis_line=named.basis_line)


# What is closest to the aid first: it tells the most of it.
_LOOKS = (_patient, _loan, _individual, _order, _despatch, _store, _article, _invoice_line)


def _opened(public_id: uuid.UUID, by: Assignment) -> Patient | None:
    """The patient, through the one door; None where it is closed."""
    if not _may_open(by):
        return None
    try:
        return access.open_patient(by, public_id, activity=ACTIVITY, resource=access.Resource(RESOURCE))
    except access.NoSuchPatient:
        return None


def _may_open(by: Assignment) -> bool:
    return may(by, Permission.OPEN_PATIENT)
