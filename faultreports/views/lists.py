"""Lists of felrapporter."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from core.paging import keyset_page
from faultreports.models import FaultReport
from faultreports.views.guide import RESOURCE
from ordering import listing
from patients import access


@requires(Permission.REPORT_FAULT)
@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """One's own reports, and for those who follow up the unit's all."""
    found = FaultReport.objects.listed_to(request.assignment).sent()
    page = keyset_page(found.for_list(), order=("-sent_at", "-id"), cursor=request.GET.get("cursor"), size=listing.PAGE_SIZE)
    shown = [(row.patient, access.Resource(RESOURCE, str(row.number), owner=row.unit)) for row in page.rows if row.patient is not None]
    access.log_listing(request.assignment, shown, activity="Sök felrapport")
    return render(request, "faultreports/list.html", {"page": page})
