"""A new kundorder: one page that is saved each time it is sent to the server, a page to check it, and the sending."""

import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from catalog.search import search
from core.forms import clean_text
from core.lifecycle import IllegalMove
from core.templatetags.ui import when
from ordering.forms import add_problems
from ordering.pages import seen
from ordering.sending import Problem
from ordering.views import drafts as common
from orders.actions import drafts, orders
from orders.forms import DraftForm
from orders.models import Order, OrderLine, Status
from orders.views import buttons
from orders.views.approvals import ask_again
from orders.views.draft_page import MOST_HITS, draft_page, review_page
from orders.views.opened import KUNDORDER, no_longer_a_draft, open_draft
from patients import access
from patients.models import Loan

SHORTEST_QUERY = 2


@requires(Permission.PLACE_ORDER)
@require_POST
def start(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """`loan` (an aid that the patient has) opens the accessories to it."""
    try:
        patient = access.open_patient(request.assignment, patient_id, activity="Ny kundorder", resource=access.Resource(orders.RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None
    order = drafts.start(patient, by=request.assignment)
    loan = request.POST.get("loan", "")
    mine = Loan.objects.visible_to(request.assignment).current().filter(patient=patient)
    aid = mine.filter(pk=int(loan)).first() if loan.isascii() and loan.isdigit() and len(loan) < 19 else None
    return buttons.to_accessories(order, f"hjalpmedel-{aid.pk}") if aid else redirect(order)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Every button of the page sends all of it: what is right is saved before the button's own work is done."""
    order = open_draft(request, public_id, activity="Skriva kundorder")
    if order.status != Status.DRAFT:
        return no_longer_a_draft(request, order)
    lines = orders.lines_of(order)
    if request.method == "GET":
        form = DraftForm(order=order, lines=lines, by=request.assignment)
        return draft_page(request, order, form, whole=request.GET.get("tillbehor", ""))
    form = DraftForm(request.POST, request.FILES, order=order, lines=lines, by=request.assignment)
    form.is_valid()
    verb, _, argument = request.POST.get("do", "save").partition(":")
    try:
        _save(request, order, form)
        buttons.attach(request, order, form)
        return buttons.press(request, order, form, verb, argument)
    except drafts.ChangedMeanwhile:
        form.add_error(None, common.CHANGED)
        return draft_page(request, order, form, errors_text=common.NOT_SAVED)
    except IllegalMove:
        return no_longer_a_draft(request, common.fresh(request, KUNDORDER, order))


def _save(request: HttpRequest, order: Order, form: DraftForm) -> None:
    page = request.POST.get("page", "")[:36]
    drafts.save(order, content=form.content, quantities=form.quantities, details=form.details, seen=seen(request), page=page)


@requires(Permission.PLACE_ORDER)
@require_POST
def autosave(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What the page saves by itself while one types: {"text"} of when, or 409 with why not. Shows nothing of the patient.

    A protected person's draft does not exist for those who may not open the person.
    """
    found = Order.objects.listed_to(request.assignment).about_patients()
    found = found.select_related("patient", "customer", "delivery_point", "prescriber__user", "unit__provider")
    order = found.filter(public_id=public_id).first()
    if order is None:
        raise Http404
    form = DraftForm(request.POST, order=order, lines=orders.lines_of(order), by=request.assignment)
    form.is_valid()
    try:
        _save(request, order, form)
    except drafts.ChangedMeanwhile:
        return JsonResponse({"text": "Någon annan har ändrat utkastet. Det du skriver nu är inte sparat. Spara för att se vad som gäller."}, status=409)
    except IllegalMove:
        return JsonResponse({"text": "Utkastet är skickat eller kastat. Det du skriver nu är inte sparat."}, status=409)
    wrong = f". {form.error_count} uppgifter är inte sparade, de måste rättas" if form.error_count > 1 else ". En uppgift är inte sparad, den måste rättas"
    return JsonResponse({"text": f"Sparat {when(timezone.now())}{wrong if form.error_count else ''}"})


@requires(Permission.PLACE_ORDER)
@require_GET
def articles(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What is found while one types. Shows nothing of the patient."""
    order = Order.objects.visible_to(request.assignment).about_patients().drafts().filter(public_id=public_id).first()
    if order is None:
        raise Http404
    try:
        query = " ".join(clean_text(request.GET.get("q", "")).split())[:100]
    except ValidationError:
        query = ""
    if len(query) < SHORTEST_QUERY:
        query = ""
    hits = search(query, orderable_only=True, limit=MOST_HITS, by=request.assignment)
    return render(request, "orders/_article_hits.html", {"order": order, "query": query, "hits": hits})


@requires(Permission.PLACE_ORDER)
@require_GET
def review(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Check your answers."""
    order = open_draft(request, public_id, activity="Granska kundorder")
    if order.status != Status.DRAFT:
        return no_longer_a_draft(request, order)
    lines = orders.lines_of(order)
    judged = orders.verdicts_of(order, lines, by=request.assignment)
    if problems := orders.problems_of(order, lines, by=request.assignment, today=timezone.localdate(), judged=judged):
        return _with_problems(request, order, lines, problems)
    return review_page(request, order, lines, judged=judged)


def _with_problems(request: HttpRequest, order: Order, lines: list[OrderLine], problems: Sequence[Problem]) -> HttpResponse:
    form = DraftForm.as_saved(order, lines, request.assignment)
    add_problems(form, problems)
    return draft_page(request, order, form)


@requires(Permission.PLACE_ORDER)
@require_POST
def send(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Also a draft that has come to need approval since it was checked."""

    def with_problems(request: HttpRequest, order: Order, problems: Sequence[Problem]) -> HttpResponse:
        return _with_problems(request, order, orders.lines_of(order), problems)

    try:
        return common.send(request, KUNDORDER, public_id, place=orders.place, with_problems=with_problems, gone=no_longer_a_draft)
    except orders.NeedsApproval:
        return ask_again(request, public_id)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return common.discard(request, KUNDORDER, public_id, throw=drafts.discard, gone=no_longer_a_draft)
