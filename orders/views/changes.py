"""A sent kundorder is cancelled, or goes elsewhere."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from core.templatetags.ui import when
from ordering.pages import cannot_be_cancelled
from orders.actions import changes, orders
from orders.forms import CancelForm, DeliveryForm
from orders.views.opened import open_order, somebody_was_first


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the whole order, or some of its lines, to be cancelled."""
    shown = open_order(request, number, activity="Makulera kundorder")
    if not shown.can_be_cancelled:
        return cannot_be_cancelled(request, shown, name=shown.kind_word)
    lines = orders.lines_of(shown)
    for line in lines:
        line.order = shown
    form = CancelForm(request.POST or None, lines=[line for line in lines if line.outstanding])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            changes.request_cancellation(shown, by=request.assignment, reason=data["reason"], note=data["note"], lines=form.chosen)
        except IllegalMove:
            shown.refresh_from_db()
            return cannot_be_cancelled(request, shown, name=shown.kind_word)
        messages.success(request, "Din begäran om makulering är skickad. Du får ett meddelande när centralen har svarat.")
        return redirect(shown)
    return render(request, "orders/cancel.html", {"order": shown, "patient": shown.patient, "form": form, "lines": lines})


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
