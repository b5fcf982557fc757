"""What a person does with any kind of order."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment
from core.lifecycle import IllegalMove
from integration import outbox
from ordering import sesam2
from ordering.models import AbstractOrder
from patients import access


@transaction.atomic
def ask_to_cancel(
    order: AbstractOrder, *, by: Assignment, reason: str, note: str, resource: str, lines: Sequence[int] | None = None, details: dict[str, Any] | None = None
) -> None:
    """Ask SESAM2 to cancel the order, or some of its lines; it is makulerad when SESAM2 says so. One request at a time.

    `reason` is one of the contract's codes, `note` 1–500 characters, `resource` the kind of order in the access log, `details` what
    the history row shall hold besides. Raises `IllegalMove` when nothing is left to cancel, or something is asked for already.
    """
    of_kind = type(order)._default_manager
    # Compare-and-set: of two at once, one finds no row.
    asked = of_kind.filter(pk=order.pk, status__in=of_kind.none().OPEN_STATUSES, cancellation_requested_at__isnull=True)  # type: ignore[attr-defined]
    if not asked.update(cancellation_requested_at=timezone.now()):
        raise IllegalMove("nothing to cancel, or asked for already")
    order.refresh_from_db()
    order.tell("CANCELLATION_REQUESTED", by=by, note=note, details={"reason": reason, **(details or {})})
    outbox.queue(
        "CancellationRequest",
        subject=str(order.number),
        body=sesam2.cancellation_request(str(order.number), reason=reason, note=note, lines=lines),
    )
    about = access.Resource(resource, str(order.number))
    patients = [order.patient] if order.patient_id is not None else []  # an order to a store is about none
    access.write(by, patients, action=access.Action.CANCEL, activity=f"Makulera {resource.lower()}", resource=about)
