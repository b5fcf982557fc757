"""How the pages of a sent kundorder open it, and what they answer when somebody was first."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ordering import listing
from orders.actions import orders
from orders.models import CustomerOrderQuerySet, Order
from patients import access


def open_order(request: HttpRequest, number: str, *, activity: str, action: str = access.Action.READ, read_only: bool = False) -> Order:
    """The unit's order and its patient, which is logged; 404 for all others.

    With `read_only` also an order of another unit of the care provider, when the person has chosen to see those.
    """
    shown = _first(Order.objects.visible_to(request.assignment), number)
    reason = ""
    if shown is None and read_only and (reason := listing.reason_for_other_units(request)):
        shown = _first(Order.objects.of_other_units(request.assignment), number)
    if shown is None:
        raise Http404
    resource = access.Resource(orders.RESOURCE, number, owner=shown.unit, reason=reason)
    try:
        shown.patient = access.open_patient(request.assignment, shown.patient.public_id, action=action, activity=activity, resource=resource)
    except access.NoSuchPatient:
        raise Http404 from None
    return shown


def is_there(request: HttpRequest, number: str) -> bool:
    """Whether `open_order(…, read_only=True)` would find the order; nothing of its patient is read."""
    if Order.objects.visible_to(request.assignment).filter(number=number).exists():
        return True
    has_chosen = bool(listing.reason_for_other_units(request))
    return has_chosen and Order.objects.of_other_units(request.assignment).filter(number=number).exists()


def _first(found: CustomerOrderQuerySet, number: str) -> Order | None:
    return (
        found.select_related("patient", "customer", "delivery_point", "prescriber__user", "orderer__user", "unit__provider", "again_of")
        .filter(number=number)
        .first()
    )


def somebody_was_first(request: HttpRequest, shown: Order) -> HttpResponse:
    context = {
        "title": "Någon hann före",
        "text": f"Kundorder {shown.number} har ändrats sedan du öppnade sidan. Inget av det du gjorde nu är sparat.",
        "url": shown.get_absolute_url(),
        "url_text": f"Visa kundorder {shown.number} som den är nu",
    }
    return render(request, "errors/conflict.html", context, status=409)
