"""Lists of felrapporter: search, drafts, and the list as an Excel file."""

from collections.abc import Iterable

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Assignment
from accounts.permissions import Permission, may, requires
from core import excel
from core.paging import keyset_page
from core.templatetags.ui import thousands
from faultreports.forms import SearchForm
from faultreports.forms.search import HARM, OPEN
from faultreports.known import RESOURCE
from faultreports.models import FaultReport, FaultReportAnswer
from faultreports.models.reports import FaultReportQuerySet
from ordering import listing
from patients import access
from patients.models import Patient

ACTIVITY = "Sök felrapport"
NEWEST = ("-sent_at", "-id")
_INDEXED = ("-reported_at", "-id")


@requires(Permission.REPORT_FAULT)
@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """Sök felrapport: one's own, and for those who follow up the unit's all. Filters stand in the address, a patient by public id."""
    form = _form(request)
    found, patient = _found(request, form)
    page = keyset_page(found.for_list(), order=NEWEST, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request.assignment, page.rows, activity=ACTIVITY)
    context = {
        "form": form,
        "page": page,
        "count_text": _count_text(listing.count(found, order=_INDEXED)),
        "is_filtered": any(form.cleaned_data.get(name) for name in form.fields) or patient is not None,
        "patient": patient,
        "kept": [("patient", request.GET["patient"])] if patient else [],
        "tabs": tabs(request.assignment, _tab(form)),
        "sees_all": may(request.assignment, Permission.SEE_FAULT_REPORTS),
    }
    return render(request, "faultreports/list.html", context)


def _form(request: HttpRequest) -> SearchForm:
    form = SearchForm(request.GET, by=request.assignment, sees_all=may(request.assignment, Permission.SEE_FAULT_REPORTS))
    form.is_valid()
    return form


def _found(request: HttpRequest, form: SearchForm) -> tuple[FaultReportQuerySet, Patient | None]:
    found = FaultReport.objects.listed_to(request.assignment).sent()
    patient = listing.patient_of(request, activity=ACTIVITY, resource=RESOURCE) if may(request.assignment, Permission.OPEN_PATIENT) else None
    if patient is not None:
        found = found.filter(patient=patient)
    return form.narrow(found), patient


def _log(by: Assignment, rows: Iterable[FaultReport], *, activity: str, action: str = access.Action.READ) -> None:
    shown = [(row.patient, access.Resource(RESOURCE, row.number or "utkast", owner=row.unit)) for row in rows if row.patient is not None]
    access.log_listing(by, shown, activity=activity, action=action)


def _count_text(count: listing.Count) -> str:
    if count.is_capped:
        return f"Fler än {thousands(listing.MOST_COUNTED)} felrapporter"
    return f"{thousands(count.number)} {'felrapport' if count.number == 1 else 'felrapporter'}"


def _tab(form: SearchForm) -> str:
    if form.cleaned_data.get("status") == OPEN:
        return f"?status={OPEN}"
    return f"?slag={HARM}" if form.cleaned_data.get("slag") == HARM else ""


def tabs(by: Assignment, shown: str) -> list[tuple[str, str, bool]]:
    """All lists of felrapporter, as components/tabs.html takes them. `shown` is what follows the list's address."""
    lists = [("Alla", ""), ("Öppna", f"?status={OPEN}"), ("Händelser och tillbud", f"?slag={HARM}"), ("Utkast", "utkast/")]
    lists += [("Uppföljning", "uppfoljning/")] if may(by, Permission.SEE_FAULT_REPORTS) else []
    lists += [("Återkallelse", "aterkallelse/")] if may(by, Permission.RECALL) else []
    return [(text, reverse("faultreports:list") + rest, rest == shown) for text, rest in lists]


@requires(Permission.REPORT_FAULT)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    """One's own."""
    found = FaultReport.objects.listed_to(request.assignment).drafts()
    page = keyset_page(found.for_list(), order=("-changed_at", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request.assignment, page.rows, activity="Utkast")
    return render(request, "faultreports/drafts.html", {"page": page, "tabs": tabs(request.assignment, "utkast/")})


COLUMNS = (
    "Nummer",
    "Skickad",
    "Slag",
    "Status",
    "Patient",
    "Hjälpmedel",
    "Artikelnummer",
    "Leverantör",
    "Individnummer",
    "Order",
    "Svar lämnat",
    "Anmäld till Läkemedelsverket",
    "Anmälare",
    "Ärende i SESAM2",
)


@requires(Permission.REPORT_FAULT)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed, as an Excel file of texts. Each patient in it is in the access log."""
    form = _form(request)
    found, _ = _found(request, form)
    here = f"{reverse('faultreports:list')}?{request.GET.urlencode()}"
    if form.errors:
        return redirect(here)
    answered = Exists(FaultReportAnswer.objects.filter(report=OuterRef("pk")))
    rows = list(found.for_list().annotate(is_answered=answered).order_by(*NEWEST)[: listing.MOST_EXPORTED + 1])
    if len(rows) > listing.MOST_EXPORTED:
        messages.warning(request, f"Listan har fler än {thousands(listing.MOST_EXPORTED)} felrapporter. Avgränsa den, till exempel med datum, och försök igen.")
        return redirect(here)
    with transaction.atomic():
        _log(request.assignment, rows, activity="Felrapporter till Excel", action=access.Action.EXPORT)
        content = excel.workbook("Felrapporter", [COLUMNS, *(_row(row) for row in rows)])
    response = HttpResponse(content, content_type=excel.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="felrapporter.xlsx"'
    return response


def _row(report: FaultReport) -> list[str]:
    authority = {True: "Ja", False: "Nej", None: ""}[report.is_reported_to_authority]
    return [
        str(report.number),
        f"{timezone.localtime(report.reported_at):%Y-%m-%d %H:%M}",
        report.get_kind_display(),
        report.shown_status.label,
        report.patient.short_name if report.patient else "",
        report.aid_name,
        report.article_number,
        report.article.supplier.name if report.article else "",
        report.individual_number,
        report.order_number,
        "Ja" if report.is_answered else "",  # type: ignore[attr-defined]
        authority,
        report.reporter.user.name,
        report.case_number,
    ]
