"""How the pages of a felrapport open it, and what they answer when somebody was first."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.permissions import Permission, may
from faultreports.known import RESOURCE
from faultreports.models import FaultReport, Kind, Status
from patients import access

_RELATED = ("patient", "loan", "individual", "article__supplier", "article__local", "customer", "reporter__user", "unit__provider", "found_by__user")


def open_report(request: HttpRequest, number: str, *, activity: str, action: str = access.Action.READ) -> FaultReport:
    """A sent report by its number, and its patient, which is logged; 404 for all that is not the reader's to see."""
    return _open(request, activity=activity, action=action, number=number)


def open_draft(request: HttpRequest, public_id: uuid.UUID, *, activity: str) -> FaultReport:
    """One's own draft, also when it has been sent since."""
    return _open(request, activity=activity, action=access.Action.READ, public_id=public_id)


def _open(request: HttpRequest, *, activity: str, action: str, **wanted: object) -> FaultReport:
    shown = FaultReport.objects.visible_to(request.assignment).select_related(*_RELATED).filter(**wanted).first()
    if shown is None or (shown.status == Status.DRAFT and shown.kind == Kind.LOST and not may(request.assignment, Permission.REPORT_LOST)):
        raise Http404
    if shown.patient is not None:
        about = access.Resource(RESOURCE, shown.number or "utkast", owner=shown.unit)
        try:
            shown.patient = access.open_patient(request.assignment, shown.patient.public_id, action=action, activity=activity, resource=about)
        except access.NoSuchPatient:
            raise Http404 from None
    return shown


def somebody_was_first(request: HttpRequest, shown: FaultReport) -> HttpResponse:
    """409, with a way to the report as it is now."""
    context = {
        "title": "Någon hann före",
        "text": f"Felrapport {shown.number} har ändrats sedan du öppnade sidan. Inget av det du gjorde nu är sparat.",
        "url": shown.get_absolute_url(),
        "url_text": f"Visa felrapport {shown.number} som den är nu",
    }
    return render(request, "errors/conflict.html", context, status=409)


def no_longer_a_draft(request: HttpRequest, shown: FaultReport) -> HttpResponse:
    """409: it is sent, or thrown away. Nothing of what was just posted is saved, and the page says so."""
    if shown.number is None:
        context = {
            "title": "Utkastet är kastat",
            "text": "Utkastet har kastats. Det du skrev nu sparades inte.",
            "url": "/",
            "url_text": "Till startsidan",
        }
    else:
        context = {
            "title": "Felrapporten är redan skickad",
            "text": f"Den har nummer {shown.number}. Det du skrev nu sparades inte och skickades inte.",
            "url": shown.get_absolute_url(),
            "url_text": f"Visa felrapport {shown.number}",
        }
    return render(request, "errors/conflict.html", context, status=409)
