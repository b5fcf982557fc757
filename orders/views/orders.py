"""A kundorder that is sent: its page, what is printed of it, and ordering it again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Permission, may, requires
from catalog.models.local import ChargingForm
from ordering.views import orders as common
from orders import timeline
from orders.actions import changes, orders
from orders.models import Order, OrderLine
from orders.views.opened import KUNDORDER, open_order
from patients import access
from patients.models import Loan


@requires(Permission.SEE_ORDERS)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    return common.order(request, KUNDORDER, number, context=_context)


@requires(Permission.SEE_ORDERS)
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    return common.sent(request, KUNDORDER, number)


@requires(Permission.SEE_ORDERS)
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    return common.live(request, KUNDORDER, number, context=_context)


@requires(Permission.SEE_ORDERS)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    return common.printout(request, KUNDORDER, number, context=_context)


@requires(Permission.SEE_ORDERS)
@require_GET
def agreement(request: HttpRequest, number: str) -> HttpResponse:
    """Låneförbindelse: what the patient has got of the order, or is about to get, to be signed. What is bought is not lent."""
    shown = open_order(request, number, activity="Skriv ut låneförbindelse", action=access.Action.PRINT)
    has = [loan for loan in _loans(request, shown) if loan.article.charging_form != ChargingForm.PURCHASE]
    lines = _lines(shown)
    coming = [line for line in lines if line.outstanding and (line.replacement_article or line.article).charging_form != ChargingForm.PURCHASE]
    return render(request, "orders/agreement.html", {"order": shown, "patient": shown.patient, "loans": has, "coming": coming})


def _loans(request: HttpRequest, shown: Order) -> list[Loan]:
    """What came of the order, in the order in which it came."""
    found = Loan.objects.visible_to(request.assignment).current().filter(patient=shown.patient, order_number=shown.number)
    return list(found.select_related("article__local").order_by("started_at", "id"))


@requires(Permission.PLACE_ORDER)
@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    text = f"Det som makulerades i {number} är med. Kontrollera och ändra det som behövs."
    return common.again(request, KUNDORDER, number, order_again=orders.order_again, text=text)


def _context(request: HttpRequest, shown: Order, version: str) -> dict[str, Any]:
    lines = _lines(shown)
    context = common.common_context(request, KUNDORDER, shown, version, is_cancelled=any(line.cancelled for line in lines))
    is_own, may_order = context["is_own"], context["may_order"]
    return {
        **context,
        "lines": lines,
        "may_take": is_own and may(request.assignment, Permission.TAKE_FROM_STORE),
        "events": timeline.events(context["history"]),
        "news": timeline.news(shown, context["history"]),
        "files": [link.attachment for link in shown.attachments.select_related("attachment").order_by("id")],
        "ending": is_own and [line for line in lines if line.loan_ends_on and line.delivered],
        "may_change_delivery": may_order and changes.may_change_delivery(shown, lines),
        "change": shown.delivery_changes.filter(refused_at__isnull=True).select_related("by__user").order_by("-id").first(),
        "despatches": list(shown.despatches.prefetch_related("lines__line").order_by("-despatched_at", "-id")),
        "deliveries": list(shown.deliveries.prefetch_related("lines__line").order_by("message_sequence")),
        "individuals": [loan for loan in _loans(request, shown) if loan.individual_number],
    }


def _lines(shown: Order) -> list[OrderLine]:
    lines = orders.lines_of(shown)
    for line in lines:
        line.order = shown
    return lines
