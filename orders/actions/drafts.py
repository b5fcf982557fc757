"""A kundorder before it is sent."""

import dataclasses
import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from accounts.permissions import Permission, may
from accounts.roles import Role
from catalog.models import Article
from core.lifecycle import IllegalMove
from orders.models import MOST_OF_AN_ARTICLE, Order, OrderLine, Status
from patients.models import Contact, Patient


class TooMany(Exception):
    """More of an article than one order may hold (`MOST_OF_AN_ARTICLE`)."""


class ChangedMeanwhile(Exception):
    """The draft is another than the one that was seen: a colleague, or another tab, has changed it."""


@dataclasses.dataclass(frozen=True)
class Content:
    """What is written on a draft, apart from its lines. None and "" mean: not chosen yet."""

    customer: Customer | None
    prescriber: Assignment | None
    method: str
    delivery_point: DeliveryPoint | None = None
    requested_on: datetime.date | None = None
    accepts_equivalent: bool = True
    deliver_together: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    instructions: str = ""


@transaction.atomic
def start(patient: Patient, *, by: Assignment) -> Order:
    """A draft for the patient; the one that `by` began for the patient and left empty, if there is one."""
    empty = Order.objects.drafts().filter(unit=by.unit, orderer=by, patient=patient, lines__isnull=True, again_of__isnull=True).first()
    if empty is not None:
        return empty
    contact = Contact.objects.visible_to(by).filter(patient=patient).first()
    order = Order.objects.create(
        unit=by.unit,
        patient=patient,
        orderer=by,
        prescriber=by,
        customer=by.unit.customers.order_by("-is_standard", "number").first(),
        method=Order.Method.MANUAL_CONTACT if patient.is_protected else Order.Method.HOME,
        contact_name="" if patient.is_protected or contact is None else contact.name,
        contact_phone="" if patient.is_protected or contact is None else contact.phone,
    )
    if not may(by, Permission.PRESCRIBE):
        # A nurse orders for a doctor: who prescribes must be chosen, never assumed.
        prescribers = list(prescribers_of(by)[:2])
        if len(prescribers) == 1:
            Order.objects.filter(pk=order.pk).update(prescriber=prescribers[0])
    return order


def prescribers_of(by: Assignment) -> QuerySet[Assignment]:
    """Those who may stand as prescriber on an order of the unit."""
    return Assignment.objects.current().filter(unit=by.unit, role=Role.PRESCRIBER).select_related("user").order_by("user__name")


@transaction.atomic
def save(order: Order, *, content: Content, quantities: dict[int, int], seen: int | None = None) -> None:
    """Write what was typed. `quantities` is quantity by line number, `seen` the version that the page showed.

    Raises `IllegalMove` when the draft was sent or thrown away, `ChangedMeanwhile` when it is no longer the version seen.
    """
    _lock(order, seen=seen)
    fields = {field.name: getattr(content, field.name) for field in dataclasses.fields(content)}
    if fields["prescriber"] is None:
        del fields["prescriber"]
    Order.objects.filter(pk=order.pk).update(**fields)
    for line in OrderLine.objects.filter(order=order):
        quantity = quantities.get(line.line)
        if quantity is not None and quantity != line.quantity:
            OrderLine.objects.filter(pk=line.pk).update(quantity=quantity)


@transaction.atomic
def add_article(order: Order, article: Article, *, quantity: int = 1) -> None:
    """A new line, or more on the line that has the article. Raises `TooMany`, and `IllegalMove` as `save` does."""
    _lock(order)
    line = OrderLine.objects.filter(order=order, article=article).first()
    total = quantity + (line.quantity if line else 0)
    if total > MOST_OF_AN_ARTICLE:
        raise TooMany
    if line is not None:
        OrderLine.objects.filter(pk=line.pk).update(quantity=total)
    else:
        last = OrderLine.objects.filter(order=order).aggregate(last=Max("line"))["last"] or 0
        # Name and price as they are shown now; `place` takes those that are in force then.
        OrderLine.objects.create(
            order=order,
            line=last + 1,
            article=article,
            article_name=article.display_name,
            article_number=article.display_number,
            quantity=quantity,
            unit_price=article.unit_price(),
        )


@transaction.atomic
def remove_line(order: Order, line: int) -> None:
    """Take a line off the draft; one that is not there is no error."""
    _lock(order)
    OrderLine.objects.filter(order=order, line=line).delete()


@transaction.atomic
def discard(order: Order, *, by: Assignment) -> None:
    """Throw the draft away. It stays in the database as makulerad, without a number, and is shown nowhere. Raises `IllegalMove` as `save` does."""
    _lock(order)
    order.move_to(Status.CANCELLED, event="DISCARDED", by=by)


def _lock(order: Order, *, seen: int | None = None) -> None:
    """Only a draft may be written on; the row stays locked so that it isn't sent in the middle. Counts its version up, also on `order`."""
    version = Order.objects.select_for_update().filter(pk=order.pk, status=Status.DRAFT).values_list("version", flat=True).first()
    if version is None:
        raise IllegalMove("no longer a draft")
    if seen is not None and seen != version:
        order.version = version
        raise ChangedMeanwhile
    order.version = version + 1
    Order.objects.filter(pk=order.pk).update(version=order.version, changed_at=timezone.now())
