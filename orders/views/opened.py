"""Kundorder as its pages know it, and what they answer when somebody was first."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from ordering.kinds import Kind
from orders.actions.orders import RESOURCE
from orders.models import Order, OrderHistory, Status

KUNDORDER = Kind(
    Order,
    OrderHistory,
    name=RESOURCE,
    one="beställning",
    several="beställningar",
    the="beställningen",
    namespace="orders",
    related=("patient", "customer", "delivery_point", "prescriber__user", "orderer__user", "unit__provider", "again_of", "store"),
)
open_order = KUNDORDER.open
open_draft = KUNDORDER.open_draft
somebody_was_first = KUNDORDER.somebody_was_first


def no_longer_a_draft(request: HttpRequest, shown: Order) -> HttpResponse:
    """As `ordering.pages.no_longer_a_draft`; one that waits for approval is shown, or cannot be changed."""
    if shown.status != Status.WAITING_FOR_APPROVAL:
        return KUNDORDER.no_longer_a_draft(request, shown)
    if request.method == "GET":
        return redirect(shown)
    context = {
        "title": "Beställningen väntar på godkännande",
        "text": "Den kan inte ändras medan den väntar. Det du skrev nu sparades inte och skickades inte.",
        "url": shown.get_absolute_url(),
        "url_text": "Visa beställningen",
    }
    return render(request, "errors/conflict.html", context, status=409)
