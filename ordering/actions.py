"""What a person does with any kind of order."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment
from core.lifecycle import IllegalMove
from integration import attachments, outbox
from integration.models import Attachment
from ordering import sesam2
from ordering.models import AbstractOrder
from ordering.sending import AlreadyOrderedAgain
from patients import access

MOST_FILES = 10


class TooManyFiles(Exception):
    """The order has `MOST_FILES` already."""


# --- Files -------------------------------------------------------------------------------------------


def attach(order: AbstractOrder, checked: attachments.Checked, *, by: Assignment, resource: str, **link: Any) -> Attachment:
    """Store a file that `integration.attachments.check` has let in, on an order that the caller has locked.

    `link` is what the kind's own link to a file holds besides. Raises `TooManyFiles`.
    """
    links = order.attachments  # type: ignore[attr-defined]
    if links.count() >= MOST_FILES:
        raise TooManyFiles
    attachment = attachments.store(checked)
    links.create(attachment=attachment, **link)
    access.write(by, [order.patient], action=access.Action.WRITE, activity="Bifoga fil", resource=access.Resource(resource, order.number or "utkast"))
    return attachment


def detach(order: AbstractOrder, attachment_id: uuid.UUID) -> None:
    """Take a file off an order that the caller has locked, and out of the database if no other order has it; one that is not there is no error.

    What was sent is kept, as the message that names it is.
    """
    links = order.attachments  # type: ignore[attr-defined]
    links.filter(attachment=attachment_id).delete()
    if order.number is None and not links.model.objects.filter(attachment=attachment_id).exists():
        Attachment.objects.filter(pk=attachment_id).delete()


# --- Cancelling, and ordering again --------------------------------------------------------------------


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
    if order.patient_id is not None:
        about = access.Resource(resource, str(order.number))
        access.write(by, [order.patient], action=access.Action.CANCEL, activity=f"Makulera {resource.lower()}", resource=about)


def ordered_again(order: AbstractOrder, *, by: Assignment) -> Any:
    """The draft that the unit has made already of the cancelled order, which the caller has locked; None when there is none.

    Raises `AlreadyOrderedAgain` when it is sent.
    """
    made = order.ordered_again.filter(unit=by.unit_id).exclude(status="CANCELLED").order_by("-id").first()  # type: ignore[attr-defined]
    if made is not None and made.number is not None:
        raise AlreadyOrderedAgain(made.number)
    return made
