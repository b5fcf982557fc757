"""A sent kundorder is cancelled, or goes elsewhere."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from core.templatetags.ui import when
from ordering.views import orders as common
from orders.actions import changes, orders
from orders.forms import CancelForm, DeliveryForm
from orders.models import Order
from orders.views.opened import KUNDORDER, open_order, somebody_was_first


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the whole order, or some of its lines, to be cancelled."""

    def form_of(data: Any, shown: Order) -> CancelForm:
        lines = orders.lines_of(shown)
        for line in lines:
            line.order = shown
        return CancelForm(data, lines=[line for line in lines if line.outstanding])

    def ask(shown: Order, form: CancelForm) -> None:
        data = form.cleaned_data
        changes.request_cancellation(shown, by=request.assignment, reason=data["reason"], note=data["note"], lines=form.chosen)

    return common.cancel(request, KUNDORDER, number, form_of=form_of, ask=ask)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def delivery(request: HttpRequest, number: str) -> HttpResponse:
    """Another address, contact or way of delivery, until something is despatched."""
    shown = open_order(request, number, activity="Ändra leverans")
    lines = orders.lines_of(shown)
    if not changes.may_change_delivery(shown, lines):
        return somebody_was_first(request, shown)
    waiting = changes.open_change(shown)
    if waiting is not None:
        # Also the same form sent twice.
        messages.info(
            request,
            f"En ändring av leveransen skickades {when(waiting.at)}. Vänta till {when(waiting.at + changes.ANSWERED_WITHIN)} med nästa: "
            "till dess kan centralen säga nej till den.",
        )
        return redirect(shown)
    from_register = request.GET.get("adress") == "patientens"
    form = DeliveryForm(request.POST or None, order=shown, by=request.assignment, from_register=from_register)
    if request.method == "POST" and form.is_valid():
        try:
            changes.change_delivery(shown, by=request.assignment, new=form.delivery)
        except IllegalMove:
            return somebody_was_first(request, shown)
        except changes.NothingChanged:
            messages.info(request, "Du har inte ändrat något, så inget är skickat.")
            return redirect(shown)
        except changes.ChangeIsOpen:
            messages.info(request, "En ändring av leveransen är redan skickad.")
            return redirect(shown)
        except orders.NotReady as error:
            for field, text in error.problems:
                form.add_error(field if field in form.fields else None, text)
        else:
            messages.success(request, "Ändringen är skickad. Centralen säger bara till om den inte går att göra, och då får du ett meddelande.")
            return redirect(shown)
    context = {"order": shown, "patient": shown.patient, "form": form, "register_address": form.other_address}
    return render(request, "orders/delivery.html", context)
