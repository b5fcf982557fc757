"""A kundorder that is sent: its page, what is printed of it, and ordering it again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts import actions as accounts
from accounts.permissions import Permission, may, requires
from catalog.models.local import ChargingForm
from core.lifecycle import IllegalMove
from integration.delivery import progress_of
from ordering.pages import FRESH, is_there, version_of
from orders import timeline
from orders.actions import changes, orders
from orders.models import OPEN, Order, OrderHistory, OrderLine, Status
from orders.views.opened import open_order, somebody_was_first
from patients import access
from patients.models import Loan


@requires(Permission.SEE_ORDERS)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order's page. Opening it makes the reader's notices about it read."""
    version = version_of(OrderHistory, number)
    shown = open_order(request, number, activity="Visa kundorder", read_only=True)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    return render(request, "orders/order.html", _context(request, shown, version))


@requires(Permission.SEE_ORDERS)
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    """The confirmation: the number, and what happens next."""
    shown = open_order(request, number, activity="Bekräftelse av kundorder")
    return render(request, "orders/sent.html", {"order": shown, "patient": shown.patient})


@requires(Permission.SEE_ORDERS)
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    """What the order's page asks for every few seconds: 204 while nothing is new, else the page's part anew.

    Only the latter reads the patient, and is logged.
    """
    if not is_there(request, Order, number):
        raise Http404
    version = version_of(OrderHistory, number)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    # A page that lies open and asks by itself is not somebody who reads: the notices stay unread.
    shown = open_order(request, number, activity="Visa kundorder", read_only=True)
    return render(request, "orders/_live.html", _context(request, shown, version))


@requires(Permission.SEE_ORDERS)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    """The order on paper. Logged as printed when it is opened, since the printing itself cannot be seen."""
    shown = open_order(request, number, activity="Skriv ut kundorder", action=access.Action.PRINT)
    return render(request, "orders/print.html", _context(request, shown, ""))


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
    shown = open_order(request, number, activity="Beställ igen")
    try:
        draft = orders.order_again(shown, by=request.assignment)
    except orders.AlreadyOrderedAgain as made:
        messages.info(request, f"{shown.number} är redan beställd igen. Det här är den nya ordern.")
        return redirect("orders:order", number=made.number)
    except IllegalMove:
        return somebody_was_first(request, shown)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    messages.info(request, f"Det som makulerades i {shown.number} är med. Kontrollera och ändra det som behövs.")
    return redirect(draft)


def _context(request: HttpRequest, shown: Order, version: str) -> dict[str, Any]:
    """`version` was read before anything else, so that what comes in between is asked for once too often, never too seldom."""
    history = list(shown.history.select_related("by__user").order_by("-id"))
    lines = _lines(shown)
    is_own = shown.unit_id == request.assignment.unit_id
    may_order = is_own and may(request.assignment, Permission.PLACE_ORDER)
    change = shown.delivery_changes.filter(refused_at__isnull=True).select_related("by__user").order_by("-id").first()
    progress = progress_of(str(shown.number))
    is_fresh = bool(history) and timezone.now() - history[0].at < FRESH
    again = Order.objects.visible_to(request.assignment).sent().filter(again_of=shown).exclude(status=Status.CANCELLED).first()
    return {
        "order": shown,
        "patient": shown.patient,
        "lines": lines,
        "events": timeline.events(history),
        "news": timeline.news(shown, history),
        "progress": progress,
        "version": version,
        "poll_seconds": 3 if is_fresh or (progress and progress.is_waiting) else 60,
        "is_open": shown.status in OPEN,
        "files": [link.attachment for link in shown.attachments.select_related("attachment").order_by("id")],
        "ending": is_own and [line for line in lines if line.loan_ends_on and line.delivered],
        "is_own": is_own,
        "may_order": may_order,
        "may_take": is_own and may(request.assignment, Permission.TAKE_FROM_STORE),
        "may_change_delivery": may_order and changes.may_change_delivery(shown, lines),
        "change": change,
        "despatches": list(shown.despatches.prefetch_related("lines__line").order_by("-despatched_at", "-id")),
        "deliveries": list(shown.deliveries.prefetch_related("lines__line").order_by("message_sequence")),
        "individuals": [loan for loan in _loans(request, shown) if loan.individual_number],
        "may_again": again is None and any(line.cancelled for line in lines),
        "ordered_again": again,
    }


def _lines(shown: Order) -> list[OrderLine]:
    lines = orders.lines_of(shown)
    for line in lines:
        line.order = shown
    return lines
