"""What the checks have found, and what is decided about it."""

import uuid

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission, may, requires
from billing import access, words
from billing.actions import findings
from billing.forms import DecisionForm
from billing.models import Check, Finding, InvoiceBasis, InvoiceLine
from billing.views.opened import names_on, open_lines, tabs
from core.lifecycle import IllegalMove
from core.paging import keyset_page


@requires(Permission.SEE_INVOICES)
@require_GET
def finding_list(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One list for each check; ?kontroll= says which, else the first that has found something to check."""
    basis = open_lines(request, public_id, activity="Kontroller av fakturaunderlag")
    found = Finding.objects.visible_to(request.assignment, basis)
    numbers = {(row["found_by"], row["status"]): row["n"] for row in found.values("found_by", "status").annotate(n=Count("pk")).order_by()}
    to_check = {check: numbers.get((check, Finding.Status.TO_CHECK), 0) for check in Check.values}
    asked = request.GET.get("kontroll", "")
    shown = Check(asked if asked in Check.values else next((check for check in Check.values if to_check[check]), Check.values[0]))
    page = keyset_page(found.filter(found_by=shown), order=("line", "id"), cursor=request.GET.get("cursor"))
    lines = {line.line: line for line in InvoiceLine.objects.visible_to(request.assignment, basis).filter(line__in=[row.line for row in page.rows])}
    here = reverse("billing:findings", args=[basis.public_id])
    may_report = may(request.assignment, Permission.REPORT_FAULT)
    context = {
        "basis": basis,
        "tabs": tabs(basis, "billing:findings"),
        "checks": [(check.label, f"{here}?kontroll={check}", to_check[check], check == shown) for check in Check],
        "shown": shown,
        "page": page,
        "rows": [(row, lines[row.line], words.found(row), words.report_url(basis, row.line) if may_report else "") for row in page.rows],
    }
    return render(request, "billing/findings.html", context)


@requires(Permission.SEE_INVOICES)
@require_http_methods(["GET", "POST"])
def finding(request: HttpRequest, public_id: uuid.UUID, pk: int) -> HttpResponse:
    basis = open_lines(request, public_id, activity="Bedöma rad i fakturaunderlag")
    shown = Finding.objects.visible_to(request.assignment, basis).filter(pk=pk).first()
    if shown is None:
        raise Http404
    form = DecisionForm(request.POST or None, finding=shown)
    if request.method == "POST" and request.POST.get("seen") not in {None, shown.status}:
        return _somebody_was_first(request, basis, shown)
    if request.method == "POST" and form.is_valid():
        try:
            findings.decide(shown, by=request.assignment, status=form.cleaned_data["status"], comment=form.cleaned_data["comment"])
        except IllegalMove:
            return _somebody_was_first(request, basis, shown)
        messages.success(request, f"Rad {shown.line} är nu {shown.shown_status.label.lower()}.")
        return redirect(f"{reverse('billing:findings', args=[basis.public_id])}?kontroll={shown.found_by}")
    line = InvoiceLine.objects.visible_to(request.assignment, basis).get(line=shown.line)
    access.show_patients(request.assignment, basis, [line], activity="Bedöma rad i fakturaunderlag")
    context = {
        "basis": basis,
        "finding": shown,
        "line": line,
        **names_on(line),
        "told": words.found(shown),
        "form": form,
        "events": words.decisions(shown.history.select_related("by__user").order_by("-id")),
        "report_url": words.report_url(basis, shown.line) if may(request.assignment, Permission.REPORT_FAULT) else "",
    }
    return render(request, "billing/finding.html", context)


def _somebody_was_first(request: HttpRequest, basis: InvoiceBasis, shown: Finding) -> HttpResponse:
    context = {
        "title": "Någon hann före",
        "text": f"Rad {shown.line} har bedömts sedan du öppnade sidan. Ditt beslut är inte sparat.",
        "url": reverse("billing:finding", args=[basis.public_id, shown.pk]),
        "url_text": f"Visa rad {shown.line} som den är nu",
    }
    return render(request, "errors/conflict.html", context, status=409)
