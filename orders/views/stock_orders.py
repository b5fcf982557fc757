"""A förrådsbeställning that is sent: its page, its följesedlar, what is received of it, cancelling it, ordering it again."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions as accounts
from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from integration.delivery import progress_of
from ordering import pages
from ordering.pages import FRESH, version_of
from ordering.sending import AlreadyOrderedAgain
from orders import timeline
from orders.actions import changes, orders, receiving
from orders.forms import CancelForm
from orders.models import OPEN, DespatchLine, Order, OrderHistory, OrderLine, Receipt, ReceiptLine, Status
from orders.views.stores import may_manage, open_stock_order, report_url

RESOURCE = Order.Kind.STOCK.label


@requires(Permission.SEE_STORE)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order's page. Opening it makes the reader's notices about it read."""
    version = version_of(OrderHistory, number)
    shown = open_stock_order(request, number)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    return render(request, "orders/stock/order.html", _context(request, shown, version))


@requires(Permission.SEE_STORE)
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    """What the order's page asks for every few seconds: 204 while nothing is new, else the page's part anew."""
    shown = open_stock_order(request, number)
    version = version_of(OrderHistory, number)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    return render(request, "orders/stock/_live.html", _context(request, shown, version))


def _context(request: HttpRequest, shown: Order, version: str) -> dict[str, Any]:
    """`version` was read before anything else, so that what comes in between is asked for once too often, never too seldom."""
    history = list(shown.history.select_related("by__user").order_by("-id"))
    lines = lines_of(shown)
    progress = progress_of(str(shown.number))
    is_fresh = bool(history) and timezone.now() - history[0].at < FRESH
    again = Order.objects.visible_to(request.assignment).sent().filter(again_of=shown).exclude(status=Status.CANCELLED).first()
    manages = may_manage(request)
    to_receive = receiving.despatches_to_receive(shown)
    received_lines = Prefetch("lines", ReceiptLine.objects.select_related("line").order_by("line__line"))
    receipts = shown.receipts.select_related("by__user").prefetch_related(received_lines).order_by("-id")
    return {
        "order": shown,
        "lines": lines,
        "events": timeline.events(history),
        "news": timeline.news(shown, history),
        "progress": progress,
        "version": version,
        "poll_seconds": 3 if is_fresh or (progress and progress.is_waiting) else 60,
        "is_open": shown.status in OPEN,
        "may_manage": manages,
        "despatches": list(shown.despatches.prefetch_related("lines__line").order_by("-despatched_at", "-id")),
        "to_receive": {despatch.number for despatch in to_receive},
        "receipts": [(receipt, _report_url(shown, receipt) if manages else "") for receipt in receipts],
        "is_waited_for": any(line.on_order for line in lines),
        "may_again": manages and again is None and not shown.is_automatic and any(line.cancelled for line in lines),
        "ordered_again": again,
        "stopped": [line for line in lines if _top_up_state(line) == "STOPPED"],
    }


def _report_url(shown: Order, receipt: Receipt) -> str:
    """Where what differed in the delivery is reported; "" when nothing did."""
    return report_url(shown, receipt.despatch_number) if any(row.has_difference for row in receipt.lines.all()) else ""


def lines_of(shown: Order) -> list[OrderLine]:
    lines = orders.lines_of(shown)
    for line in lines:
        line.order = shown
    return lines


def _top_up_state(line: OrderLine) -> str:
    top_up = getattr(line, "top_up", None)
    return "" if top_up is None else str(top_up.state)


@requires(Permission.SEE_STORE)
@require_GET
def note(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Följesedel: what the centre says that it has sent, on the screen and on paper."""
    shown = open_stock_order(request, number)
    despatch = shown.despatches.filter(pk=pk).first()
    if despatch is None:
        raise Http404
    receipt = Receipt.objects.filter(order=shown, despatch_number=despatch.number).select_related("by__user").first()
    rows = DespatchLine.objects.filter(despatch=despatch).select_related("line__article__local", "line__article__supplier", "line__replacement_article__local")
    context = {"order": shown, "despatch": despatch, "rows": list(rows.order_by("line__line")), "receipt": receipt, "may_manage": may_manage(request)}
    return render(request, "orders/stock/note.html", context)


@requires(Permission.MANAGE_STORE)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the whole order, or some of its lines, to be cancelled."""
    shown = open_stock_order(request, number)
    if not shown.can_be_cancelled:
        return pages.cannot_be_cancelled(request, shown, name=RESOURCE)
    lines = lines_of(shown)
    form = CancelForm(request.POST or None, lines=[line for line in lines if line.outstanding])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            changes.request_cancellation(shown, by=request.assignment, reason=data["reason"], note=data["note"], lines=form.chosen)
        except IllegalMove:
            return pages.cannot_be_cancelled(request, open_stock_order(request, number), name=RESOURCE)
        messages.success(request, "Din begäran om makulering är skickad. Du får ett meddelande när centralen har svarat.")
        return redirect(shown)
    return render(request, "orders/stock/cancel.html", {"order": shown, "form": form})


@requires(Permission.MANAGE_STORE)
@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    shown = open_stock_order(request, number)
    try:
        draft = orders.order_again(shown, by=request.assignment)
    except AlreadyOrderedAgain as made:
        messages.info(request, f"{shown.number} är redan beställd igen. Det här är den nya ordern.")
        return redirect("stock:order", number=made.number)
    except IllegalMove:
        return pages.somebody_was_first(request, shown, name=RESOURCE)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    messages.info(request, f"Det som makulerades i {shown.number} är med. Kontrollera och ändra det som behövs.")
    return redirect(draft)
