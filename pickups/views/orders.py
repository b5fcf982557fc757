"""A hämtorder that is sent: its page, cancelling, another place, the return slip, what was missing, ordering again."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, may, requires
from core import qr
from core.lifecycle import IllegalMove
from core.templatetags.ui import when
from ordering.changes import ANSWERED_WITHIN, ChangeIsOpen, NothingChanged, open_change
from ordering.forms import add_problems
from ordering.sending import NotReady
from ordering.views import orders as common
from pickups import timeline
from pickups.actions import changes, orders
from pickups.forms.orders import CancelForm, PlaceForm
from pickups.models import PickupItem, PickupOrder, ReturnReceipt
from pickups.shown import follows
from pickups.views.opened import HAMTORDER


@requires(Permission.SEE_ORDERS)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    return common.order(request, HAMTORDER, number, context=_context)


@requires(Permission.SEE_ORDERS)
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    return common.sent(request, HAMTORDER, number)


@requires(Permission.SEE_ORDERS)
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    return common.live(request, HAMTORDER, number, context=_context)


@requires(Permission.SEE_ORDERS)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    """The return slip, to go with the goods: no name on it."""
    return common.printout(request, HAMTORDER, number, context=_slip)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the whole order, or some of its items, to be cancelled; until it is planned."""

    def form_of(data: Any, shown: PickupOrder) -> CancelForm:
        return CancelForm(data, items=[item for item in orders.items_of(shown) if item.is_open])

    def ask(shown: PickupOrder, form: CancelForm) -> None:
        changes.request_cancellation(shown, by=request.assignment, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"], lines=form.chosen)

    return common.cancel(request, HAMTORDER, number, form_of=form_of, ask=ask)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest, number: str) -> HttpResponse:
    """Another place or contact, until it is planned."""
    shown = HAMTORDER.open(request, number, activity="Ändra hämtplats")
    if not shown.can_be_changed:
        return HAMTORDER.somebody_was_first(request, shown)
    waiting = open_change(shown)
    if waiting is not None:
        # Also the same form sent twice.
        messages.info(
            request,
            f"En ändring skickades {when(waiting.at)}. Vänta till {when(waiting.at + ANSWERED_WITHIN)} med nästa: till dess kan centralen säga nej till den.",
        )
        return redirect(shown)
    form = PlaceForm(request.POST or None, order=shown, by=request.assignment)
    if request.method == "POST" and form.is_valid():
        try:
            changes.change_place(shown, by=request.assignment, new=form.delivery)
        except IllegalMove:
            shown.refresh_from_db()
            return HAMTORDER.somebody_was_first(request, shown)
        except NothingChanged:
            messages.info(request, "Du har inte ändrat något, så inget är skickat.")
            return redirect(shown)
        except ChangeIsOpen:
            messages.info(request, "En ändring är redan skickad.")
            return redirect(shown)
        except NotReady as error:
            add_problems(form, error.problems)
        else:
            messages.success(request, "Ändringen är skickad. Centralen säger bara till om den inte går att göra, och då får du ett meddelande.")
            return redirect(shown)
    return render(request, "pickups/place.html", {"order": shown, "patient": shown.patient, "form": form})


@requires(Permission.REPORT_FAULT)
@require_POST
def report_missing(request: HttpRequest, number: str, line: int) -> HttpResponse:
    """From the notice of an item that was not found to the report that it was handed over. Shows nothing of the patient."""
    shown = PickupOrder.objects.visible_to(request.assignment).filter(number=number, items__line=line).first()
    if shown is None:
        raise Http404
    return redirect(missing_url(shown, line))


def missing_url(order: PickupOrder, line: int) -> str:
    query = urlencode({"slag": "NOT_DEREGISTERED", "order": str(order.number), "rad": line})
    return f"{reverse('faultreports:new')}?{query}"


@requires(Permission.PLACE_ORDER)
@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    text = f"Det som stod i {number} är med. Ändra det som gjorde att den makulerades, och svara på om allt är rengjort."
    return common.again(request, HAMTORDER, number, order_again=orders.order_again, text=text)


def _context(request: HttpRequest, shown: PickupOrder, version: str) -> dict[str, Any]:
    context = common.common_context(request, HAMTORDER, shown, version, is_cancelled=shown.can_be_ordered_again)
    items = orders.items_of(shown)
    reports = list(shown.reports.order_by("-sequence"))
    missing = {PickupItem.Outcome.NOT_FOUND, PickupItem.Outcome.NOT_TOLD}
    return {
        **context,
        "items": [(item, missing_url(shown, item.line) if item.outcome in missing else "") for item in items],
        "follows": follows(shown, items, reports),
        "events": timeline.told(context["history"]),
        "news": timeline.news(shown, items, context["history"]),
        "may_report": context["is_own"] and may(request.assignment, Permission.REPORT_FAULT),
        "may_change": context["may_order"] and shown.can_be_changed,
        "receipts": list(ReturnReceipt.objects.visible_to(request.assignment).of_order(shown).for_list().order_by("-id")),
        "may_cancel": context["may_order"] and shown.can_be_cancelled and any(item.is_open for item in items),
    }


def _slip(request: HttpRequest, shown: PickupOrder, version: str) -> dict[str, Any]:
    """What goes with the goods: what is still to be fetched, or has been."""
    gone = {PickupItem.Outcome.CANCELLED, PickupItem.Outcome.NOT_FOUND}
    items = [item for item in orders.items_of(shown) if item.outcome not in gone]
    return {"order": shown, "patient": shown.patient, "items": items, "code": qr.data_uri(str(shown.number))}
