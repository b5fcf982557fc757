"""The lines of a basis: narrowed, and one by one."""

import uuid

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.models import Assignment
from accounts.permissions import Permission, may, requires
from billing import access, words
from billing.forms import LineForm
from billing.models import Finding, InvoiceBasis, InvoiceLine, InvoiceSum, Scope
from billing.views.opened import names_on, open_lines, tabs
from core.paging import keyset_page
from core.templatetags.ui import thousands
from ordering import listing
from orders.models import Order
from patients.models import Loan
from pickups.models import PickupOrder
from workorders.models import WorkOrder

PAGE_SIZE = 25
# What the sums are made by: a choice of nothing else is counted without a look at the lines.
_SUMMED = {"customer": "customer_number", "unit": "unit_hsa_id", "kind": "kind", "group": "article_group"}


@requires(Permission.SEE_INVOICES)
@require_GET
def line_list(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    basis = open_lines(request, public_id, activity="Fakturaunderlagets rader")
    form = LineForm(request.GET or {"slag": ""}, by=request.assignment, basis=basis)
    form.is_valid()
    found = InvoiceLine.objects.visible_to(request.assignment, basis).matching(form.filters)
    page = keyset_page(found, order=("line",), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    access.show_patients(request.assignment, basis, page.rows, activity="Fakturaunderlagets rader")
    stopped = set(Finding.objects.visible_to(request.assignment, basis).filter(line__in=[line.line for line in page.rows]).values_list("line", flat=True))
    count, amount = _sums(request.assignment, basis, form.filters, found)
    context = {
        "basis": basis,
        "form": form,
        "page": page,
        "rows": [(line, line.line in stopped) for line in page.rows],
        "count": count,
        "amount": amount,
        "is_filtered": bool(form.filters),
        "chosen": [(name, form.cleaned_data[name]) for name in form.FILTERS if form.cleaned_data.get(name)],
        "tabs": tabs(basis, "billing:lines"),
        "may_show_patients": Scope.of(request.assignment).sees_patients_of_some(basis.payer_number),
    }
    return render(request, "billing/lines.html", context)


def _sums(by: Assignment, basis: InvoiceBasis, filters: dict[str, str], found: object) -> tuple[str, object]:
    """How many, and what they come to where that is known without adding up the lines."""
    if set(filters) <= set(_SUMMED):
        chosen = InvoiceSum.objects.visible_to(by, basis).filter(**{_SUMMED[name]: value for name, value in filters.items()})
        sums = chosen.aggregate(n=Sum("lines"), a=Sum("amount"))
        return thousands(sums["n"] or 0), sums["a"] or 0
    return str(listing.count(found, order=("line",))), None  # type: ignore[arg-type]


@requires(Permission.SEE_INVOICES)
@require_GET
def line(request: HttpRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    basis = open_lines(request, public_id, activity="Rad i fakturaunderlag")
    shown = InvoiceLine.objects.visible_to(request.assignment, basis).filter(line=number).first()
    if shown is None:
        raise Http404
    access.show_patients(request.assignment, basis, [shown], activity="Rad i fakturaunderlag")
    findings = Finding.objects.visible_to(request.assignment, basis).filter(line=number).order_by("found_by")
    context = {
        "basis": basis,
        "line": shown,
        **names_on(shown),
        "findings": [(finding, words.found(finding)) for finding in findings],
        "order_url": _order_url(request.assignment, shown.order_number),
        "individual_url": _individual_url(request.assignment, shown.individual_number),
        "elsewhere": _elsewhere(request.assignment, shown),
        "report_url": words.report_url(basis, number) if may(request.assignment, Permission.REPORT_FAULT) else "",
    }
    return render(request, "billing/line.html", context)


def _order_url(by: Assignment, number: str) -> str:
    """The order's own page, for who may open it; "" otherwise."""
    if not number or not may(by, Permission.SEE_ORDERS):
        return ""
    for orders in (Order.objects.listed_to(by), WorkOrder.objects.listed_to(by), PickupOrder.objects.listed_to(by)):
        order = orders.filter(number=number).first()
        if order is not None:
            return str(order.get_absolute_url())
    return ""


def _individual_url(by: Assignment, number: str) -> str:
    if not number or not may(by, Permission.OPEN_PATIENT) or not Loan.objects.visible_to(by).of_individual(number).exists():
        return ""
    return reverse("individual", args=[number])


def _elsewhere(by: Assignment, shown: InvoiceLine) -> Assignment | None:
    """Another of the person's own assignments, in which the order or the aid can be opened."""
    if _order_url(by, shown.order_number) or _individual_url(by, shown.individual_number):
        return None
    others = Assignment.objects.current().filter(user=by.user_id).exclude(pk=by.pk).select_related("unit__provider", "user").order_by("pk")[:10]
    return next((other for other in others if _order_url(other, shown.order_number) or _individual_url(other, shown.individual_number)), None)
