"""How the pages of a kundorder open it, and what they answer when somebody was first."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ordering import pages
from orders.actions.orders import RESOURCE
from orders.models import Order, Status
from patients import access

_RELATED = ("patient", "customer", "delivery_point", "prescriber__user", "orderer__user", "unit__provider", "again_of", "store")


def open_order(request: HttpRequest, number: str, *, activity: str, action: str = access.Action.READ, read_only: bool = False) -> Order:
    """See `ordering.pages.open_order`."""
    return pages.open_order(request, Order, related=_RELATED, activity=activity, number=number, action=action, read_only=read_only)


def open_draft(request: HttpRequest, public_id: uuid.UUID, *, activity: str) -> Order:
    return pages.open_order(request, Order, related=_RELATED, activity=activity, public_id=public_id)


def somebody_was_first(request: HttpRequest, shown: Order) -> HttpResponse:
    return pages.somebody_was_first(request, shown, name=shown.kind_word)


def no_longer_a_draft(request: HttpRequest, shown: Order) -> HttpResponse:
    """As `ordering.pages.no_longer_a_draft`; one that waits for approval is shown, or cannot be changed."""
    if shown.status != Status.WAITING_FOR_APPROVAL:
        return pages.no_longer_a_draft(request, shown, name=RESOURCE)
    if request.method == "GET":
        return redirect(shown)
    context = {
        "title": "Beställningen väntar på godkännande",
        "text": "Den kan inte ändras medan den väntar. Det du skrev nu sparades inte och skickades inte.",
        "url": shown.get_absolute_url(),
        "url_text": "Visa beställningen",
    }
    return render(request, "errors/conflict.html", context, status=409)
