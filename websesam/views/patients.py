"""The patient page: who and where, what aids, what is under way. Composed of what each app shows of the patient."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.models import Assignment
from accounts.permissions import Permission, may, requires
from core.paging import keyset_page
from patients import access
from patients.actions import last_undoable
from patients.models import Contact, Loan, Patient, PatientHistory, PayerResponsibility
from websesam.aids import aids_of
from websesam.panels import AID_ACTIONS, FINISHED, UNDER_WAY

MOST_AIDS = 300
SHOWN_RETURNED = 5
PAGE_SIZE = 25


def _loans(assignment: Assignment, patient: Patient) -> Any:
    return Loan.objects.visible_to(assignment).filter(patient=patient).select_related("article__local", "unit")


@requires(Permission.OPEN_PATIENT)
@require_GET
def patient(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    assignment = request.assignment
    found = _open(request, public_id, activity="Visa patient", resource="Patient")
    if found.public_id != public_id:
        # The address of a record that was merged into this one.
        return redirect("patient", public_id=found.public_id)
    today = timezone.localdate()
    payers = list(PayerResponsibility.objects.visible_to(assignment).in_force().filter(patient=found).order_by("-starts_on"))
    history = PatientHistory.objects.visible_to(assignment).about(found).select_related("by__user", "by__unit").order_by("-id")[:20]
    returned_loans = list(_loans(assignment, found).ended().order_by("-ended_at", "-id")[: SHOWN_RETURNED + 1])
    page = {
        "patient": found,
        "panels": [panel for make in UNDER_WAY if (panel := make(assignment, found))],
        "aids": aids_of(_loans(assignment, found).current().order_by("-started_at", "-id")[:MOST_AIDS]),
        "most_aids": MOST_AIDS,
        "aid_actions": [(action.label, reverse(action.url_name, args=[found.public_id])) for action in AID_ACTIONS if may(assignment, action.permission)],
        "returned": returned_loans[:SHOWN_RETURNED],
        "has_more_returned": len(returned_loans) > SHOWN_RETURNED,
        "finished_panels": [panel for make in FINISHED if (panel := make(assignment, found))],
        "contacts": list(Contact.objects.visible_to(assignment).filter(patient=found).order_by("pk")),
        "former_contacts": list(Contact.objects.visible_to(assignment, ended=True).filter(patient=found).order_by("-ended_at", "-pk")[:20]),
        "payers": payers,
        "payer": next((payer for payer in payers if payer.starts_on <= today and (payer.ends_on is None or payer.ends_on > today)), None),
        "history": list(history),
        "undoable": last_undoable(found),
        "may_order": may(assignment, Permission.PLACE_ORDER),
        "may_edit": may(assignment, Permission.EDIT_PATIENT) and not found.is_protected,
        "may_change_identity": may(assignment, Permission.CHANGE_IDENTITY),
        "may_change_payer": may(assignment, Permission.CHANGE_PAYER),
        "may_merge": may(assignment, Permission.MERGE_PATIENTS),
    }
    return render(request, "websesam/patient.html", page)


@requires(Permission.OPEN_PATIENT)
@require_GET
def returned(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """All aids that the patient has given back, a page at a time."""
    found = _open(request, public_id, activity="Visa återlämnade hjälpmedel", resource="Hjälpmedelsbild")
    page = keyset_page(_loans(request.assignment, found).ended(), order=("-closed_at", "-id"), cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    return render(request, "websesam/patient_returned.html", {"patient": found, "page": page})


def _open(request: HttpRequest, public_id: uuid.UUID, *, activity: str, resource: str) -> Patient:
    try:
        return access.open_patient(request.assignment, public_id, activity=activity, resource=access.Resource(resource))
    except access.NoSuchPatient:
        raise Http404 from None
