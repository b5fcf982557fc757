"""The dictionary of what all kinds of order say to SESAM2 (contract, section 4). Foreign words stand only here and in the apps' own dictionaries."""

import enum
from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from integration import contract
from integration.models import Attachment
from integration.sesam2 import party, person
from ordering.models import AbstractDelivery

__all__ = ["REASONS", "Answer", "attachment", "cancellation_request", "delivery", "party", "person"]
REASONS = [
    (contract.CancelReason.WRONG_ARTICLE, "Fel artikel"),
    (contract.CancelReason.WRONG_PATIENT, "Fel patient"),
    (contract.CancelReason.NOT_NEEDED, "Behövs inte längre"),
    (contract.CancelReason.CHANGED_NEED, "Ändrat behov"),
    (contract.CancelReason.DECEASED, "Patienten har avlidit"),
    (contract.CancelReason.OTHER, "Annat"),
]


class Answer(enum.Enum):
    """What an OrderResponse says of the order as a whole."""

    RECEIVED = "AB"
    ACCEPTED = "AP"
    CHANGED = "CA"
    REFUSED = "RE"


def cancellation_request(number: str, *, reason: str, note: str, lines: Sequence[int] | None = None) -> contract.CancellationRequest:
    """Of the whole order, or of some of its lines."""
    return contract.CancellationRequest(order_number=number, reason=contract.CancelReason(reason), note=note, lines=None if lines is None else list(lines))


def delivery(order: AbstractDelivery) -> contract.Delivery:
    """Where it goes. MANUAL_CONTACT carries the unit's contact alone."""
    if order.method == AbstractDelivery.Method.MANUAL_CONTACT:
        return contract.Delivery(
            method=contract.DeliveryMethod.MANUAL_CONTACT,
            hospital=order.is_hospital,
            contact_name=order.contact_name or None,
            contact_phone=order.contact_phone or None,
        )
    point = order.delivery_point
    return contract.Delivery(
        method=contract.DeliveryMethod(order.method),
        recipient_name=order.recipient_name or None,
        care_of=order.care_of or None,
        street=order.street or None,
        postal_code=order.postal_code or None,
        city=order.city or None,
        door_code=order.door_code or None,
        no_door_code=order.has_no_door_code,
        hospital=order.is_hospital,
        contact_name=order.contact_name or None,
        contact_phone=order.contact_phone or None,
        instructions=order.instructions or None,
        # A draft keeps the point that was chosen before another way of delivery was.
        delivery_point_number=point.number if order.method == AbstractDelivery.Method.DELIVERY_POINT and point is not None else None,
    )


def attachment(file: Attachment) -> contract.Attachment:
    return contract.Attachment(
        file_name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        url=f"{settings.PORTAL_URL}{reverse('attachment', args=[file.pk])}",
    )
