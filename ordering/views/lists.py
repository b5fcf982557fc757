"""Lists of any kind of order: search, those that are not sent, other units', and the list as an Excel file."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from accounts.permissions import Permission, may
from core import excel
from core.paging import keyset_page
from core.templatetags.ui import thousands
from ordering import listing
from ordering.forms import OtherUnitsForm, SearchForm
from ordering.kinds import Kind
from ordering.models import OrderQuerySet
from patients import access
from patients.forms import NumberForm

_WAYS = {"list": "list", "export": "export", "others": "other_units", "only_own": "only_own_unit"}


def order_list(request: HttpRequest, kind: Kind[Any], form_class: type[SearchForm], *, tabs: Callable[[str], listing.Tabs]) -> HttpResponse:
    """Filters stand in the address; a patient's number is posted and becomes the patient's public id there. `tabs(rest)` are the lists that stand
    side by side, with the one shown whose address is that of the list followed by `rest`.
    """
    number_form = NumberForm(request.POST or None, auto_id="patient_%s")
    if request.method == "POST" and number_form.is_valid():
        patient = listing.patient_by_number(request, number_form, missing=f"Enheten har inga {kind.several} för det numret.")
        if patient is not None:
            return redirect(f"{request.path}?patient={patient.public_id}")
    form = _form(request, form_class)
    found = listing.found(request, kind.model, form, name=kind.name)
    page = keyset_page(found.orders.for_list(), order=form.order, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    log(request, kind, page.rows, activity=f"Sök {kind.name.lower()}", reason=found.reason)
    context = {
        "form": form,
        "number_form": number_form,
        "both_forms": [number_form, form],
        "page": page,
        "count_text": listing.count_text(listing.count(found.orders), one=kind.one, several=kind.several),
        "is_filtered": any(form.cleaned_data.get(name) for name in form.fields if name != "sortering") or found.patient is not None,
        "patient": found.patient,
        "reason": found.reason,
        "shows_others": found.shows_others,
        "kept": [(name, request.GET[name]) for name in ("patient", "enhet") if name in request.GET],
        "kind": kind,
        **{f"{page}_url": kind.url(address) for page, address in _WAYS.items()},
        "tabs": tabs(form.tab),
        "may_order": may(request.assignment, Permission.PLACE_ORDER),
    }
    return render(request, kind.template("list"), context)


def _form(request: HttpRequest, form_class: type[SearchForm]) -> SearchForm:
    form = form_class(request.GET or {"sortering": "senast"}, by=request.assignment)
    form.is_valid()
    return form


def log(request: HttpRequest, kind: Kind[Any], rows: Iterable[Any], *, activity: str, action: str = access.Action.READ, reason: str = "") -> None:
    """One row for each order; the reason stands at those of other units. Those about no patient are no reading of one."""
    by = request.assignment
    shown = []
    for row in rows:
        why = reason if row.unit_id != by.unit_id else ""
        if row.patient is not None:
            shown.append((row.patient, access.Resource(row.kind_word or kind.name, row.number or "utkast", owner=row.unit, reason=why)))
    access.log_listing(by, shown, activity=activity, action=action)


def unsent(
    request: HttpRequest, kind: Kind[Any], found: OrderQuerySet, *, template: str, activity: str, order: Sequence[str] = listing.NEWEST, **context: Any
) -> HttpResponse:
    """A list of those that are not sent: drafts, those that wait for somebody of the unit."""
    page = keyset_page(found.for_list(), order=order, cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    log(request, kind, page.rows, activity=activity)
    return render(
        request, template, {"page": page, "count_text": listing.count_text(listing.count(found, order=order), one=kind.one, several=kind.several), **context}
    )


def export(
    request: HttpRequest, kind: Kind[Any], form_class: type[SearchForm], *, columns: Sequence[str], row: Callable[[Any], Sequence[str | int]]
) -> HttpResponse:
    """The list as it is narrowed, in its order, as an Excel file of texts and numbers. Each order in it is in the access log."""
    form = _form(request, form_class)
    found = listing.found(request, kind.model, form, name=kind.name)
    here = f"{kind.url('list')}?{request.GET.urlencode()}"
    if form.errors:
        return redirect(here)
    rows = list(found.orders.for_list().order_by(*form.order)[: listing.MOST_EXPORTED + 1])
    if len(rows) > listing.MOST_EXPORTED:
        text = f"Listan har fler än {thousands(listing.MOST_EXPORTED)} {kind.several}. Avgränsa den, till exempel med datum, och försök igen."
        messages.warning(request, text)
        return redirect(here)
    with transaction.atomic():
        log(request, kind, rows, activity=f"{kind.name} till Excel", action=access.Action.EXPORT, reason=found.reason)
        content = excel.workbook(kind.name, [columns, *(row(order) for order in rows)])
    response = HttpResponse(content, content_type=excel.CONTENT_TYPE)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{kind.name.lower()}.xlsx") or "attachment"
    return response


# --- Other units -------------------------------------------------------------------------------------


def other_units(request: HttpRequest, kind: Kind[Any]) -> HttpResponse:
    """The active choice to see other units' orders, with its reason. It holds for all kinds of order."""
    form = OtherUnitsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        listing.choose_other_units(request, reason=form.cleaned_data["reason"])
        return redirect(f"{kind.url('list')}?enhet={listing.OTHERS}")
    return render(request, "ordering/other_units.html", {"form": form, "kind": kind, "list_url": kind.url("list")})


def only_own_unit(request: HttpRequest, kind: Kind[Any]) -> HttpResponse:
    """Take the choice back."""
    listing.forget_other_units(request)
    return redirect(kind.url("list"))
