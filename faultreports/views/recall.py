"""Återkallelse: every patient, unit and store that has an aid, for those with the right to it, each patient logged with the reason."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission, requires
from core import excel
from core.paging import keyset_page
from core.templatetags.ui import thousands
from faultreports import recall
from faultreports.forms import RecallForm
from faultreports.views.lists import tabs
from ordering import listing
from patients import access
from patients.models import Loan, Patient

RESOURCE = "Återkallelse"
MOST_EXPORTED = 20_000
# The choice to see who has the aids holds as long as that to see other units' orders, and for the aids that it was made for.
_CHOICE_KEY = "recall"


@requires(Permission.RECALL)
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """What is searched for stands in the address, since it names no person; why is posted, and kept in the session for an hour."""
    form = RecallForm(request.POST or None, initial={"sok": request.GET.get("sok", "")})
    if request.method == "POST" and form.is_valid():
        sought = form.cleaned_data["sok"]
        until = timezone.now() + listing.CHOICE_HOLDS
        request.session[_CHOICE_KEY] = {"sought": sought, "reason": form.cleaned_data["skal"], "until": until.timestamp()}
        return redirect(f"{request.path}?{urlencode({'sok': sought})}")
    context: dict[str, Any] = {"form": form, "tabs": tabs(request.assignment, "aterkallelse/")}
    reason = _reason(request)
    if reason and not form.is_bound:
        context |= _results(request, reason)
    return render(request, "faultreports/recall.html", context)


def _reason(request: HttpRequest) -> str:
    """Why this very search is made; "" when nobody has said."""
    choice = request.session.get(_CHOICE_KEY)
    is_this = choice and choice["sought"] == request.GET.get("sok") and choice["until"] > timezone.now().timestamp()
    return str(choice["reason"]) if is_this else ""


def _results(request: HttpRequest, reason: str) -> dict[str, Any]:
    by = request.assignment
    wanted = recall.understand(request.GET["sok"])
    page = keyset_page(_rows(recall.holders(wanted, by=by)), order=("-since", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request, page.rows, reason=reason)
    opened = set(Patient.objects.visible_to(by).filter(pk__in=[loan.patient_id for loan in page.rows]).values_list("pk", flat=True))
    units = recall.units(wanted, by=by)
    return {
        "sought": wanted.text,
        "reason": reason,
        "page": page,
        "opened": opened,
        "units": units,
        "number": sum(unit["aids"] for unit in units),
        "stores": recall.stores(wanted, by=by),
        "elsewhere": recall.elsewhere(wanted, by=by),
    }


def _rows(found: Any) -> Any:
    return (
        found.select_related("patient", "unit", "article__local", "article__supplier").prefetch_related("patient__identities").annotate(since=F("started_at"))
    )


def _log(request: HttpRequest, loans: Iterable[Loan], *, reason: str, action: str = access.Action.READ) -> None:
    shown = [(loan.patient, access.Resource(RESOURCE, (loan.individual_number or loan.order_number)[:40], owner=loan.unit, reason=reason)) for loan in loans]
    access.log_listing(request.assignment, shown, activity="Återkallelse", action=action)


COLUMNS = (
    "Patient",
    "Personnummer",
    "Hjälpmedel",
    "Artikelnummer",
    "Leverantör",
    "Antal",
    "Individnummer",
    "Batch",
    "UDI",
    "Sedan",
    "Enhet",
    "Telefon till enheten",
)


@requires(Permission.RECALL)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """All that the search found, patients first and then stores, as an Excel file. Each patient in it is in the access log."""
    here = f"{reverse('faultreports:recall')}?{urlencode({'sok': request.GET.get('sok', '')})}"
    reason = _reason(request)
    if not reason:
        return redirect(here)
    by = request.assignment
    wanted = recall.understand(request.GET["sok"])
    loans = list(_rows(recall.holders(wanted, by=by)).order_by("-since", "-id")[: MOST_EXPORTED + 1])
    if len(loans) > MOST_EXPORTED:
        messages.warning(request, f"Sökningen ger fler än {thousands(MOST_EXPORTED)} hjälpmedel. Sök på batch, UDI eller individnummer i stället.")
        return redirect(here)
    with transaction.atomic():
        _log(request, loans, reason=reason, action=access.Action.EXPORT)
        content = excel.workbook("Återkallelse", [COLUMNS, *(_cells(loan) for loan in loans), *(_store_cells(place) for place in recall.stores(wanted, by=by))])
    response = HttpResponse(content, content_type=excel.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="aterkallelse.xlsx"'
    return response


def _cells(loan: Loan) -> list[excel.Value]:
    return [
        loan.patient.name,
        loan.patient.identity.shown,
        loan.article.display_name,
        loan.article.display_number,
        loan.article.supplier.name,
        loan.quantity,
        loan.individual_number,
        loan.lot,
        loan.udi,
        timezone.localtime(loan.started_at).date(),
        loan.unit.name,
        loan.unit.phone,
    ]


def _store_cells(place: recall.InStore) -> list[excel.Value]:
    line = place.line
    store = f"Förråd {line.store.name} ({line.store.number})"
    return [
        store,
        "",
        line.article.display_name,
        line.article.display_number,
        "",
        place.quantity,
        place.number,
        "",
        "",
        None,
        line.store.unit.name,
        line.store.unit.phone,
    ]
