"""An arbetsorder that is sent: its page, the answer to a cost proposal, cancelling, printing, ordering again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, may, requires
from core.lifecycle import IllegalMove
from ordering.forms import CancelForm
from ordering.views import orders as common
from workorders import timeline
from workorders.actions import orders, proposals
from workorders.forms import ProposalForm
from workorders.models import Status, WorkOrder
from workorders.views.opened import ARBETSORDER, open_order, somebody_was_first


@requires(Permission.SEE_ORDERS)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    return common.order(request, ARBETSORDER, number, context=_context)


@requires(Permission.SEE_ORDERS)
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    return common.sent(request, ARBETSORDER, number)


@requires(Permission.SEE_ORDERS)
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    return common.live(request, ARBETSORDER, number, context=_context)


@requires(Permission.SEE_ORDERS)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    return common.printout(request, ARBETSORDER, number, context=_context)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    def ask(shown: WorkOrder, form: CancelForm) -> None:
        orders.request_cancellation(shown, by=request.assignment, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"])

    return common.cancel(request, ARBETSORDER, number, form_of=lambda data, _: CancelForm(data), ask=ask)


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
    text = f"Det som stod i {number} är med. Ändra det som gjorde att den makulerades."
    return common.again(request, ARBETSORDER, number, order_again=orders.order_again, text=text)


def _context(request: HttpRequest, shown: WorkOrder, version: str) -> dict[str, Any]:
    context = common.common_context(request, ARBETSORDER, shown, version, is_cancelled=shown.can_be_ordered_again)
    reports = list(shown.reports.order_by("-sequence"))
    return {
        **context,
        "files": orders.files_of(shown),
        "done": next((report for report in reports if report.has_report), None),
        "proposals": list(shown.proposals.select_related("answered_by__user").order_by("-sequence")),
        "proposal": proposals.open_proposal(shown) if context["is_own"] else None,
        "may_answer": context["is_own"] and may(request.assignment, Permission.APPROVE_COST),
        "events": timeline.told(context["history"]),
        "news": timeline.news(shown, context["history"]),
        "may_report": context["is_own"] and shown.status == Status.COMPLETED and may(request.assignment, Permission.REPORT_FAULT),
        "may_complete": context["may_order"] and shown.status == Status.NEEDS_COMPLETION,
    }
