"""Where a sent order goes is changed, in force at once, until SESAM2 says that it cannot be done.

SESAM2 answers a change only when it refuses, and does not say which (contract, section 5).
"""

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, DeliveryPoint
from integration import contract, outbox
from ordering.models import AbstractDelivery, AbstractDeliveryChange, DeliveredOrder
from ordering.sending import NotReady, address_of
from patients import access

# So long nothing else is asked of SESAM2, since a no could not be told apart.
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


def open_change(order: DeliveredOrder) -> AbstractDeliveryChange | None:
    """The change to which SESAM2 may still say no."""
    since = timezone.now() - ANSWERED_WITHIN
    changes: Any = order.delivery_changes  # type: ignore[attr-defined]  # each kind has its table
    found: AbstractDeliveryChange | None = changes.filter(refused_at__isnull=True, at__gt=since).order_by("-id").first()
    return found


@transaction.atomic
def change_delivery(
    order: Any,
    *,
    by: Assignment,
    new: NewDelivery,
    fields: Sequence[str],
    message: Callable[[Any], contract.DeliveryChange],
    resource: str,
    activity: str,
    also: Callable[[], dict[str, Any]] = dict,
) -> None:
    """Change the delivery of an order that is locked, and may be changed. `fields` are those of its kind that a change replaces.

    `also` gives what the kind adds to the new fields, `message` says it to SESAM2. Raises `ChangeIsOpen`, `NothingChanged`,
    `NotReady` when it cannot go there, and `access.NoSuchPatient`.
    """
    waiting = open_change(order)
    if waiting is not None:
        raise ChangeIsOpen(waiting.at + ANSWERED_WITHIN)
    about = access.Resource(resource, str(order.number))
    order.patient = access.open_patient(by, order.patient.public_id, action=access.Action.WRITE, activity=activity, resource=about)
    before = {name: getattr(order, name) for name in fields}
    after = before | _fields(order, new, by)
    after |= also()
    if after == before:
        raise NothingChanged
    put(order, after, fields=fields)
    order.delivery_changes.create(by=by, before=before, after=after)
    order.tell("DELIVERY_CHANGED", by=by, details={"changed": _words(before, after)})
    outbox.queue("DeliveryChange", subject=str(order.number), body=message(order))


def refuse_change(order: Any, *, fields: Sequence[str]) -> AbstractDeliveryChange | None:
    """SESAM2 says no: the delivery is as it was before the last change. None when no change is left to say no to."""
    change: AbstractDeliveryChange | None = order.delivery_changes.filter(refused_at__isnull=True).order_by("-id").first()
    if change is None:
        return None
    order.delivery_changes.filter(pk=change.pk).update(refused_at=timezone.now())
    put(order, change.before, fields=fields)
    return change


def put(order: Any, values: dict[str, Any], *, fields: Sequence[str]) -> None:
    for name in fields:
        # What the portal has learnt to change since then stays as it is.
        if name in values:
            setattr(order, name, values[name])
    order.save(update_fields=[name.removesuffix("_id") for name in fields])


def _fields(order: DeliveredOrder, new: NewDelivery, by: Assignment) -> dict[str, Any]:
    """All of `ADDRESS_FIELDS` for the new delivery; `order` is left with its method and delivery point."""
    method = AbstractDelivery.Method
    if order.patient.is_protected and new.method != method.MANUAL_CONTACT:
        raise NotReady([("method", "Välj hur hjälpmedlet ska levereras.")])
    point = new.delivery_point if new.method == method.DELIVERY_POINT else None
    if new.method == method.DELIVERY_POINT and (point is None or not point.is_active or point.provider_id != order.unit.provider_id):
        raise NotReady([("delivery_point", "Välj leveranspunkt.")])
    if new.method == method.UNIT and not order.unit.street:
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
        "instructions": "" if new.method == method.MANUAL_CONTACT else new.instructions,
    }
    order.method, order.delivery_point = new.method, point
    if new.method == method.HOME:
        address = {name: getattr(new, name) for name in ("care_of", "street", "postal_code", "city", "door_code")}
        return fields | address | {"recipient_name": order.patient.name, "has_no_door_code": not new.door_code}
    given = address_of(order, by)
    # MANUAL_CONTACT carries a contact of the unit: for a protected person the form asks for that one, for others it asks for a relative.
    if new.method == method.MANUAL_CONTACT and not order.patient.is_protected:
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
