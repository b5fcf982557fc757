"""How the pages of an arbetsorder open it, and what they answer when somebody was first."""

import uuid

from django.http import HttpRequest, HttpResponse

from ordering import pages
from patients import access
from workorders.actions.drafts import RESOURCE
from workorders.models import WorkOrder

_RELATED = ("patient", "customer", "delivery_point", "purpose", "loan__article", "prescriber__user", "orderer__user", "unit__provider", "again_of")


def open_order(request: HttpRequest, number: str, *, activity: str, action: str = access.Action.READ, read_only: bool = False) -> WorkOrder:
    """See `ordering.pages.open_order`."""
    return pages.open_order(request, WorkOrder, related=_RELATED, activity=activity, resource=RESOURCE, number=number, action=action, read_only=read_only)


def open_draft(request: HttpRequest, public_id: uuid.UUID, *, activity: str) -> WorkOrder:
    return pages.open_order(request, WorkOrder, related=_RELATED, activity=activity, resource=RESOURCE, public_id=public_id)


def somebody_was_first(request: HttpRequest, shown: WorkOrder) -> HttpResponse:
    return pages.somebody_was_first(request, shown, name=RESOURCE)


def no_longer_a_draft(request: HttpRequest, shown: WorkOrder) -> HttpResponse:
    return pages.no_longer_a_draft(request, shown, name=RESOURCE)
