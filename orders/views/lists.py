"""Lists of kundorder: search, per förskrivare, drafts, those that wait for approval, other units', and the list as an Excel file."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Func, IntegerField, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Assignment
from accounts.permissions import Permission, requires
from accounts.roles import Role
from core import excel
from core.paging import keyset_page
from core.templatetags.ui import thousands
from ordering import listing
from ordering.forms import OtherUnitsForm
from orders.actions import orders
from orders.forms import SearchForm
from orders.models import CustomerOrderQuerySet, Order
from patients import access
from patients.forms import NumberForm
from patients.models import Patient

ACTIVITY = "Sök kundorder"
OTHERS = "andra"
NEWEST = ("-changed_at", "-id")


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def order_list(request: HttpRequest) -> HttpResponse:
    """Sök kundorder. Filters stand in the address; a patient's number is posted and becomes the patient's public id there."""
    number_form = NumberForm(request.POST or None, auto_id="patient_%s")
    if request.method == "POST" and number_form.is_valid():
        patient = listing.patient_by_number(request, number_form, missing="Enheten har inga beställningar för det numret.")
        if patient is not None:
            return redirect(f"{request.path}?patient={patient.public_id}")
    form = _form(request)
    found, patient, reason = _found(request, form)
    page = keyset_page(found.for_list(), order=form.order, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request.assignment, page.rows, activity=ACTIVITY, reason=reason)
    context = {
        "form": form,
        "number_form": number_form,
        "both_forms": [number_form, form],
        "page": page,
        "count_text": _count_text(listing.count(found)),
        "is_filtered": any(form.cleaned_data.get(name) for name in form.fields if name != "sortering") or patient is not None,
        "patient": patient,
        "reason": reason,
        "shows_others": bool(reason) and request.GET.get("enhet") == OTHERS,
        "kept": [(name, request.GET[name]) for name in ("patient", "enhet") if name in request.GET],
        "tabs": tabs_of(_tab(form)),
    }
    return render(request, "orders/list.html", context)


def _form(request: HttpRequest) -> SearchForm:
    form = SearchForm(request.GET or {"sortering": "senast"}, by=request.assignment)
    form.is_valid()
    return form


def _found(request: HttpRequest, form: SearchForm) -> tuple[CustomerOrderQuerySet, Patient | None, str]:
    """What the address asks for, the patient that it names, and the reason for seeing other units' orders, where one is in force."""
    by = request.assignment
    reason = listing.reason_for_other_units(request)
    found = Order.objects.listed_to(by)
    if reason and request.GET.get("enhet") == OTHERS:
        found = Order.objects.of_other_units(by).without_protected(by)
    patient = listing.patient_of(request, activity=ACTIVITY, resource=orders.RESOURCE)
    if patient is not None:
        found = found.filter(patient=patient)
    return form.narrow(found.sent()), patient, reason


def _log(by: Assignment, rows: Iterable[Order], *, activity: str, action: str = access.Action.READ, reason: str = "") -> None:
    """One row for each order about a patient; the reason stands at those of other units."""
    shown = []
    for row in rows:
        if row.patient_id is None:
            continue
        why = reason if row.unit_id != by.unit_id else ""
        shown.append((row.patient, access.Resource(row.kind_word, row.number or "utkast", owner=row.unit, reason=why)))
    access.log_listing(by, shown, activity=activity, action=action)


def _count_text(count: listing.Count) -> str:
    if count.is_capped:
        return f"Fler än {thousands(listing.MOST_COUNTED)} beställningar"
    return "1 beställning" if count.number == 1 else f"{thousands(count.number)} beställningar"


def _tab(form: SearchForm) -> str:
    """Which of the tabs the list stands under: the one whose address it has."""
    status = form.cleaned_data.get("status")
    return f"?status={status}" if status in {SearchForm.OPEN, SearchForm.LATE} else ""


def tabs_of(shown: str) -> list[tuple[str, str, bool]]:
    """All lists of kundorder, as components/tabs.html takes them. `shown` is what follows the list's address."""
    lists = [
        ("Alla", ""),
        ("Öppna", f"?status={SearchForm.OPEN}"),
        ("Försenade", f"?status={SearchForm.LATE}"),
        ("Per förskrivare", "per-forskrivare/"),
        ("Utkast", "utkast/"),
        ("Att godkänna", "godkannanden/"),
    ]
    return [(text, reverse("orders:list") + rest, rest == shown) for text, rest in lists]


# --- Excel -------------------------------------------------------------------------------------------

COLUMNS = (
    "Ordernummer",
    "Slag",
    "Skickad",
    "Patient",
    "Artiklar",
    "Beställt",
    "Levererat",
    "Leveransdatum",
    "Status",
    "Försenad",
    "Förskrivare",
    "Beställare",
    "Kund",
    "Enhet",
    "Förråd",
)


