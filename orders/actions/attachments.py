"""Files on a draft."""

import uuid

from django.db import transaction

from accounts.models import Assignment
from integration import attachments
from integration.models import Attachment
from ordering import actions as common
from orders.actions.drafts import lock_draft
from orders.models import Order


@transaction.atomic
def attach(order: Order, checked: attachments.Checked, *, by: Assignment) -> Attachment:
    """See `ordering.actions.attach`. Raises `TooManyFiles`, and `IllegalMove` as `drafts.save` does."""
    lock_draft(order)
    return common.attach(order, checked, by=by, resource="Kundorder")


@transaction.atomic
def detach(order: Order, attachment_id: uuid.UUID) -> None:
    """See `ordering.actions.detach`."""
    lock_draft(order)
    common.detach(order, attachment_id)
