"""What the start page shows of the unit's open orders of all kinds, newest first. A new kind of order adds its line to `KINDS`, and nothing else."""

import dataclasses
import datetime
from collections.abc import Callable
from typing import Any

from accounts.models import Assignment
from core.templatetags.ui import day, last_day
from ordering import listing
from orders.models import Order
from patients import access
from patients.models import Patient
from pickups.models import PickupOrder
from workorders.models import WorkOrder


@dataclasses.dataclass(frozen=True)
class Row:
    """`about` is what the order is for, `detail` more of it, `when` the day that matters next, in words."""

    url: str
    number: str
    placed_at: datetime.datetime
    patient: Patient | None
    about: str
    detail: str
    when: str
    word: str
    tone: str


@dataclasses.dataclass(frozen=True)
class Kind:
    """`open` gives the open orders that the person's lists show; `resource` is the kind's name in the access log."""

    resource: str
    open: Callable[[Assignment], Any]
    row: Callable[[Any], Row]


def _order_row(order: Order) -> Row:
    names = [line.article_name for line in order.lines.all()]
    about = ", ".join(names[:2]) + (" och mer" if len(names) > 2 else "")
    return _row(order, about=about, when=day(order.promised_on), is_late=order.is_delayed, detail=order.store.name if order.store is not None else "")


def _work_row(order: WorkOrder) -> Row:
    when = f"besök {day(order.planned_on)}" if order.planned_on else f"senast {day(last_day(order.done_by))}" if order.done_by else ""
    detail = ", ".join(text for text in (order.aid_name, order.individual_number) if text)
    is_late = order.is_late and order.status != "NEEDS_COMPLETION"
    return _row(order, about=order.get_kind_display(), detail=detail, when=when, is_late=is_late)


def _pickup_row(order: PickupOrder) -> Row:
    when = f"hämtas {day(order.promised_on)}" if order.promised_on else f"hämtas senast {day(order.fetch_by)}"
    return _row(order, about="Hämtning", detail=order.summary, when=when, is_late=order.is_late)


def _row(order: Any, *, about: str, when: str, is_late: bool, detail: str = "") -> Row:
    word, tone = ("Försenad", "warning") if is_late else (order.shown_status.label, order.shown_status.tone)
    return Row(order.get_absolute_url(), order.number, order.placed_at, order.patient, about, detail, when, word, tone)


KINDS = (
    Kind("Kundorder", lambda assignment: Order.objects.listed_to(assignment).open(), _order_row),
    Kind("Arbetsorder", lambda assignment: WorkOrder.objects.listed_to(assignment).open(), _work_row),
    Kind("Hämtorder", lambda assignment: PickupOrder.objects.listed_to(assignment).open(), _pickup_row),
)


def newest(assignment: Assignment, *, size: int) -> tuple[list[Row], list[tuple[Patient, access.Resource]]]:
    """The newest `size` of all kinds, and what the access log shall hold of them. One page of each kind is read, whatever there is."""
    found = []
    for kind in KINDS:
        orders = kind.open(assignment).for_list().order_by("-placed_at", "-id")[:size]
        found += [(kind.row(order), access.Resource(kind.resource, order.number)) for order in orders]
    found.sort(key=lambda item: item[0].placed_at, reverse=True)
    shown = found[:size]
    return [row for row, _ in shown], [(row.patient, resource) for row, resource in shown if row.patient is not None]


def count(assignment: Assignment) -> listing.Count:
    """How many there are, of each kind counted no further than `listing.MOST_COUNTED`."""
    return listing.Count(sum(listing.count(kind.open(assignment)).number for kind in KINDS))
