"""A hämtorder before it is sent."""

import dataclasses
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, Customer, DeliveryPoint
from accounts.permissions import Permission, may
from accounts.roles import Role
from catalog import individuals
from catalog.models import Individual
from core.lifecycle import IllegalMove
from ordering.sending import ChangedMeanwhile
from patients.models import Contact, Loan, Patient
from pickups.models import LoadCarrier, PickupItem, PickupOrder, Reason, Status

RESOURCE = "Hämtorder"
MOST_ITEMS = 300


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An aid to fetch: of what the patient has, so many; or a component that came with the aid that it sits on, and is no loan of its own.

    `part_of` is the individual number of the aid that a component sits on.
    """

    loan: Loan | None = None
    component: Individual | None = None
    quantity: int = 1
    part_of: str = ""


@dataclasses.dataclass(frozen=True)
class Content:
    """All that is filled in. None and "" mean: not filled in (yet). The address is read with HOME and `has_other_address` alone."""

    customer: Customer | None
    reason: str = ""
    is_cleaned: bool | None = None
    has_infection_risk: bool = False
    infection_note: str = ""
    load_carrier: LoadCarrier | None = None
    method: str = PickupOrder.Method.HOME
    has_other_address: bool = False
    delivery_point: DeliveryPoint | None = None
    care_of: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    door_code: str = ""
    has_no_door_code: bool = False
    contact_name: str = ""
    contact_phone: str = ""
    instructions: str = ""


@transaction.atomic
def start(patient: Patient, *, by: Assignment, loans: Iterable[Loan] = (), reason: str = "") -> PickupOrder:
    """A draft for the patient with the given aids, as many as the patient has of each. The one that `by` has begun is gone on with.

    One that is begun with the reason INVESTIGATION, as a felrapport does, may hold aids that are under investigation; it is apart from others.
    """
    begun = PickupOrder.objects.drafts().filter(unit=by.unit, orderer=by, patient=patient, again_of__isnull=True)
    is_investigation = reason == Reason.INVESTIGATION
    begun = begun.filter(reason=Reason.INVESTIGATION) if is_investigation else begun.exclude(reason=Reason.INVESTIGATION)
    order: PickupOrder | None = begun.select_for_update(of=("self",)).order_by("-id").first()
    if order is None:
        contact = None if patient.is_protected else Contact.objects.visible_to(by).filter(patient=patient).first()
        order = PickupOrder.objects.create(
            unit=by.unit,
            patient=patient,
            orderer=by,
            prescriber=_prescriber(by),
            customer=by.unit.customers.order_by("-is_standard", "number").first(),
            reason=reason,
            method=PickupOrder.Method.MANUAL_CONTACT if patient.is_protected else PickupOrder.Method.HOME,
            contact_name=contact.name if contact else "",
            contact_phone=contact.phone if contact else "",
        )
    has = wanted_of(order)
    more = [Wanted(loan=loan, quantity=left_of(loan) or 1, part_of=part_of(loan)) for loan in loans if loan.pk not in {one.loan.pk for one in has if one.loan}]
    if more:
        put_items(order, [*has, *more])
        _count_up(order)
    return order


def _prescriber(by: Assignment) -> Assignment:
    """Who answers for it: the one who orders, or the unit's only prescriber."""
    if may(by, Permission.PRESCRIBE):
        return by
    others = list(Assignment.objects.current().filter(unit=by.unit, role=Role.PRESCRIBER)[:2])
    return others[0] if len(others) == 1 else by


def left_of(loan: Loan) -> int:
    """How many of it the patient has that stand on no hämtorder yet."""
    return max(0, loan.held - loan.on_pickup)


def part_of(loan: Loan) -> str:
    """The individual number of the aid that it sits on, where that is known."""
    individual = individuals.find(loan.individual_number) if loan.individual_number else None
    return individual.parent.number if individual and individual.parent else ""


def wanted_of(order: PickupOrder) -> list[Wanted]:
    """What the order holds."""
    items = list(order.items.select_related("loan__article__local").order_by("line"))
    numbers = [item.individual_number for item in items if item.loan_id is None]
    found = Individual.objects.select_related("article__local").filter(number__in=numbers, article__isnull=False) if numbers else ()
    components = {individual.number: individual for individual in found}
    return [
        Wanted(loan=item.loan, component=components.get(item.individual_number), quantity=item.quantity, part_of=item.part_of_individual)
        for item in items
        if item.loan is not None or item.individual_number in components
    ]


def put_items(order: PickupOrder, wanted: Sequence[Wanted]) -> None:
    """The items of a draft, numbered in their order; what was there before is gone."""
    PickupItem.objects.filter(order=order).delete()
    PickupItem.objects.bulk_create(_item(order, line, one) for line, one in enumerate(wanted[:MOST_ITEMS], 1))


def _item(order: PickupOrder, line: int, wanted: Wanted) -> PickupItem:
    what = wanted.loan or wanted.component
    assert what is not None  # one of the two is there
    assert what.article is not None  # a component that is offered has one
    return PickupItem(
        order=order,
        line=line,
        loan=wanted.loan,
        article=what.article,
        article_name=what.article.display_name,
        article_number=what.article.display_number,
        quantity=wanted.quantity,
        individual_number=wanted.loan.individual_number if wanted.loan else what.number if isinstance(what, Individual) else "",
        part_of_individual=wanted.part_of,
    )


@transaction.atomic
def save(order: PickupOrder, *, content: Content, wanted: Sequence[Wanted], seen: int | None = None) -> None:
    """Write what was typed and ticked. `seen` is the version that the page showed.

    Raises `IllegalMove` when the order is sent or thrown away, `ChangedMeanwhile` when it is no longer the version seen.
    """
    lock(order, seen=seen)
    fields = {field.name: getattr(content, field.name) for field in dataclasses.fields(content)}
    PickupOrder.objects.filter(pk=order.pk).update(**fields)
    put_items(order, wanted)


@transaction.atomic
def discard(order: PickupOrder, *, by: Assignment) -> None:
    """Throw the draft away. It stays in the database as makulerad, without a number, and is shown nowhere. Raises `IllegalMove`."""
    lock(order)
    order.move_to(Status.CANCELLED, event="DISCARDED", by=by)


def lock(order: PickupOrder, *, seen: int | None = None) -> None:
    """Locked, so that it isn't sent in the middle; its version is counted up, also on `order`."""
    locked = PickupOrder.objects.select_for_update().filter(pk=order.pk, status=Status.DRAFT).only("pk", "version").first()
    if locked is None:
        raise IllegalMove("sent, or thrown away")
    order.version = locked.version
    if seen is not None and seen != locked.version:
        raise ChangedMeanwhile
    _count_up(order)


def _count_up(order: PickupOrder) -> None:
    order.version += 1
    PickupOrder.objects.filter(pk=order.pk).update(version=order.version, changed_at=timezone.now())
