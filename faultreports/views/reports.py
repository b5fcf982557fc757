"""A felrapport that is sent."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import actions as accounts
from accounts.permissions import Permission, requires
from faultreports.models import FaultReport
from faultreports.views.guide import RESOURCE
from patients import access


@requires(Permission.REPORT_FAULT)
@require_GET
def report(request: HttpRequest, number: str) -> HttpResponse:
    """The report's page. Opening it makes the reader's notices about it read."""
    shown = FaultReport.objects.visible_to(request.assignment).select_related("patient", "reporter__user", "unit").filter(number=number).first()
    if shown is None:
        raise Http404
    if shown.patient is not None:
        about = access.Resource(RESOURCE, number, owner=shown.unit)
        try:
            shown.patient = access.open_patient(request.assignment, shown.patient.public_id, activity="Visa felrapport", resource=about)
        except access.NoSuchPatient:
            raise Http404 from None
    accounts.mark_read(request.assignment, url=shown.get_absolute_url())
    return render(request, "faultreports/report.html", {"report": shown, "patient": shown.patient})
