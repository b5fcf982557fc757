"""Who a patient is: another number, two records of one person, and taking either back; and who pays."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, may, requires
from patients import access, actions
from patients.forms import ChangeIdentityForm, LmaForm, MergeForm, NumberForm, PayerForm, UndoForm
from patients.identifiers import IdentityType
from patients.models import Contact, Loan, Patient, PatientHistory, PayerResponsibility
from patients.views.details import opened, somebody_was_first

MERGED = "De två registreringarna är nu en. Allt finns samlat här, och de tidigare numren leder hit."


# --- Another number ----------------------------------------------------------------------------------


@requires(Permission.CHANGE_IDENTITY)
@require_http_methods(["GET", "POST"])
def change_identity(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    patient = opened(request, public_id, activity="Byta nummer", resource="Patient")
    form = ChangeIdentityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.change_identity(patient, by=request.assignment, to=data["number"], reason=data["reason"], valid_until=data["valid_until"])
        except actions.MergedMeanwhile:
            return somebody_was_first(request, patient)
        except actions.NumberIsCurrent:
            # The form sent twice, or a colleague was first: what was wanted is done.
            messages.info(request, "Patienten har redan det numret.")
            return redirect(patient)
        except actions.NumberIsWeaker:
            form.add_error("number", f"Patienten har redan {patient.identity.get_type_display()}. Det byts inte mot ett reservnummer.")
        except actions.NumberIsAnothers:
            form.add_error("number", _anothers(request))
        else:
            messages.success(request, "Numret är bytt. Allt om patienten finns kvar, och det tidigare numret leder hit.")
            return redirect(patient)
    return render(request, "patients/change_identity.html", {"form": form, "patient": patient})


def _anothers(request: HttpRequest) -> str:
    if may(request.assignment, Permission.MERGE_PATIENTS):
        return "Numret finns redan i registret. Är det samma person: slå ihop registreringarna i stället, från patientens sida."
    return "Numret finns redan i registret. Är det samma person: be enhetsadministratören att slå ihop registreringarna."


@requires(Permission.CHANGE_IDENTITY)
@require_http_methods(["GET", "POST"])
def prolong_lma(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    patient = opened(request, public_id, activity="Nytt datum för LMA-kortet", resource="Patient")
    if patient.identity.type != IdentityType.LMA:
        raise Http404
    form = LmaForm(request.POST or None, initial={"valid_until": patient.identity.valid_until})
    if request.method == "POST" and form.is_valid():
        try:
            actions.prolong_lma(patient, by=request.assignment, valid_until=form.cleaned_data["valid_until"])
        except (actions.MergedMeanwhile, actions.NumberIsWeaker):
            return somebody_was_first(request, patient)
        messages.success(request, "Det nya datumet är sparat.")
        return redirect(patient)
    return render(request, "patients/prolong_lma.html", {"form": form, "patient": patient})


@requires(Permission.CHANGE_IDENTITY)
@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, public_id: uuid.UUID, pk: int) -> HttpResponse:
    """Take back the last change of who the patient is; a merge takes the right to merge."""
    patient = opened(request, public_id, activity="Ångra ändring av patient", resource="Patient")
    change = PatientHistory.objects.visible_to(request.assignment).filter(patient=patient, pk=pk).select_related("patient", "other").first()
    if change is None or (change.event == PatientHistory.Event.MERGED and not may(request.assignment, Permission.MERGE_PATIENTS)):
        raise Http404
    if actions.last_undoable(patient) != change:
        return somebody_was_first(request, patient)
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        action = actions.undo_merge if change.event == PatientHistory.Event.MERGED else actions.undo_identity_change
        try:
            action(change, by=request.assignment, reason=form.cleaned_data["reason"])
        except (actions.NotUndoable, actions.MergedMeanwhile):
            return somebody_was_first(request, patient)
        messages.success(request, "Ändringen är ångrad och Hjälpmedelscentralen får veta det. Kontrollera att uppgifterna stämmer.")
        return redirect(patient)
    identities = {identity.pk: identity for identity in patient.identities.all()}
    context = {"form": form, "patient": patient, "change": change, "is_merge": change.event == PatientHistory.Event.MERGED}
    context["back_to"] = identities.get(change.details.get("before", change.details.get("identity")))
    return render(request, "patients/undo.html", context)


# --- Two records of one person -----------------------------------------------------------------------


@requires(Permission.MERGE_PATIENTS)
@require_http_methods(["GET", "POST"])
def find_other(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Which other record: its number, typed whole. The unit must have opened both."""
    patient = opened(request, public_id, activity="Slå ihop patienter", resource="Patient")
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            other = access.find_by_number(request.assignment, form.cleaned_data["number"])
        except access.ProtectedPatient:
            other = None
        if other is not None and other.pk == patient.pk:
            form.add_error("number", "Numret hör redan till den här patienten. Skriv den andra registreringens nummer.")
        elif other is not None and Patient.objects.visible_to(request.assignment).filter(pk=other.pk).exists():
            return redirect("patients:merge", public_id=patient.public_id, other_id=other.public_id)
        else:
            form.add_error("number", "Din enhet har inte öppnat någon patient med det numret. Sök patienten och bekräfta vårdrelationen först.")
    return render(request, "patients/find_other.html", {"form": form, "patient": patient})


