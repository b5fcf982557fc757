"""Kundorder that are sent: list and search, the order's page, cancelling, ordering again."""

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions as accounts
from accounts.models import Assignment
from accounts.permissions import Permission, may, requires
from core.lifecycle import IllegalMove
from core.paging import keyset_page
from integration.delivery import progress_of
from orders import timeline
from orders.actions import orders
from orders.forms import CancelForm, SearchForm
from orders.models import OPEN, CustomerOrderQuerySet, Order, OrderHistory, OrderLine, Status
from patients import access
from patients.forms import NumberForm
from patients.models import Patient

PAGE_SIZE = 25
# After something happened to an order its page asks often, since more may follow; then once a minute.
FRESH = datetime.timedelta(minutes=5)


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def order_list(request: HttpRequest) -> HttpResponse:
    """Sök kundorder. Filters stand in the address; a patient's number is posted and becomes the patient's public id there."""
    number_form = NumberForm(request.POST or None, auto_id="patient_%s")
    if request.method == "POST" and number_form.is_valid():
        try:
            patient = access.find_by_number(request.assignment, number_form.cleaned_data["number"])
        except access.ProtectedPatient:
            patient = None
        if patient is not None and Patient.objects.visible_to(request.assignment).filter(pk=patient.pk).exists():
            return redirect(f"{request.path}?patient={patient.public_id}")
        number_form.add_error("number", "Enheten har inga beställningar för det numret.")
    form = SearchForm(request.GET or {"sortering": "senast"})
    found = Order.objects.listed_to(request.assignment).sent()
    is_filtered = False
    if form.is_valid():
        found, is_filtered = _filtered(found, form.cleaned_data, request.assignment)
    patient = None
    if request.GET.get("patient"):
        patient = _patient_of_filter(request)
        found = found.filter(patient=patient)
    order = SearchForm.ORDERS.get(form.cleaned_data.get("sortering") or "senast", SearchForm.ORDERS["senast"])
    page = keyset_page(found.for_list(), order=order, cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    access.log_listing(request.assignment, ((row.patient, access.Resource(orders.RESOURCE, str(row.number))) for row in page.rows), activity="Sök kundorder")
    context = {
        "form": form,
        "number_form": number_form,
        "both_forms": [number_form, form],
        "page": page,
        "is_filtered": is_filtered or patient is not None,
        "patient": patient,
    }
    return render(request, "orders/list.html", context)


def _filtered(found: CustomerOrderQuerySet, wanted: dict[str, Any], by: Assignment) -> tuple[CustomerOrderQuerySet, bool]:
    everything = found
    if wanted["nummer"]:
        found = found.filter(number__startswith=wanted["nummer"].upper())
    if wanted["artikel"]:
        text = wanted["artikel"]
        named = (
            Q(article__number__iexact=text) | Q(article__local__sesam_number=text) | Q(article__name__icontains=text) | Q(article__local__name__icontains=text)
        )
        found = found.filter(Exists(OrderLine.objects.filter(named, order=OuterRef("pk"))))
    if wanted["status"] == "oppna":
        found = found.open()
    elif wanted["status"] == "forsenade":
        found = found.open().filter(is_delayed=True)
    elif wanted["status"]:
        found = found.filter(status=wanted["status"])
    if wanted["fran"]:
        found = found.filter(placed_at__gte=_midnight(wanted["fran"]))
    if wanted["till"]:
        found = found.filter(placed_at__lt=_midnight(wanted["till"] + datetime.timedelta(days=1)))
    if wanted["vems"] == "mina":
        found = found.of_person(by)
    return found, found is not everything


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def _patient_of_filter(request: HttpRequest) -> Patient:
    try:
        return access.open_patient(request.assignment, _uuid(request.GET["patient"]), activity="Sök kundorder", resource=access.Resource(orders.RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


@requires(Permission.SEE_ORDERS)
@require_GET
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order's page. Opening it makes the reader's notices about it read."""
    version = _version(number)
    shown = open_order(request, number, activity="Visa kundorder")
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
    if not Order.objects.visible_to(request.assignment).filter(number=number).exists():
        raise Http404
    version = _version(number)
    if request.GET.get("v") == version:
        return HttpResponse(status=204)
    # A page that lies open and asks by itself is not somebody who reads: the notices stay unread.
    shown = open_order(request, number, activity="Visa kundorder")
    return render(request, "orders/_live.html", _context(request, shown, version))


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    shown = open_order(request, number, activity="Makulera kundorder")
    form = CancelForm(request.POST or None)
    if not shown.can_be_cancelled:
        return _cannot_be_cancelled(request, shown)
    if request.method == "POST" and form.is_valid():
        try:
            orders.request_cancellation(shown, by=request.assignment, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"])
        except IllegalMove:
            shown.refresh_from_db()
            return _cannot_be_cancelled(request, shown)
        messages.success(request, "Din begäran om makulering är skickad. Du får ett meddelande när centralen har svarat.")
        return redirect(shown)
    return render(request, "orders/cancel.html", {"order": shown, "patient": shown.patient, "form": form})


def _cannot_be_cancelled(request: HttpRequest, shown: Order) -> HttpResponse:
    if shown.cancellation_requested_at is None:
        return somebody_was_first(request, shown)
    # The same form sent twice, or a colleague was first: what was wanted is done.
    messages.info(request, "Makuleringen är redan begärd. Du får ett meddelande när centralen har svarat.")
    return redirect(shown)


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


def open_order(request: HttpRequest, number: str, *, activity: str) -> Order:
    found = Order.objects.visible_to(request.assignment).select_related(
        "patient", "customer", "delivery_point", "prescriber__user", "orderer__user", "unit__provider", "again_of"
    )
    shown = found.filter(number=number).first()
    if shown is None:
        raise Http404
    try:
        shown.patient = access.open_patient(request.assignment, shown.patient.public_id, activity=activity, resource=access.Resource(orders.RESOURCE, number))
    except access.NoSuchPatient:
        raise Http404 from None
    return shown


def _context(request: HttpRequest, shown: Order, version: str) -> dict[str, Any]:
    """`version` was read before anything else, so that what comes in between is asked for once too often, never too seldom."""
    history = list(shown.history.select_related("by__user").order_by("-id"))
    lines = orders.lines_of(shown)
    for line in lines:
        line.order = shown
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
        "ending": [line for line in lines if line.loan_ends_on and line.delivered],
        "may_order": may(request.assignment, Permission.PLACE_ORDER),
        "may_again": again is None and any(line.cancelled for line in lines),
        "ordered_again": again,
    }


def _version(number: str) -> str:
    """Changes whenever the order's page would."""
    last = OrderHistory.objects.filter(order__number=number).order_by("-id").values_list("id", flat=True).first()
    progress = progress_of(number)
    return f"{last}-{progress.state if progress else ''}-{progress.is_slow if progress else ''}"


def somebody_was_first(request: HttpRequest, shown: Order) -> HttpResponse:
    context = {
        "title": "Någon hann före",
        "text": f"Kundorder {shown.number} har ändrats sedan du öppnade sidan. Inget av det du gjorde nu är sparat.",
        "url": shown.get_absolute_url(),
        "url_text": f"Visa kundorder {shown.number} som den är nu",
    }
    return render(request, "errors/conflict.html", context, status=409)
