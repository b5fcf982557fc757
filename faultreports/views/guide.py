"""Vad vill du rapportera? A few questions that end in a draft of the right kind, or in an arbetsorder instead."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Permission, may, requires
from faultreports.forms import WhatForm
from patients import access
from patients.models import Loan

RESOURCE = "Felrapport"


@requires(Permission.REPORT_FAULT)
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    form = WhatForm(request.GET if "galler" in request.GET else None)
    form.is_valid()
    return render(request, "faultreports/guide.html", {"form": form})


@requires(Permission.REPORT_FAULT)
@require_POST
def about(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """From one of the patient's aids (`loan`) to the questions about it. Nothing of the patient but the public id stands in the address."""
    if not may(request.assignment, Permission.OPEN_PATIENT):
        raise Http404
    try:
        patient = access.open_patient(request.assignment, patient_id, activity="Ny felrapport", resource=access.Resource(RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None
    text = request.POST.get("loan", "")
    address = f"{reverse('faultreports:new')}?patient={patient.public_id}"
    if not text:
        return redirect(address)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    loan = Loan.objects.visible_to(request.assignment).current().filter(patient=patient, pk=int(text)).first()
    if loan is None:
        raise Http404
    return redirect(f"{address}&hjalpmedel={loan.pk}")
