"""An arbetsorder that is sent: its page, the answer to a cost proposal, cancelling, printing, ordering again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions as accounts
from accounts.permissions import Permission, may, requires
from core.lifecycle import IllegalMove
from integration.delivery import progress_of
from ordering.forms import CancelForm
from ordering.pages import FRESH, cannot_be_cancelled, is_there, version_of
from ordering.sending import AlreadyOrderedAgain
from patients import access
from workorders import timeline
from workorders.actions import orders, proposals
from workorders.actions.drafts import RESOURCE
from workorders.forms import ProposalForm
from workorders.models import Status, WorkOrder, WorkOrderHistory
from workorders.models.orders import OPEN
from workorders.views.opened import open_order, somebody_was_first


@requires(Permission.SEE_ORDERS)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order's page. Opening it makes the reader's notices about it read."""
    version = version_of(WorkOrderHistory, number)
    shown = open_order(request, number, activity="Visa arbetsorder", read_only=True)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    return render(request, "workorders/order.html", _context(request, shown, version))


@requires(Permission.SEE_ORDERS)
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    """The confirmation: the number, and what happens next."""
    shown = open_order(request, number, activity="Bekräftelse av arbetsorder")
    return render(request, "workorders/sent.html", {"order": shown, "patient": shown.patient})


@requires(Permission.SEE_ORDERS)
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    """What the order's page asks for every few seconds: 204 while nothing is new, else the page's part anew.

    Only the latter reads the patient, and is logged.
    """
    if not is_there(request, WorkOrder, number):
        raise Http404
    version = version_of(WorkOrderHistory, number)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    shown = open_order(request, number, activity="Visa arbetsorder", read_only=True)
    return render(request, "workorders/_live.html", _context(request, shown, version))


@requires(Permission.SEE_ORDERS)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    """The order on paper. Logged as printed when it is opened, since the printing itself cannot be seen."""
    shown = open_order(request, number, activity="Skriv ut arbetsorder", action=access.Action.PRINT)
    return render(request, "workorders/print.html", _context(request, shown, ""))


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for the order to be cancelled."""
    shown = open_order(request, number, activity="Makulera arbetsorder")
    if not shown.can_be_cancelled:
        return cannot_be_cancelled(request, shown, name=RESOURCE)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            orders.request_cancellation(shown, by=request.assignment, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"])
        except IllegalMove:
            shown.refresh_from_db()
            return cannot_be_cancelled(request, shown, name=RESOURCE)
        messages.success(request, "Din begäran om makulering är skickad. Du får ett meddelande när centralen har svarat.")
        return redirect(shown)
    return render(request, "workorders/cancel.html", {"order": shown, "patient": shown.patient, "form": form})


@requires(Permission.APPROVE_COST)
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, number: str) -> HttpResponse:
    """The cost owner's answer. Somebody who comes second sees the answer that stands."""
    shown = open_order(request, number, activity="Svara på kostnadsförslag")
    proposed = proposals.open_proposal(shown)
    if proposed is None:
        return _is_answered(request, shown)
    form = ProposalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_approved = form.cleaned_data["answer"] == "ja"
        if request.POST.get("proposal") != str(proposed.sequence):
            return somebody_was_first(request, shown)
        try:
            proposals.answer(proposed, by=request.assignment, is_approved=is_approved, note=form.cleaned_data["note"])
        except proposals.AlreadyAnswered:
            return _is_answered(request, shown)
        except IllegalMove:
            return somebody_was_first(request, shown)
        messages.success(request, f"Kostnadsförslaget är {'godkänt' if is_approved else 'avslaget'}. Ditt svar skickas till centralen.")
        return redirect(shown)
    return render(request, "workorders/proposal.html", {"order": shown, "patient": shown.patient, "form": form, "proposal": proposed})


def _is_answered(request: HttpRequest, shown: WorkOrder) -> HttpResponse:
    last = shown.proposals.filter(is_approved__isnull=False).select_related("answered_by__user").order_by("-sequence").first()
    if last is None:
        raise Http404
    word = "godkänt" if last.is_approved else "avslaget"
    messages.info(request, f"Kostnadsförslaget är redan {word}, av {last.answered_by.user.name}. Ditt svar har inte skickats.")
    return redirect(shown)


@requires(Permission.PLACE_ORDER)
@require_POST
def again(request: HttpRequest, number: str) -> HttpResponse:
    shown = open_order(request, number, activity="Beställ igen")
    try:
        draft = orders.order_again(shown, by=request.assignment)
    except AlreadyOrderedAgain as made:
        messages.info(request, f"{shown.number} är redan beställd igen. Det här är den nya arbetsordern.")
        return redirect("workorders:order", number=made.number)
    except IllegalMove:
        return somebody_was_first(request, shown)
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    messages.info(request, f"Det som stod i {shown.number} är med. Ändra det som gjorde att den makulerades.")
    return redirect(draft)


def _context(request: HttpRequest, shown: WorkOrder, version: str) -> dict[str, Any]:
    """`version` was read before anything else, so that what comes in between is asked for once too often, never too seldom."""
    history = list(shown.history.select_related("by__user").order_by("-id"))
    is_own = shown.unit_id == request.assignment.unit_id
    may_order = is_own and may(request.assignment, Permission.PLACE_ORDER)
    reports = list(shown.reports.order_by("-sequence"))
    progress = progress_of(str(shown.number))
    is_fresh = bool(history) and timezone.now() - history[0].at < FRESH
    again = WorkOrder.objects.visible_to(request.assignment).sent().filter(again_of=shown).exclude(status=Status.CANCELLED).first()
    return {
        "order": shown,
        "patient": shown.patient,
        "files": orders.files_of(shown),
        "done": next((report for report in reports if report.has_report), None),
        "proposals": list(shown.proposals.select_related("answered_by__user").order_by("-sequence")),
        "proposal": proposals.open_proposal(shown) if is_own else None,
        "may_answer": is_own and may(request.assignment, Permission.APPROVE_COST),
        "events": timeline.told(history),
        "news": timeline.news(shown, history),
        "progress": progress,
        "version": version,
        "poll_seconds": 3 if is_fresh or (progress and progress.is_waiting) else 60,
        "is_open": shown.status in OPEN,
        "is_own": is_own,
        "may_order": may_order,
        "may_complete": may_order and shown.status == Status.NEEDS_COMPLETION,
        "may_again": may_order and again is None and shown.can_be_ordered_again,
        "ordered_again": again,
    }
