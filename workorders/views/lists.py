"""Lists of arbetsorder: search, planned visits by day, drafts, and the list as an Excel file."""

import itertools
from collections.abc import Iterable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import Assignment
from accounts.permissions import Permission, may, requires
from core import excel
from core.paging import keyset_page
from core.templatetags.ui import thousands
from ordering import listing
from patients import access
from patients.forms import NumberForm
from patients.models import Patient
from workorders.actions.drafts import RESOURCE
from workorders.forms import SearchForm
from workorders.models import Status, WorkOrder
from workorders.models.orders import WorkOrderQuerySet

ACTIVITY = "Sök arbetsorder"


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def order_list(request: HttpRequest) -> HttpResponse:
    """Sök arbetsorder. Filters stand in the address; a patient's number is posted and becomes the patient's public id there."""
    number_form = NumberForm(request.POST or None, auto_id="patient_%s")
    if request.method == "POST" and number_form.is_valid():
        patient = listing.patient_by_number(request, number_form, missing="Enheten har inga arbetsorder för det numret.")
        if patient is not None:
            return redirect(f"{request.path}?patient={patient.public_id}")
    form = _form(request)
    found, patient = _found(request, form)
    page = keyset_page(found.for_list(), order=form.order, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request.assignment, page.rows, activity=ACTIVITY)
    context = {
        "form": form,
        "number_form": number_form,
        "both_forms": [number_form, form],
        "page": page,
        "count_text": _count_text(listing.count(found)),
        "is_filtered": any(form.cleaned_data.get(name) for name in form.fields if name != "sortering") or patient is not None,
        "patient": patient,
        "kept": [("patient", request.GET["patient"])] if patient else [],
        "tabs": _tabs(_tab(form)),
        "may_order": may(request.assignment, Permission.PLACE_ORDER),
    }
    return render(request, "workorders/list.html", context)


def _form(request: HttpRequest) -> SearchForm:
    form = SearchForm(request.GET or {"sortering": "senast"}, by=request.assignment)
    form.is_valid()
    return form


def _found(request: HttpRequest, form: SearchForm) -> tuple[WorkOrderQuerySet, Patient | None]:
    found = WorkOrder.objects.listed_to(request.assignment)
    patient = listing.patient_of(request, activity=ACTIVITY, resource=RESOURCE)
    if patient is not None:
        found = found.filter(patient=patient)
    return form.narrow(found.sent()), patient


def _log(by: Assignment, rows: Iterable[WorkOrder], *, activity: str, action: str = access.Action.READ) -> None:
    shown = [(row.patient, access.Resource(RESOURCE, row.number or "utkast", owner=row.unit)) for row in rows]
    access.log_listing(by, shown, activity=activity, action=action)


def _count_text(count: listing.Count) -> str:
    return f"Fler än {thousands(listing.MOST_COUNTED)} arbetsorder" if count.is_capped else f"{thousands(count.number)} arbetsorder"


def _tab(form: SearchForm) -> str:
    status = form.cleaned_data.get("status")
    return f"?status={status}" if status in {SearchForm.OPEN, SearchForm.LATE, Status.NEEDS_COMPLETION} else ""


def _tabs(shown: str) -> list[tuple[str, str, bool]]:
    """All lists of arbetsorder, as components/tabs.html takes them. `shown` is what follows the list's address."""
    lists = [
        ("Alla", ""),
        ("Öppna", f"?status={SearchForm.OPEN}"),
        ("Försenade", f"?status={SearchForm.LATE}"),
        ("Att komplettera", f"?status={Status.NEEDS_COMPLETION}"),
        ("Planerade besök", "planerade/"),
        ("Utkast", "utkast/"),
    ]
    return [(text, reverse("workorders:list") + rest, rest == shown) for text, rest in lists]


@requires(Permission.SEE_ORDERS)
@require_GET
def planned(request: HttpRequest) -> HttpResponse:
    """Planned visits from today on, by day."""
    found = WorkOrder.objects.listed_to(request.assignment).filter(status=Status.PLANNED, planned_on__gte=timezone.localdate())
    page = keyset_page(found.for_list(), order=("planned_on", "id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request.assignment, page.rows, activity="Planerade besök")
    days = [(day, list(rows)) for day, rows in itertools.groupby(page.rows, key=lambda row: row.planned_on)]
    return render(request, "workorders/planned.html", {"page": page, "days": days, "tabs": _tabs("planerade/")})


@requires(Permission.SEE_ORDERS)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    found = WorkOrder.objects.listed_to(request.assignment).drafts()
    page = keyset_page(found.for_list(), order=("-changed_at", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request.assignment, page.rows, activity="Utkast")
    return render(request, "workorders/drafts.html", {"page": page, "tabs": _tabs("utkast/")})


COLUMNS = ("Ordernummer", "Skickad", "Slag", "Patient", "Hjälpmedel", "Individnummer", "Status", "Försenad", "Planerad", "Klar senast", "Beställare", "Kund")


@requires(Permission.SEE_ORDERS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed, in its order, as an Excel file of texts and numbers. Each order in it is in the access log."""
    form = _form(request)
    found, _ = _found(request, form)
    here = f"{reverse('workorders:list')}?{request.GET.urlencode()}"
    if form.errors:
        return redirect(here)
    rows = list(found.for_list().order_by(*form.order)[: listing.MOST_EXPORTED + 1])
    if len(rows) > listing.MOST_EXPORTED:
        messages.warning(request, f"Listan har fler än {thousands(listing.MOST_EXPORTED)} arbetsorder. Avgränsa den, till exempel med datum, och försök igen.")
        return redirect(here)
    with transaction.atomic():
        _log(request.assignment, rows, activity="Arbetsorder till Excel", action=access.Action.EXPORT)
        content = excel.workbook("Arbetsorder", [COLUMNS, *(_row(row) for row in rows)])
    response = HttpResponse(content, content_type=excel.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="arbetsorder.xlsx"'
    return response


def _row(order: WorkOrder) -> list[str | int]:
    return [
        str(order.number),
        f"{timezone.localtime(order.placed_at):%Y-%m-%d %H:%M}",
        order.get_kind_display(),
        order.patient.short_name,
        order.aid_name,
        order.individual_number,
        order.shown_status.label,
        "Ja" if order.is_late else "",
        order.planned_on.isoformat() if order.planned_on else "",
        f"{timezone.localtime(order.done_by):%Y-%m-%d}" if order.done_by else "",
        order.orderer.user.name,
        order.customer_number,
    ]
