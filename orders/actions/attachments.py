"""Files on a draft."""

import uuid

from django.db import transaction

from accounts.models import Assignment
from integration import attachments
from integration.models import Attachment
from orders.actions.drafts import lock_draft
from orders.models import Order, OrderAttachment
from patients import access

MOST_FILES = 10


class TooManyFiles(Exception):
    """The order has `MOST_FILES` already."""


@transaction.atomic
def attach(order: Order, checked: attachments.Checked, *, by: Assignment) -> Attachment:
    """Store a file that `integration.attachments.check` has let in. Raises `TooManyFiles`, and `IllegalMove` as `drafts.save` does."""
    lock_draft(order)
    if OrderAttachment.objects.filter(order=order).count() >= MOST_FILES:
        raise TooManyFiles
    attachment = attachments.store(checked)
    OrderAttachment.objects.create(order=order, attachment=attachment)
    access.write(by, [order.patient], action=access.Action.WRITE, activity="Bifoga fil", resource=access.Resource("Kundorder", "utkast"))
    return attachment


@transaction.atomic
def detach(order: Order, attachment_id: uuid.UUID) -> None:
    """Take a file off the draft, and out of the database if no other order has it; one that is not there is no error."""
    lock_draft(order)
    OrderAttachment.objects.filter(order=order, attachment=attachment_id).delete()
    if not OrderAttachment.objects.filter(attachment=attachment_id).exists():
        Attachment.objects.filter(pk=attachment_id).delete()
