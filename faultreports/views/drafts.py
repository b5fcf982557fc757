"""A felrapport is filled in, checked and sent."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from faultreports.actions import drafts, sending
from faultreports.forms import DraftForm
from faultreports.models import FaultReport, Status
from faultreports.views.opened import no_longer_a_draft, open_draft
from integration import attachments
from ordering.pages import file_response, seen
from ordering.sending import AlreadySent, ChangedMeanwhile, NotReady, NotSeen
from patients import access

NOTHING_SENT = "Det som är rätt är sparat i utkastet. Inget har skickats."


@requires(Permission.REPORT_FAULT)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every button of the page sends all of it: what is right is saved before the button's own work is done."""
    report = open_draft(request, public_id, activity="Skriva felrapport")
    if report.status != Status.DRAFT:
        return no_longer_a_draft(request, report)
    if request.method == "GET":
        return _page(request, report, DraftForm(report=report, by=request.assignment))
    form = DraftForm(request.POST, report=report, by=request.assignment)
    form.is_valid()
    verb, _, argument = request.POST.get("do", "save").partition(":")
    try:
        drafts.save(report, content=form.content, found=form.found, seen=seen(request))
        return _do(request, report, form, verb, argument)
    except ChangedMeanwhile:
        form.add_error(None, "Utkastet har ändrats sedan du öppnade sidan. Det du skrev står kvar men är inte sparat. Kontrollera allt och spara igen.")
        return _page(request, report, form, errors_text="Inget är sparat än, och inget har skickats.")
    except IllegalMove:
        return no_longer_a_draft(request, FaultReport.objects.visible_to(request.assignment).get(pk=report.pk))


def _do(request: HttpRequest, report: FaultReport, form: DraftForm, verb: str, argument: str) -> HttpResponse:
    if verb == "detach":
        try:
            drafts.detach(report, uuid.UUID(argument))
        except ValueError:
            raise Http404 from None
        return redirect(f"{report.get_absolute_url()}#bilagor") if not form.errors else _page(request, report, form)
    if verb == "attach" or request.FILES.get("file"):
        file_error = _attach(request, report)
        if file_error or form.errors:
            return _page(request, report, form, file_error=file_error)
        if verb == "attach":
            return redirect(f"{report.get_absolute_url()}#bilagor")
    if form.errors:
        return _page(request, report, form)
    if verb == "review":
        return redirect("faultreports:review", public_id=report.public_id)
    messages.success(request, "Utkastet är sparat.")
    return redirect(report)


def _attach(request: HttpRequest, report: FaultReport) -> str:
    """Store the file that was sent along. Returns why it could not be, in Swedish."""
    upload = request.FILES.get("file")
    if upload is None:
        return "Välj en fil att bifoga."
    try:
        drafts.attach(report, attachments.check(upload, upload.name or ""), by=request.assignment)
    except attachments.Refused as refused:
        return refused.text
    except drafts.TooManyFiles:
        return f"Du kan bifoga högst {drafts.MOST_FILES} filer. Ta bort någon först."
    return ""


def _page(request: HttpRequest, report: FaultReport, form: DraftForm, *, errors_text: str = NOTHING_SENT, file_error: str = "") -> HttpResponse:
    context = {
        "report": report,
        "patient": report.patient,
        "form": form,
        "files": sending.files_of(report),
        "file_error": file_error,
        "accept": attachments.ACCEPT,
        "shows_second": bool(form["is_second"].errors or form["is_second"].value()),
        "errors_text": errors_text,
    }
    return render(request, "faultreports/draft.html", context)


@requires(Permission.REPORT_FAULT)
@require_GET
def attachment(request: HttpRequest, public_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
    """A file of the report, to those who may open the report."""
    report = open_draft(request, public_id, activity="Öppna bilaga")
    file = report.attachments.select_related("attachment").filter(attachment=attachment_id).first()
    if file is None:
        raise Http404
    return file_response(file.attachment)


@requires(Permission.REPORT_FAULT)
@require_GET
def review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Check your answers."""
    report = open_draft(request, public_id, activity="Granska felrapport")
    if report.status != Status.DRAFT:
        return no_longer_a_draft(request, report)
    if problems := sending.problems_of(report, at=timezone.now()):
        return _with_problems(request, report, problems)
    context = {"report": report, "patient": report.patient, "files": sending.files_of(report), "edit_url": reverse("faultreports:draft", args=[public_id])}
    return render(request, "faultreports/review.html", context)


def _with_problems(request: HttpRequest, report: FaultReport, problems: list[tuple[str, str]]) -> HttpResponse:
    form = DraftForm.as_saved(report, request.assignment)
    for field, text in problems:
        # The form may have found the same; what the problem says is more to the point.
        form.errors.pop(field, None)
        form.add_error(field if field in form.fields else None, text)
    return _page(request, report, form)


@requires(Permission.REPORT_FAULT)
@require_POST
def send(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A second click finds the report that the first one sent, and shows it."""
    report = FaultReport.objects.visible_to(request.assignment).filter(public_id=public_id).only("pk").first()
    if report is None:
        raise Http404
    try:
        number = sending.send(report, by=request.assignment, seen=seen(request))
    except AlreadySent as sent:
        number = sent.number
    except sending.NotAllowed:
        raise Http404 from None
    except access.NoSuchPatient:
        # The refusal's log row went with the transaction; the door is tried again outside it, and refuses with its row kept.
        open_draft(request, public_id, activity="Skicka felrapport")
        raise Http404 from None
    except NotSeen:
        messages.warning(request, "Utkastet har ändrats sedan du granskade det. Granska det igen. Inget har skickats.")
        return redirect("faultreports:review", public_id=public_id)
    except NotReady as error:
        return _with_problems(request, open_draft(request, public_id, activity="Skicka felrapport"), error.problems)
    except IllegalMove:
        return no_longer_a_draft(request, FaultReport.objects.visible_to(request.assignment).get(pk=report.pk))
    return redirect("faultreports:sent", number=number)


@requires(Permission.REPORT_FAULT)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    report = open_draft(request, public_id, activity="Kasta utkast")
    if report.status != Status.DRAFT:
        return no_longer_a_draft(request, report)
    if request.method == "POST":
        try:
            drafts.discard(report, by=request.assignment)
        except IllegalMove:
            return no_longer_a_draft(request, FaultReport.objects.visible_to(request.assignment).get(pk=report.pk))
        messages.success(request, "Utkastet är kastat. Inget har skickats.")
        return redirect("faultreports:drafts")
    return render(request, "faultreports/discard.html", {"report": report, "patient": report.patient})
