"""Where a hämtorder begins: at a patient, at one of the patient's aids, at the number on a label."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission, requires
from catalog import individuals
from patients import access
from patients.models import Loan, Patient
from pickups.actions import drafts
from pickups.forms.orders import IndividualForm
from pickups.models import Reason


@requires(Permission.PLACE_ORDER)
@require_POST
def start(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A draft for the patient; the one that is begun is gone on with."""
    return redirect(drafts.start(_open(request, patient_id), by=request.assignment))


@requires(Permission.PLACE_ORDER)
@require_POST
def about(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A draft with one of the patient's aids (`loan`) on it."""
    patient = _open(request, patient_id)
    text = request.POST.get("loan", "")
    if not text:
        return redirect(drafts.start(patient, by=request.assignment))
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    loan = Loan.objects.visible_to(request.assignment).current().filter(patient=patient, pk=int(text)).first()
    if loan is None:
        raise Http404
    return redirect(drafts.start(patient, by=request.assignment, loans=[loan]))


@requires(Permission.PLACE_ORDER)
@require_POST
def delivered(request: HttpRequest, number: str) -> HttpResponse:
    """A draft with what came by the unit's kundorder and is still with the patient, as when a trial ends. Kundorder leads here by address."""
    loans = list(Loan.objects.visible_to(request.assignment).current().filter(order_number=number, unit=request.assignment.unit_id).order_by("pk"))
    if not loans:
        raise Http404
    patient = _open(request, loans[0].patient.public_id)
    return redirect(drafts.start(patient, by=request.assignment, loans=loans, reason=Reason.END_OF_TRIAL))


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def individual(request: HttpRequest) -> HttpResponse:
    """From the number on an aid to a draft for the patient who has it. An aid of somebody whom the unit has not opened does not exist for it."""
    form = IndividualForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        number = individuals.current_numbers([number]).get(number, number)
        loans = Loan.objects.visible_to(request.assignment).current().filter(individual_number=number)
        loan = loans.filter(patient__in=Patient.objects.visible_to(request.assignment)).select_related("patient").first()
        if loan is not None:
            about = access.Resource("Hjälpmedel", number)
            try:
                patient = access.open_patient(request.assignment, loan.patient.public_id, activity="Hjälpmedel via individnummer", resource=about)
            except access.NoSuchPatient:
                pass
            else:
                return redirect(drafts.start(patient, by=request.assignment, loans=[loan]))
        form.add_error("number", "Ingen av enhetens patienter har ett hjälpmedel med det numret. Sök upp patienten först.")
    return render(request, "pickups/individual.html", {"form": form})


def _open(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    try:
        return access.open_patient(request.assignment, patient_id, activity="Ny hämtorder", resource=access.Resource(drafts.RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None
