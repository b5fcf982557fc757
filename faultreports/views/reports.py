"""A felrapport that is sent: its page, and what the unit does about it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions as accounts
from accounts.permissions import Permission, may, requires
from core.lifecycle import IllegalMove
from faultreports import timeline
from faultreports.actions import aids, sending
from faultreports.forms import FoundForm
from faultreports.models import FaultReport, FaultReportHistory
from faultreports.models.reports import OPEN
from faultreports.views.opened import open_report, somebody_was_first
from integration.delivery import progress_of
from ordering.pages import FRESH
from patients import access


@requires(Permission.REPORT_FAULT)
@require_GET
def report(request: HttpRequest, number: str) -> HttpResponse:
    """The report's page. Opening it makes the reader's notices about it read."""
    version = _version(request, number)
    shown = open_report(request, number, activity="Visa felrapport")
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    return render(request, "faultreports/report.html", _context(request, shown, version))


@requires(Permission.REPORT_FAULT)
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    """The confirmation: the number, and what happens next."""
    shown = open_report(request, number, activity="Bekräftelse av felrapport")
    return render(request, "faultreports/sent.html", {"report": shown, "patient": shown.patient})


@requires(Permission.REPORT_FAULT)
@require_GET
def live(request: HttpRequest, number: str) -> HttpResponse:
    """What the report's page asks for every few seconds: 204 while nothing is new, else the page's part anew.

    Only the latter reads the patient, and is logged.
    """
    if not FaultReport.objects.visible_to(request.assignment).filter(number=number).exists():
        raise Http404
    version = _version(request, number)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    return render(request, "faultreports/_live.html", _context(request, open_report(request, number, activity="Visa felrapport"), version))


@requires(Permission.REPORT_FAULT)
@require_GET
def printout(request: HttpRequest, number: str) -> HttpResponse:
    """The report on paper, to go with an aid that is sent in. Logged as printed when it is opened, since the printing itself cannot be seen."""
    shown = open_report(request, number, activity="Skriv ut felrapport", action=access.Action.PRINT)
    return render(request, "faultreports/print.html", {"report": shown, "patient": shown.patient, "files": sending.files_of(shown)})


@requires(Permission.HANDLE_DEVIATIONS)
@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, number: str) -> HttpResponse:
    """The avvikelsehandläggare lets the aid be used and mended again."""
    shown = open_report(request, number, activity="Häva utredning")
    if not shown.is_holding:
        return somebody_was_first(request, shown)
    if request.method == "POST":
        try:
            aids.release(shown, by=request.assignment)
        except IllegalMove:
            return somebody_was_first(request, shown)
        others = aids.about_same_aid(shown).holding().exists()
        messages.success(
            request, "Utredningen är hävd. Hjälpmedlet hålls kvar av en annan felrapport." if others else "Utredningen är hävd. Hjälpmedlet är fritt."
        )
        return redirect(shown)
    return render(request, "faultreports/release.html", {"report": shown, "patient": shown.patient})


@requires(Permission.REPORT_LOST)
@require_http_methods(["GET", "POST"])
def found(request: HttpRequest, number: str) -> HttpResponse:
    """A lost aid has been found again."""
    shown = open_report(request, number, activity="Anmäla återfunnet hjälpmedel")
    if not shown.can_be_found:
        return somebody_was_first(request, shown)
    form = FoundForm(request.POST or None, lost_on=shown.happened_on, initial={"found_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            aids.record_found(shown, by=request.assignment, found_on=form.cleaned_data["found_on"], note=form.cleaned_data["note"])
        except IllegalMove:
            return somebody_was_first(request, shown)
        messages.success(request, "Hjälpmedlet är anmält som återfunnet. Centralen får veta det.")
        return redirect(shown)
    return render(request, "faultreports/found.html", {"report": shown, "patient": shown.patient, "form": form})


@requires(Permission.REPORT_FAULT)
@require_POST
def authority(request: HttpRequest, number: str) -> HttpResponse:
    """The event has been reported to Läkemedelsverket. Said twice is said once."""
    shown = open_report(request, number, activity="Anmält till Läkemedelsverket")
    if shown.is_reported_to_authority is None:
        raise Http404
    try:
        sending.note_authority(shown, by=request.assignment)
    except IllegalMove:
        messages.info(request, "Det stod redan att händelsen är anmäld till Läkemedelsverket.")
    else:
        messages.success(request, "Nu står det att händelsen är anmäld till Läkemedelsverket.")
    return redirect(shown)


def _version(request: HttpRequest, number: str) -> str:
    """Changes whenever the page would for this reader: what is not told to the reader changes nothing."""
    history = FaultReportHistory.objects.filter(report__number=number).told_to(request.assignment)
    last = history.order_by("-id").values_list("id", flat=True).first()
    progress = progress_of(number)
    return f"{last}-{progress.state if progress else ''}-{progress.is_slow if progress else ''}"


def _context(request: HttpRequest, shown: FaultReport, version: str) -> dict[str, Any]:
    """`version` was read before anything else, so that what comes in between is asked for once too often, never too seldom."""
    by = request.assignment
    history = list(shown.history.told_to(by).select_related("by__user").order_by("-id"))
    progress = progress_of(str(shown.number))
    is_fresh = bool(history) and timezone.now() - history[0].at < FRESH
    handles = may(by, Permission.HANDLE_DEVIATIONS)
    return {
        "report": shown,
        "patient": shown.patient,
        "files": sending.files_of(shown),
        "answers": list(shown.answers.order_by("-sequence")),
        "withheld": list(shown.withheld_answers.order_by("-sequence").values_list("received_at", flat=True)) if handles else [],
        "events": timeline.told(history),
        "progress": progress,
        "version": version,
        "poll_seconds": 3 if is_fresh or (progress and progress.is_waiting) else 60,
        "is_open": shown.status in OPEN,
        "may_release": handles and shown.is_holding,
        "may_find": shown.can_be_found and may(by, Permission.REPORT_LOST),
        "must_tell_authority": shown.is_harmful and not shown.is_reported_to_authority,
    }
