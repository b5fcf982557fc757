"""Vad vill du rapportera? A few questions that end in a draft of the right kind, or in an arbetsorder instead."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Assignment
from accounts.permissions import Permission, may, requires, roles_with
from faultreports import known, rules
from faultreports.actions import drafts
from faultreports.forms import AboutForm, HarmForm, NamedForm, WhatForm
from faultreports.known import ACTIVITY, RESOURCE, Known
from faultreports.models import FaultReport, Kind
from patients import access
from patients.models import Loan

MOST_AIDS = 100


@requires(Permission.REPORT_FAULT)
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """The questions, one at a time. The answers stand in the address, with the numbers that it names; nothing of the patient but the public id."""
    named = NamedForm(request.GET)
    about_form = AboutForm(request.GET) if "fraga" in request.GET else None
    try:
        found = _found(request, named)
    except known.NotKnown as missing:
        # What was typed on the page is an error there. What stands in an address that leads to nothing is no page at all.
        if about_form is None or missing.field not in {"individual", "order"} or not about_form.is_valid():
            raise Http404 from None
        about_form.add_error("individ" if missing.field == "individual" else "order", missing.text)
        found = Known()
    context: dict[str, Any] = {"known": found, "patient": found.patient, "kept": named.kept}
    kind, answered = _kind(request, context)
    if kind is None:
        return answered or render(request, "faultreports/guide.html", context)
    context["kept"] += [("slag", kind)]
    if kind == Kind.LOST and not may(request.assignment, Permission.REPORT_LOST):
        who = Assignment.objects.current().filter(unit=request.assignment.unit_id, role__in=roles_with(Permission.REPORT_LOST)).select_related("user")
        return render(request, "faultreports/not_yours.html", context | {"people": sorted({person.user.name for person in who})})
    if (about_form is not None and about_form.errors) or (found.is_empty and about_form is None):
        context["kept"] = [(name, value) for name, value in context["kept"] if name not in {"individ", "order"}]
        return render(request, "faultreports/guide.html", context | {"form": about_form or AboutForm(), "asks_what": True})
    return render(request, "faultreports/start.html", context | _start(request, Kind(kind), found))


def _kind(request: HttpRequest, context: dict[str, Any]) -> tuple[str | None, HttpResponse | None]:
    """The kind that the answers lead to; else None, and the page that stands in its place if it is no question (the question is put in `context`)."""
    if request.GET.get("slag", "") in Kind.values:
        return request.GET["slag"], None
    what = WhatForm(request.GET if "galler" in request.GET else None)
    if not what.is_valid():
        context["form"] = what
        return None, None
    answer = what.cleaned_data["galler"]
    if answer == WhatForm.WORN:
        return None, render(request, "faultreports/worn.html", context | {"order_url": _work_order_url(request, context["known"])})
    if answer in WhatForm.KINDS:
        return WhatForm.KINDS[answer], None
    harm = HarmForm(request.GET if "hande" in request.GET else None)
    if harm.is_valid():
        return harm.cleaned_data["hande"], None
    context["form"] = harm
    context["kept"] = [*context["kept"], ("galler", answer)]
    return None, None


def _work_order_url(request: HttpRequest, found: Known) -> str:
    """Where what is worn is ordered to be mended; "" for those who may not."""
    if not may(request.assignment, Permission.PLACE_ORDER):
        return ""
    if found.patient is None:
        return reverse("workorders:individual")
    address = reverse("workorders:guide", args=[found.patient.public_id])
    return f"{address}?behov=trasigt" + (f"&hjalpmedel={found.loan.pk}" if found.loan else "")


def _start(request: HttpRequest, kind: Kind, found: Known) -> dict[str, Any]:
    asks = kind in rules.ABOUT_AN_AID and found.patient is not None and not found.has_aid
    loans = Loan.objects.visible_to(request.assignment).current().filter(patient=found.patient).select_related("article__local")
    lost = FaultReport.objects.visible_to(request.assignment).missing().filter(loan=found.loan).order_by("-id").first() if found.loan else None
    return {
        "kind": kind,
        "asks_for_aid": asks,
        "aids": list(loans.order_by("-started_at", "-id")[:MOST_AIDS]) if asks else [],
        "lost_report": lost if may(request.assignment, Permission.REPORT_LOST) else None,
    }


@requires(Permission.REPORT_FAULT)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Make the draft that the questions have led to. What the page showed is looked up anew: a posted number is no more trusted than one in an address."""
    kind = request.POST.get("slag", "")
    if kind not in Kind.values:
        return redirect("faultreports:new")
    if kind == Kind.LOST and not may(request.assignment, Permission.REPORT_LOST):
        raise Http404
    try:
        found = _found(request, NamedForm(request.POST))
    except known.NotKnown:
        raise Http404 from None
    return redirect(drafts.start(kind, by=request.assignment, known=found))


@requires(Permission.REPORT_FAULT)
@require_POST
def about(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """From one of the patient's aids (`loan`) to the questions about it."""
    if not may(request.assignment, Permission.OPEN_PATIENT):
        raise Http404
    try:
        patient = access.open_patient(request.assignment, patient_id, activity=ACTIVITY, resource=access.Resource(RESOURCE))
    except access.NoSuchPatient:
        raise Http404 from None
    address = f"{reverse('faultreports:new')}?patient={patient.public_id}"
    text = request.POST.get("loan", "")
    if not text:
        return redirect(address)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    loan = Loan.objects.visible_to(request.assignment).current().filter(patient=patient, pk=int(text)).first()
    if loan is None:
        raise Http404
    return redirect(f"{address}&hjalpmedel={loan.pk}")


def _found(request: HttpRequest, named: NamedForm) -> Known:
    """What the address names, within the reader's scope. Raises `NotKnown`, and 404 for what has not even the right shape."""
    if not named.is_valid():
        raise Http404
    return known.look_up(named.named, by=request.assignment)