@requires(Permission.MERGE_PATIENTS)
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, public_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    """Both side by side, to be checked."""
    this = opened(request, public_id, activity="Slå ihop patienter", resource="Patient")
    other = opened(request, other_id, activity="Slå ihop patienter", resource="Patient")
    if this.pk == other.pk:
        messages.info(request, MERGED)
        return redirect(this)
    choices = [("this", f"{this.name}, {this.identity.shown}"), ("other", f"{other.name}, {other.identity.shown}")]
    stronger = "other" if other.identity.identifier.rank > this.identity.identifier.rank else "this"
    form = MergeForm(request.POST or None, choices=choices, initial={"keep": stronger})
    if request.method == "POST" and form.is_valid():
        kept, absorbed = (this, other) if form.cleaned_data["keep"] == "this" else (other, this)
        if absorbed.identity.identifier.rank > kept.identity.identifier.rank:
            form.add_error("keep", f"Välj det säkrare numret: {absorbed.identity.get_type_display()} går före {kept.identity.get_type_display()}.")
        else:
            try:
                actions.merge(kept, absorbed, by=request.assignment, reason=form.cleaned_data["reason"])
            except actions.MergedMeanwhile:
                return somebody_was_first(request, this)
            messages.success(request, MERGED)
            return redirect(kept)
    return render(request, "patients/merge.html", {"form": form, "records": [_record(request, this), _record(request, other)], "patient": this, "other": other})


def _record(request: HttpRequest, patient: Patient) -> dict[str, object]:
    """What one compares. Of loans and contacts only the own care provider's are shown; all of them follow."""
    assignment = request.assignment
    return {
        "patient": patient,
        "contacts": list(Contact.objects.visible_to(assignment).filter(patient=patient).order_by("pk")),
        "loans": list(
            Loan.objects.visible_to(assignment).current().filter(patient=patient).select_related("article__local").order_by("-started_at", "-id")[:20]
        ),
        "payer": PayerResponsibility.objects.visible_to(assignment).filter(patient=patient).on(timezone.localdate()).first(),
    }


# --- Who pays ----------------------------------------------------------------------------------------


@requires(Permission.CHANGE_PAYER)
@require_http_methods(["GET", "POST"])
def change_payer(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    patient = opened(request, public_id, activity="Byta betalare", resource="Betalningsansvar")
    assignment = request.assignment
    form = PayerForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_payer(patient, by=assignment, **form.cleaned_data)
        except actions.MergedMeanwhile:
            return somebody_was_first(request, patient)
        except actions.SamePayer:
            messages.info(request, "Den betalaren gäller redan från den dagen. Inget är ändrat.")
        else:
            payer_name = form.cleaned_data["customer"].payer_name
            messages.success(request, f"{payer_name} betalar från och med {form.cleaned_data['starts_on']:%Y-%m-%d}. Hjälpmedelscentralen får veta det.")
        return redirect(patient)
    decided = PayerResponsibility.objects.visible_to(assignment).in_force().filter(patient=patient).order_by("-starts_on")
    context = {"form": form, "patient": patient, "payers": list(decided), "customers": list(assignment.unit.customers.order_by("-is_standard", "number")[:10])}
    return render(request, "patients/change_payer.html", context)
