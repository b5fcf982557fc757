"""The months, a basis as a whole, and what differs from the version before."""

import uuid
from decimal import Decimal

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.actions import mark_read
from accounts.permissions import Permission, requires
from billing import figures, words
from billing.actions import intake
from billing.models import InvoiceBasis, InvoiceFile, LineChange, Scope
from billing.views.opened import open_basis, open_lines, tabs
from core.lifecycle import IllegalMove
from core.paging import keyset_page

PAGE_SIZE = 24


@requires(Permission.SEE_INVOICES)
@require_GET
def basis_list(request: HttpRequest) -> HttpResponse:
    """Months × payers, the newest first. Sums are of what the assignment may read, and tell of no line."""
    found = InvoiceBasis.objects.visible_to(request.assignment).listed()
    page = keyset_page(found, order=("-period", "-id"), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    sums = figures.totals(request.assignment, page.rows)
    names = figures.payer_names(basis.payer_number for basis in page.rows)
    rows = [(basis, names.get(basis.payer_number, ""), sums.get(basis.pk)) for basis in page.rows]
    context = {"page": page, "rows": rows, "chart": figures.over_time(request.assignment, page.rows, sums, names)}
    return render(request, "billing/list.html", context)


@requires(Permission.SEE_INVOICES)
@require_GET
def basis(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    shown = open_basis(request, public_id, activity="Visa fakturaunderlag")
    mark_read(request.assignment, url=shown.get_absolute_url())
    names = figures.payer_names([shown.payer_number])
    context = {
        "basis": shown,
        "payer_name": names.get(shown.payer_number, ""),
        "events": words.events(shown.history.select_related("by__user").order_by("-id")),
    }
    if not shown.is_readable:
        return render(request, "billing/waiting.html", context | {"problems": words.problems(shown)})
    before, year_before = figures.beside(request.assignment, shown)
    sums = figures.totals(request.assignment, [each for each in (shown, before, year_before) if each])
    now = sums.get(shown.pk, figures.Totals())
    in_force = InvoiceBasis.objects.visible_to(request.assignment).shown()
    context |= {
        "tabs": tabs(shown, "billing:basis"),
        "totals": now,
        "changes": [
            (word, other, figures.change(now.amount, sums[other.pk].amount)) for word, other in (("månaden före", before), ("året före", year_before)) if other
        ],
        "divisions": figures.divisions(request.assignment, shown, (before, year_before)),
        "later": in_force.filter(payer_number=shown.payer_number, period=shown.period).exclude(pk=shown.pk).first(),
        "files": list(
            InvoiceFile.objects.visible_to(request.assignment, shown).exclude(state=InvoiceFile.State.FAILED).select_related("job").order_by("-id")[:10]
        ),
        "may_show_patients": Scope.of(request.assignment).sees_patients_of_some(shown.payer_number),
    }
    return render(request, "billing/basis.html", context)


@requires(Permission.SEE_INVOICES)
@require_GET
def live(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """How far the reading has come. Tells nothing of the lines, and is not logged; when it is over the page is read anew."""
    shown = InvoiceBasis.objects.visible_to(request.assignment).select_related("job").filter(public_id=public_id).first()
    if shown is None:
        raise Http404
    if shown.status != InvoiceBasis.Status.WAITING:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "billing/_progress.html", {"basis": shown})


@requires(Permission.SEE_INVOICES)
@require_POST
def retry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    shown = open_basis(request, public_id, activity="Hämta fakturaunderlag igen")
    try:
        intake.retry(shown, by=request.assignment)
    except IllegalMove:
        messages.info(request, "Underlaget hämtas redan, eller är inläst.")
    else:
        messages.success(request, "Underlaget hämtas igen från SESAM2.")
    return redirect(shown)


@requires(Permission.SEE_INVOICES)
@require_GET
def changes(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Line by line against the version that this one replaces. A value is shown only of a line that the assignment may read."""
    shown = open_lines(request, public_id, activity="Ändringar i fakturaunderlag")
    found = LineChange.objects.visible_to(request.assignment, shown)
    by_what = {row["what"]: row for row in found.values("what").annotate(n=Count("pk"), old=Sum("old_amount"), new=Sum("new_amount")).order_by()}
    page = keyset_page(found, order=("line", "id"), cursor=request.GET.get("cursor"))
    scope = Scope.of(request.assignment)
    reads_all = scope.reads_all(shown.payer_number)
    rows = [
        (
            change,
            [words.FIELDS[name] for name in change.fields],
            change.old_amount if reads_all or change.old_customer_number in scope.customers else None,
            change.new_amount if reads_all or change.new_customer_number in scope.customers else None,
        )
        for change in page.rows
    ]
    kinds = [(LineChange.What(what).label, row["n"], (row["new"] or Decimal(0)) - (row["old"] or Decimal(0))) for what, row in sorted(by_what.items())]
    sums = figures.totals(request.assignment, [each for each in (shown, shown.replaces) if each])
    context = {
        "basis": shown,
        "tabs": tabs(shown, "billing:changes"),
        "page": page,
        "rows": rows,
        "kinds": kinds if reads_all else [(label, number, None) for label, number, _ in kinds],
        "now": sums.get(shown.pk, figures.Totals()),
        "before": sums.get(shown.replaces_id or 0, figures.Totals()),
    }
    return render(request, "billing/changes.html", context)
