"""What a person changes in a kundorder after it was sent: its delivery, until despatch; or that it is not wanted any more."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Assignment
from core.lifecycle import IllegalMove
from ordering import changes as common
from ordering.actions import ask_to_cancel
from ordering.changes import ANSWERED_WITHIN, ChangeIsOpen, NewDelivery, NothingChanged, open_change
from ordering.models import AbstractDeliveryChange
from orders import sesam2
from orders.actions import facts
from orders.actions.orders import RESOURCE, told_of
from orders.models import ANSWERED, DELIVERY_FIELDS, Order, OrderLine

__all__ = [
    "ANSWERED_WITHIN",
    "ChangeIsOpen",
    "NewDelivery",
    "NothingChanged",
    "change_delivery",
    "may_change_delivery",
    "open_change",
    "refuse_change",
    "request_cancellation",
]

# --- Cancelling ------------------------------------------------------------------------------------


@transaction.atomic
def request_cancellation(order: Order, *, by: Assignment, reason: str, note: str, lines: Sequence[int] | None = None) -> None:
    """Ask SESAM2 to cancel what is left of the order, or of some lines; it is makulerad when SESAM2 says so.

    `reason` is one of the contract's codes, `note` 1–500 characters. Raises `IllegalMove` when nothing is left to
    cancel, also of one of the lines, and when something is asked for already.
    """
    if order.number is None:
        raise IllegalMove("not sent")
    _, all_lines = facts.open_order(order.number)
    left = {number for number, line in all_lines.items() if line.outstanding}
    chosen = left if lines is None else set(lines)
    if not chosen or not chosen <= left:
        raise IllegalMove("nothing left to cancel")
    is_whole = chosen == left
    named = [{"name": all_lines[number].article.display_name, "quantity": all_lines[number].outstanding} for number in sorted(chosen)]
    ask_to_cancel(
        order,
        by=by,
        reason=reason,
        note=note,
        resource=order.kind_word,
        lines=None if is_whole else sorted(chosen),
        details=None if is_whole else {"lines": named},
    )
    OrderLine.objects.filter(order=order, line__in=chosen).update(is_cancellation_requested=True)


# --- The delivery ----------------------------------------------------------------------------------


def may_change_delivery(order: Order, lines: Sequence[OrderLine]) -> bool:
    """Of a kundorder, until despatch: nothing of it is on its way or has come. A store lies where it lies."""
    return order.kind == Order.Kind.CUSTOMER and order.status in ANSWERED and not any(line.despatched or line.delivered for line in lines)


@transaction.atomic
def change_delivery(order: Order, *, by: Assignment, new: NewDelivery) -> None:
    """Another address, contact or way of delivery. It is in force at once, and until SESAM2 says that it cannot be done.

    Raises `IllegalMove` when something is on its way or the order is closed, and as `ordering.changes.change_delivery` does.
    """
    locked, lines = facts.open_order(str(order.number))
    if not may_change_delivery(locked, list(lines.values())):
        raise IllegalMove("on its way, or closed")
    common.change_delivery(
        locked,
        by=by,
        new=new,
        fields=DELIVERY_FIELDS,
        message=sesam2.delivery_change,
        resource=RESOURCE,
        activity="Ändra leverans",
        also=lambda: told_of(locked),
    )


def refuse_change(order: Order) -> AbstractDeliveryChange | None:
    """See `ordering.changes.refuse_change`."""
    return common.refuse_change(order, fields=DELIVERY_FIELDS)
