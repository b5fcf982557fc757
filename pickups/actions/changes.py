"""What a person changes in a hämtorder after it was sent, until it is planned: place and contact; or that some or all is not to be fetched."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Assignment
from core.lifecycle import IllegalMove
from ordering import changes as common
from ordering.actions import ask_to_cancel
from ordering.changes import NewDelivery
from ordering.models import ADDRESS_FIELDS, AbstractDeliveryChange
from pickups import sesam2
from pickups.actions import facts
from pickups.actions.drafts import RESOURCE
from pickups.models import PickupItem, PickupOrder


@transaction.atomic
def request_cancellation(order: PickupOrder, *, by: Assignment, reason: str, note: str, lines: Sequence[int] | None = None) -> None:
    """Ask SESAM2 to cancel what is left of the order, or some items; they are makulerade when SESAM2 says so.

    `reason` is one of the contract's codes, `note` 1–500 characters. Raises `IllegalMove` when the pickup is planned, something is
    asked for already, or one of the items is not left to cancel.
    """
    locked, items = facts.open_order(str(order.number))
    left = {line for line, item in items.items() if item.is_open}
    chosen = left if lines is None else set(lines)
    # The row is locked: it is not planned between this look and the request.
    if not locked.can_be_cancelled or not chosen or not chosen <= left:
        raise IllegalMove("planned, or nothing left to cancel")
    is_whole = chosen == left
    named = [{"line": line, "name": items[line].full_name, "quantity": items[line].quantity} for line in sorted(chosen)]
    ask_to_cancel(
        order,
        by=by,
        reason=reason,
        note=note,
        resource=RESOURCE,
        lines=None if is_whole else sorted(chosen),
        details=None if is_whole else {"lines": named},
    )
    PickupItem.objects.filter(order=order, line__in=chosen).update(is_cancellation_requested=True)


@transaction.atomic
def change_place(order: PickupOrder, *, by: Assignment, new: NewDelivery) -> None:
    """Another place or contact. It is in force at once, and until SESAM2 says that it cannot be done.

    Raises `IllegalMove` when the pickup is planned or over, and as `ordering.changes.change_delivery` does.
    """
    locked, _ = facts.open_order(str(order.number))
    if not locked.can_be_changed:
        raise IllegalMove("planned, or over")
    common.change_delivery(locked, by=by, new=new, fields=ADDRESS_FIELDS, message=sesam2.delivery_change, resource=RESOURCE, activity="Ändra hämtplats")


def refuse_change(order: PickupOrder) -> AbstractDeliveryChange | None:
    """See `ordering.changes.refuse_change`."""
    return common.refuse_change(order, fields=ADDRESS_FIELDS)
