"""What a person changes in a kundorder after it was sent: its delivery, until despatch; or that it is not wanted any more."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, DeliveryPoint
from core.lifecycle import IllegalMove
from integration import outbox
from ordering.actions import ask_to_cancel
from ordering.sending import NotReady
from orders import sesam2
from orders.actions import facts
from orders.actions.orders import RESOURCE, delivery_of
from orders.models import ANSWERED, DELIVERY_FIELDS, DeliveryChange, Order, OrderLine
from patients import access

# SESAM2 says only when it cannot be done. So long nothing else is asked of it, since a no could not be told apart.
ANSWERED_WITHIN = datetime.timedelta(minutes=15)


class NothingChanged(Exception):
    """The delivery is already as it is asked for."""


class ChangeIsOpen(Exception):
    """SESAM2 may still say no to the change before. `until` is when it may not."""

    def __init__(self, until: datetime.datetime) -> None:
        super().__init__(until)
        self.until = until


@dataclasses.dataclass(frozen=True)
class NewDelivery:
    """Where and to whom. The address is read with HOME alone; an empty door code means that there is none: the asker has said so."""

    method: str
    delivery_point: DeliveryPoint | None = None
    care_of: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    door_code: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    instructions: str = ""


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


def open_change(order: Order) -> DeliveryChange | None:
    """The change to which SESAM2 may still say no."""
    since = timezone.now() - ANSWERED_WITHIN
    return DeliveryChange.objects.filter(order=order, refused_at__isnull=True, at__gt=since).order_by("-id").first()


@transaction.atomic
def change_delivery(order: Order, *, by: Assignment, new: NewDelivery) -> None:
    """Another address, contact or way of delivery. It is in force at once, and until SESAM2 says that it cannot be done.

    Raises `IllegalMove` when something is on its way or the order is closed, `ChangeIsOpen`, `NothingChanged`, `NotReady`
    when it cannot go there, and `access.NoSuchPatient`.
    """
    locked, lines = facts.open_order(str(order.number))
    if not may_change_delivery(locked, list(lines.values())):
        raise IllegalMove("on its way, or closed")
    waiting = open_change(locked)
    if waiting is not None:
        raise ChangeIsOpen(waiting.at + ANSWERED_WITHIN)
    resource = access.Resource(RESOURCE, str(order.number))
    locked.patient = access.open_patient(by, order.patient.public_id, action=access.Action.WRITE, activity="Ändra leverans", resource=resource)
    before = {name: getattr(locked, name) for name in DELIVERY_FIELDS}
    after = _fields(locked, new, by)
    if after == before:
        raise NothingChanged
    _set_delivery(locked, after)
    DeliveryChange.objects.create(order=locked, by=by, before=before, after=after)
    locked.tell("DELIVERY_CHANGED", by=by, details={"changed": _words(before, after)})
    outbox.queue("DeliveryChange", subject=str(order.number), body=sesam2.delivery_change(locked))


def refuse_change(order: Order) -> DeliveryChange | None:
    """SESAM2 says no: the delivery is as it was before the last change. None when no change is left to say no to."""
    change = DeliveryChange.objects.filter(order=order, refused_at__isnull=True).order_by("-id").first()
    if change is None:
        return None
    DeliveryChange.objects.filter(pk=change.pk).update(refused_at=timezone.now())
    _set_delivery(order, change.before)
    return change


def _set_delivery(order: Order, fields: dict[str, Any]) -> None:
    for name in DELIVERY_FIELDS:
        # What the portal has learnt to change since then stays as it is.
        if name in fields:
            setattr(order, name, fields[name])
    order.save(update_fields=[name.removesuffix("_id") for name in DELIVERY_FIELDS])


def _fields(order: Order, new: NewDelivery, by: Assignment) -> dict[str, Any]:
    """All of `DELIVERY_FIELDS` for the new delivery; `order` is left with its method and delivery point."""
    if order.patient.is_protected and new.method != Order.Method.MANUAL_CONTACT:
        raise NotReady([("method", "Välj hur hjälpmedlet ska levereras.")])
    point = new.delivery_point if new.method == Order.Method.DELIVERY_POINT else None
    if new.method == Order.Method.DELIVERY_POINT and (point is None or not point.is_active or point.provider_id != order.unit.provider_id):
        raise NotReady([("delivery_point", "Välj leveranspunkt.")])
    if new.method == Order.Method.UNIT and not order.unit.street:
        raise NotReady([("method", "Din enhet har ingen leveransadress. Kontakta din administratör.")])
    fields: dict[str, Any] = {
        "method": new.method,
        "delivery_point_id": point.pk if point else None,
        "recipient_name": "",
        "care_of": "",
        "street": "",
        "postal_code": "",
        "city": "",
        "door_code": "",
        "has_no_door_code": False,
        "is_hospital": False,
        "contact_name": new.contact_name,
        "contact_phone": new.contact_phone,
        "instructions": "" if new.method == Order.Method.MANUAL_CONTACT else new.instructions,
        **{name: getattr(order, name) for name in DELIVERY_FIELDS if name.startswith("notify_")},
    }
    if new.method == Order.Method.HOME:
        address = {name: getattr(new, name) for name in ("care_of", "street", "postal_code", "city", "door_code")}
        return fields | address | {"recipient_name": order.patient.name, "has_no_door_code": not new.door_code}
    order.method, order.delivery_point = new.method, point
    given = delivery_of(order, by)
    # MANUAL_CONTACT carries a contact of the unit: for a protected person the form asks for that one, for others it asks for a relative.
    if new.method == Order.Method.MANUAL_CONTACT and not order.patient.is_protected:
        return fields | given
    return fields | given | {name: fields[name] for name in ("contact_name", "contact_phone") if fields[name]}


_WORDS = {
    "leveranssätt": ("method", "delivery_point_id"),
    "adress": ("recipient_name", "care_of", "street", "postal_code", "city"),
    "portkod": ("door_code", "has_no_door_code"),
    "kontaktperson": ("contact_name",),
    "kontaktpersonens telefon": ("contact_phone",),
    "meddelande till centralen": ("instructions",),
}


def _words(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [word for word, names in _WORDS.items() if any(before[name] != after[name] for name in names)]
