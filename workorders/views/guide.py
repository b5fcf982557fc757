"""Välj rätt arbetsorder: a few questions that end in a draft of the right kind; or straight from an individnummer."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.permissions import Permission, requires
from catalog import individuals
from patients import access
from patients.models import Loan, Patient
from workorders.actions import drafts
from workorders.forms import AidForm, FollowUpForm, IndividualForm, NeedForm
from workorders.models import Kind
from workorders.rules import ABOUT_AN_AID

MOST_AIDS = 100


@requires(Permission.PLACE_ORDER)
@require_GET
def need(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The questions, one at a time. The answers stand in the address: what it is about, the kind, the aid's row; nothing of the patient."""
    patient = _open(request, patient_id)
    aid = _aid(request, patient)
    context = {"patient": patient, "aid": aid, "kept": [("hjalpmedel", aid.pk)] if aid else []}
    form = NeedForm(request.GET if "behov" in request.GET else None)
    if not form.is_valid():
        return render(request, "workorders/guide.html", context | {"form": form})
    answer = form.cleaned_data["behov"]
    kind = FollowUpForm.KINDS.get(answer)
    if kind is None:
        follow_up = FollowUpForm(request.GET if "slag" in request.GET else None, need=answer)
        if not follow_up.is_valid():
            context["kept"] = [*context["kept"], ("behov", answer)]
            return render(request, "workorders/guide.html", context | {"form": follow_up})
        kind = follow_up.cleaned_data["slag"]
    aids = [] if aid or kind not in ABOUT_AN_AID else _aids(request, patient)
    return _start_page(request, patient, Kind(kind), aid=aid, form=AidForm(aids=aids) if aids else None)


def _start_page(request: HttpRequest, patient: Patient, kind: Kind, *, aid: Loan | None, form: AidForm | None) -> HttpResponse:
    """The kind that the questions have led to; asks which aid it is about, if that is not known and the patient has any."""
    context = {"patient": patient, "kind": kind, "aid": aid, "form": form, "has_no_aid": kind in ABOUT_AN_AID and aid is None and form is None}
    return render(request, "workorders/start.html", context | {"errors_text": "Inget utkast är påbörjat än."})


@requires(Permission.PLACE_ORDER)
@require_POST
def start(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Make the draft that the questions have led to."""
    patient = _open(request, patient_id)
    kind = request.POST.get("slag", "")
    if kind not in Kind.values:
        return redirect("workorders:guide", patient_id=patient_id)
    chosen = request.POST.get("hjalpmedel", "")
    if not chosen and kind in ABOUT_AN_AID and (aids := _aids(request, patient)):
        form = AidForm(request.POST, aids=aids)
        form.is_valid()
        return _start_page(request, patient, Kind(kind), aid=None, form=form)
    loan = None if chosen == AidForm.OTHER else _loan(request, patient, chosen)
    return redirect(drafts.start(patient, by=request.assignment, kind=kind, loan=loan))


@requires(Permission.PLACE_ORDER)
@require_POST
def about(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """From one of the patient's aids (`loan`) to the questions about it."""
    loan = _loan(request, _open(request, patient_id), request.POST.get("loan", ""))
    address = reverse("workorders:guide", args=[patient_id])
    return redirect(f"{address}?hjalpmedel={loan.pk}" if loan else address)


@requires(Permission.PLACE_ORDER)
@require_http_methods(["GET", "POST"])
def individual(request: HttpRequest) -> HttpResponse:
    """From the number on an aid to the guide for the patient who has it. An aid of somebody whom the unit has not opened does not exist for it."""
    form = IndividualForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        number = individuals.current_numbers([number]).get(number, number)
        loans = Loan.objects.visible_to(request.assignment).current().filter(individual_number=number)
        loan = loans.filter(patient__in=Patient.objects.visible_to(request.assignment)).select_related("patient").first()
        if loan is not None:
            try:
                patient = access.open_patient(
                    request.assignment, loan.patient.public_id, activity="Hjälpmedel via individnummer", resource=access.Resource("Hjälpmedel", number)
                )
            except access.NoSuchPatient:
                loan = None
            else:
                return redirect(f"{reverse('workorders:guide', args=[patient.public_id])}?hjalpmedel={loan.pk}")
        form.add_error("number", "Ingen av enhetens patienter har ett hjälpmedel med det numret. Sök upp patienten först.")
    return render(request, "workorders/individual.html", {"form": form})


def _open(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    try:
        return access.open_patient(request.assignment, patient_id, activity="Ny arbetsorder", resource=access.Resource(drafts.RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None


def _aids(request: HttpRequest, patient: Patient) -> list[Loan]:
    """The aids that the patient has from this care provider, the latest first."""
    loans = Loan.objects.visible_to(request.assignment).current().filter(patient=patient)
    return list(loans.select_related("article__local").order_by("-started_at", "-id")[:MOST_AIDS])


def _aid(request: HttpRequest, patient: Patient) -> Loan | None:
    return _loan(request, patient, request.GET.get("hjalpmedel", ""))


def _loan(request: HttpRequest, patient: Patient, text: str) -> Loan | None:
    """The aid that was chosen; 404 for one that the patient does not have."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    loan = Loan.objects.visible_to(request.assignment).current().filter(patient=patient, pk=int(text)).select_related("article__local").first()
    if loan is None:
        raise Http404
    return loan
