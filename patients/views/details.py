"""Where a patient lives and through whom the patient is reached."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission, requires
from patients import access, actions
from patients.forms import ContactForm, DetailsForm
from patients.models import Contact, Patient


def opened(request: HttpRequest, public_id: uuid.UUID, *, activity: str, resource: str) -> Patient:
    """The patient, for a page about one; 404 for whom the unit may not open."""
    try:
        return access.open_patient(request.assignment, public_id, activity=activity, resource=access.Resource(resource))
    except access.NoSuchPatient:
        raise Http404 from None


def somebody_was_first(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What was tried can no longer be done; nothing is saved, and the way leads to the patient as it is now."""
    context = {
        "title": "Någon hann före",
        "text": "Uppgifterna om patienten har ändrats sedan du öppnade sidan. Inget av det du gjorde nu är sparat.",
        "url": patient.get_absolute_url(),
        "url_text": "Visa patienten som den är nu",
    }
    return render(request, "errors/conflict.html", context, status=409)


@requires(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Change phone and address."""
    patient = _unprotected(request, public_id, activity="Ändra kontaktuppgifter", resource="Adress")
    form = DetailsForm(request.POST or None, initial=DetailsForm.initial_of(patient))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_details(patient, by=request.assignment, phone=form.cleaned_data["phone"], address=form.address)
        except (actions.MergedMeanwhile, actions.AddressIsProtected):
            return somebody_was_first(request, patient)
        messages.success(request, "Kontaktuppgifterna är ändrade. Skickade beställningar går till den adress som gällde när de skickades.")
        return redirect(patient)
    return render(request, "patients/details.html", {"form": form, "patient": patient})


@requires(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def add_contact(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    patient = _unprotected(request, public_id, activity="Lägg till kontaktperson", resource="Kontaktperson")
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_contact(patient, form.contact, by=request.assignment)
        except (actions.MergedMeanwhile, actions.AddressIsProtected):
            return somebody_was_first(request, patient)
        messages.success(request, "Kontaktpersonen är tillagd.")
        return redirect(patient)
    return render(request, "patients/contact.html", {"form": form, "patient": patient})


@requires(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def change_contact(request: HttpRequest, public_id: uuid.UUID, pk: int) -> HttpResponse:
    patient = _unprotected(request, public_id, activity="Ändra kontaktperson", resource="Kontaktperson")
    contact = _contact(request, patient, pk)
    if contact is None:
        return somebody_was_first(request, patient)
    form = ContactForm(request.POST or None, initial=ContactForm.initial_of(contact))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_contact(contact, form.contact, by=request.assignment)
        except (actions.ContactIsEnded, actions.MergedMeanwhile, actions.AddressIsProtected):
            return somebody_was_first(request, patient)
        messages.success(request, "Kontaktpersonen är ändrad.")
        return redirect(patient)
    return render(request, "patients/contact.html", {"form": form, "patient": patient, "contact": contact})


@requires(Permission.EDIT_PATIENT)
@require_POST
def end_contact(request: HttpRequest, public_id: uuid.UUID, pk: int) -> HttpResponse:
    patient = _unprotected(request, public_id, activity="Ta bort kontaktperson", resource="Kontaktperson")
    contact = _contact(request, patient, pk)
    if contact is None:
        return somebody_was_first(request, patient)
    try:
        actions.end_contact(contact, by=request.assignment)
    except (actions.ContactIsEnded, actions.MergedMeanwhile):
        return somebody_was_first(request, patient)
    messages.success(request, f"{contact.name} är inte längre kontaktperson. Det som är skickat påverkas inte.")
    return redirect(patient)


def _unprotected(request: HttpRequest, public_id: uuid.UUID, *, activity: str, resource: str) -> Patient:
    """Nothing is stored of where a protected person is or who is near."""
    patient = opened(request, public_id, activity=activity, resource=resource)
    if patient.is_protected:
        raise Http404
    return patient


def _contact(request: HttpRequest, patient: Patient, pk: int) -> Contact | None:
    """The care provider's contact person of the patient; None if it was changed or ended meanwhile, 404 if there never was one."""
    contact = Contact.objects.visible_to(request.assignment).filter(patient=patient, pk=pk).first()
    if contact is None and not Contact.objects.visible_to(request.assignment, ended=True).filter(patient=patient, pk=pk).exists():
        raise Http404
    return contact