@requires(Permission.SEE_ORDERS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed, in its order, as an Excel file of texts and numbers. Each order in it is in the access log."""
    form = _form(request)
    found, _, reason = _found(request, form)
    here = f"{reverse('orders:list')}?{request.GET.urlencode()}"
    if form.errors:
        return redirect(here)
    rows = list(found.for_list().order_by(*form.order)[: listing.MOST_EXPORTED + 1])
    if len(rows) > listing.MOST_EXPORTED:
        text = f"Listan har fler än {thousands(listing.MOST_EXPORTED)} beställningar. Avgränsa den, till exempel med datum, och försök igen."
        messages.warning(request, text)
        return redirect(here)
    with transaction.atomic():
        _log(request.assignment, rows, activity="Kundorder till Excel", action=access.Action.EXPORT, reason=reason)
        content = excel.workbook("Kundorder", [COLUMNS, *(_row(row) for row in rows)])
    response = HttpResponse(content, content_type=excel.CONTENT_TYPE)
    response["Content-Disposition"] = 'attachment; filename="kundorder.xlsx"'
    return response


def _row(order: Order) -> list[str | int]:
    lines = list(order.lines.all())
    return [
        str(order.number),
        order.kind_word,
        f"{timezone.localtime(order.placed_at):%Y-%m-%d %H:%M}",
        order.patient.short_name if order.patient_id is not None else "",
        "; ".join(f"{line.quantity} {line.article_name}" for line in lines),
        sum(line.quantity for line in lines),
        sum(line.delivered for line in lines),
        order.promised_on.isoformat() if order.promised_on else "",
        order.shown_status.label,
        "Ja" if order.is_delayed else "",
        order.prescriber.user.name if order.prescriber_id is not None else "",
        order.orderer.user.name if order.orderer_id is not None else "Automatisk påfyllning",
        order.customer_number,
        order.unit.name,
        order.store.name if order.store is not None else "",
    ]


# --- Per förskrivare ---------------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_GET
def per_prescriber(request: HttpRequest) -> HttpResponse:
    """Rekvirerat per förskrivare: how many orders each has at the unit, how many of them are open and late, with ways to the lists."""
    by = request.assignment
    theirs = Order.objects.listed_to(by).sent().filter(prescriber=OuterRef("pk"))
    today = timezone.localdate()
    prescribers = (
        Assignment.objects.filter(unit=by.unit_id, role=Role.PRESCRIBER)
        .select_related("user")
        .annotate(all_orders=_number_of(theirs), open_orders=_number_of(theirs.open()), late_orders=_number_of(theirs.late(today)))
        .filter(all_orders__gt=0)
        .order_by("user__name", "pk")
    )
    return render(request, "orders/per_prescriber.html", {"rows": prescribers, "most": listing.MOST_COUNTED, "tabs": tabs_of("per-forskrivare/")})


def _number_of(found: CustomerOrderQuerySet) -> Func:
    """Counted no further than `MOST_COUNTED`, in the order of an index (see `listing.count`)."""
    return Func(
        ArraySubquery(found.order_by("-placed_at", "-id").values("pk")[: listing.MOST_COUNTED + 1]), function="CARDINALITY", output_field=IntegerField()
    )


# --- Before they are sent ----------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_GET
def draft_list(request: HttpRequest) -> HttpResponse:
    """The unit's drafts; one's own with ?vems=mina."""
    found = Order.objects.listed_to(request.assignment).drafts()
    is_own = request.GET.get("vems") == "mina"
    if is_own:
        found = found.filter(orderer__in=own_assignments(request.assignment))
    return _unsent(request, found, tab="utkast/", template="orders/drafts.html", activity="Utkast", is_own=is_own)


def own_assignments(by: Assignment) -> list[int]:
    """The person's roles at the unit: what was begun in one is one's own in the other. As numbers, so that the list of one is read by its index."""
    return list(Assignment.objects.filter(user=by.user_id, unit=by.unit_id).values_list("pk", flat=True))


def _unsent(request: HttpRequest, found: CustomerOrderQuerySet, *, tab: str, template: str, activity: str, **context: Any) -> HttpResponse:
    page = keyset_page(found.for_list(), order=NEWEST, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    _log(request.assignment, page.rows, activity=activity)
    return render(request, template, {"page": page, "count_text": _count_text(listing.count(found, order=NEWEST)), "tabs": tabs_of(tab), **context})


# --- Other units -------------------------------------------------------------------------------------


@requires(Permission.SEE_ORDERS)
@require_http_methods(["GET", "POST"])
def other_units(request: HttpRequest) -> HttpResponse:
    """The active choice to see other units' orders, with its reason."""
    form = OtherUnitsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        listing.choose_other_units(request, reason=form.cleaned_data["reason"])
        return redirect(f"{reverse('orders:list')}?enhet={OTHERS}")
    return render(request, "orders/other_units.html", {"form": form})


@requires(Permission.SEE_ORDERS)
@require_POST
def only_own_unit(request: HttpRequest) -> HttpResponse:
    """Take the choice back."""
    listing.forget_other_units(request)
    return redirect("orders:list")
