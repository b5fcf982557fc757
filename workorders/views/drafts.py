"""An arbetsorder is filled in, checked and sent; also when it has come back to be completed."""

import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from core.lifecycle import IllegalMove
from integration import attachments
from ordering.actions import MOST_FILES, TooManyFiles
from ordering.forms import add_problems
from ordering.pages import file_response, seen
from ordering.sending import ChangedMeanwhile, Problem
from ordering.views import drafts as common
from workorders import rules
from workorders.actions import drafts, orders
from workorders.actions.drafts import EDITABLE
from workorders.forms import WorkOrderForm
from workorders.models import Kind, Status, WorkOrder, WorkOrderAttachment
from workorders.views.opened import ARBETSORDER, no_longer_a_draft, open_draft

NOTHING_SENT = "Det som är rätt är sparat i utkastet. Inget har skickats."


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every button of the page sends all of it: what is right is saved before the button's own work is done."""
    order = open_draft(request, public_id, activity="Skriva arbetsorder")
    if order.status not in EDITABLE:
        return no_longer_a_draft(request, order)
    if request.method == "GET":
        return _page(request, order, WorkOrderForm(order=order, by=request.assignment))
    form = WorkOrderForm(request.POST, order=order, by=request.assignment)
    form.is_valid()
    verb, _, argument = request.POST.get("do", "save").partition(":")
    try:
        drafts.save(order, content=form.content, seen=seen(request))
        return _do(request, order, form, verb, argument)
    except ChangedMeanwhile:
        form.add_error(None, common.CHANGED)
        return _page(request, order, form, errors_text=common.NOT_SAVED)
    except IllegalMove:
        return no_longer_a_draft(request, common.fresh(request, ARBETSORDER, order))


def _do(request: HttpRequest, order: WorkOrder, form: WorkOrderForm, verb: str, argument: str) -> HttpResponse:
    if verb == "detach":
        try:
            drafts.detach(order, uuid.UUID(argument))
        except ValueError:
            raise Http404 from None
        return redirect(f"{_url(order)}#bilagor") if not form.errors else _page(request, order, form)
    if verb == "attach" or request.FILES.get("file"):
        file_error = _attach(request, order)
        if file_error or form.errors:
            return _page(request, order, form, file_error=file_error)
        if verb == "attach":
            return redirect(f"{_url(order)}#bilagor")
    if form.errors:
        return _page(request, order, form)
    if verb == "review":
        return redirect("workorders:review", public_id=order.public_id)
    messages.success(request, "Utkastet är sparat." if order.number is None else "Det du har ändrat är sparat. Det är inte skickat än.")
    return redirect(_url(order))


def _attach(request: HttpRequest, order: WorkOrder) -> str:
    """Store the file that was sent along. Returns why it could not be, in Swedish."""
    upload = request.FILES.get("file")
    if upload is None:
        return "Välj en fil att bifoga."
    content = request.POST.get("content", "")
    try:
        checked = attachments.check(upload, upload.name or "")
        drafts.attach(
            order, checked, content=content if content in WorkOrderAttachment.Content.values else WorkOrderAttachment.Content.PHOTO, by=request.assignment
        )
    except attachments.Refused as refused:
        return refused.text
    except TooManyFiles:
        return f"Du kan bifoga högst {MOST_FILES} filer. Ta bort någon först."
    return ""


def _url(order: WorkOrder) -> str:
    """Where it is filled in, also when it has a number."""
    return reverse("workorders:draft", args=[order.public_id])


def _page(request: HttpRequest, order: WorkOrder, form: WorkOrderForm, *, errors_text: str = NOTHING_SENT, file_error: str = "") -> HttpResponse:
    missing = order.reports.filter(state="NEEDS_COMPLETION").order_by("-sequence").first() if order.status == Status.NEEDS_COMPLETION else None
    context = {
        "order": order,
        "patient": order.patient,
        "form": form,
        "files": orders.files_of(order),
        "file_error": file_error,
        "file_kinds": _file_kinds(order),
        "accept": attachments.ACCEPT,
        "missing": missing,
        "asks_for_aid": order.kind in rules.ABOUT_AN_AID,
        "shows_second": bool(form["is_second"].errors or form["is_second"].value()) if "is_second" in form.fields else False,
        "errors_text": errors_text,
    }
    return render(request, "workorders/draft.html", context)


def _file_kinds(order: WorkOrder) -> list[tuple[str, str]]:
    """What a file of this kind of order can be, the most likely first."""
    content = WorkOrderAttachment.Content
    wanted = {Kind.SPECIAL_ADAPTATION: [content.INSTRUCTION, content.PHOTO], Kind.CONSULTATION: [content.DOCUMENT, content.PHOTO]}
    return [(value, value.label) for value in wanted.get(Kind(order.kind), [content.PHOTO, content.DOCUMENT])]


@requires(Permission.SEE_ORDERS)
@require_GET
def attachment(request: HttpRequest, public_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
    """A file of the order, to those who may open the order."""
    order = open_draft(request, public_id, activity="Öppna bilaga")
    file = order.attachments.select_related("attachment").filter(attachment=attachment_id).first()
    if file is None:
        raise Http404
    return file_response(file.attachment)


@requires(Permission.PLACE_ORDER)
@require_GET
def review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Check your answers."""
    order = open_draft(request, public_id, activity="Granska arbetsorder")
    if order.status not in EDITABLE:
        return no_longer_a_draft(request, order)
    files = orders.files_of(order)
    if problems := orders.problems_of(order, files, at=timezone.now()):
        return _with_problems(request, order, problems)
    promised = rules.promise(order, at=timezone.now())
    return render(request, "workorders/review.html", {"order": order, "patient": order.patient, "files": files, "promised": promised, "edit_url": _url(order)})


def _with_problems(request: HttpRequest, order: WorkOrder, problems: Sequence[Problem]) -> HttpResponse:
    """What the files lack stands at the field to choose one."""
    form = WorkOrderForm.as_saved(order, request.assignment)
    file_error = next((text for field, text in problems if field == "file"), "")
    add_problems(form, [("" if field == "file" else field, text) for field, text in problems])
    return _page(request, order, form, file_error=file_error)


@requires(Permission.PLACE_ORDER)
@require_POST
def send(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return common.send(request, ARBETSORDER, public_id, place=orders.place, with_problems=_with_problems)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return common.discard(request, ARBETSORDER, public_id, throw=drafts.discard)
