"""The way to a patient: the whole number, the care relation confirmed, the look logged.

The number that was typed is kept in the session (on the server) between the steps, never in an address.
"""

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, may, requires
from patients import access, actions
from patients.forms import CareRelationForm, NumberForm, RegisterForm
from patients.identifiers import Identifier, parse
from patients.models import IDENTITY_CHOICES, Patient

_TYPED = "patient_number"
_TOKEN = "token"  # noqa: S105 - the name of a field


@requires(Permission.OPEN_PATIENT)
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """A patient that the unit has opened before opens at once; another asks for the care relation; an unknown number can be registered."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        identifier: Identifier = form.cleaned_data["number"]
        try:
            patient = access.find_by_number(request.assignment, identifier)
        except access.ProtectedPatient:
            form.add_error("number", "Det går inte att öppna eller registrera det här numret här. Kontakta supporten.")
        else:
            if patient is not None and Patient.objects.visible_to(request.assignment).filter(pk=patient.pk).exists():
                return redirect("patient", public_id=patient.public_id)
            if patient is not None or may(request.assignment, Permission.EDIT_PATIENT):
                request.session[_TYPED] = identifier.typed
                return redirect("patients:register" if patient is None else "patients:confirm")
            form.add_error("number", "Numret finns inte i registret.")
    return render(request, "patients/find.html", {"form": form})


def _typed(request: HttpRequest) -> Identifier:
    """The number that the page shows: signed in its form, so that a search in another tab can't slip in another person.

    A page that is opened shows the session's last search. Without either there is nothing to confirm or register.
    """
    if _TOKEN in request.POST:
        try:
            value = signing.loads(request.POST[_TOKEN], salt=_salt(request), max_age=request.session.get_expiry_age())
        except signing.BadSignature:
            raise Http404 from None
    else:
        value = request.session.get(_TYPED)
    if value is None:
        raise Http404
    return parse(value, today=timezone.localdate())


def _shown(identifier: Identifier) -> dict[str, str]:
    kind = dict(IDENTITY_CHOICES)[identifier.type]
    return {"number": identifier.shown, "kind": kind[0].upper() + kind[1:]}


def _token(request: HttpRequest, identifier: Identifier) -> str:
    return signing.dumps(identifier.typed, salt=_salt(request))


def _salt(request: HttpRequest) -> str:
    return f"patient-number-{request.assignment.pk}"


@requires(Permission.OPEN_PATIENT)
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """The number is in the register. Nothing of the person is shown before the care relation is confirmed."""
    identifier = _typed(request)
    form = CareRelationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            patient = access.find_by_number(request.assignment, identifier)
        except access.ProtectedPatient:
            patient = None
        if patient is None:
            raise Http404
        actions.confirm_care_relation(patient, by=request.assignment)
        request.session.pop(_TYPED, None)
        return redirect("patient", public_id=patient.public_id)
    return render(request, "patients/confirm.html", {"form": form, **_shown(identifier), "token": _token(request, identifier)})


@requires(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    identifier = _typed(request)
    form = RegisterForm(request.POST or None, identifier=identifier)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            patient = actions.register(
                by=request.assignment,
                identifier=identifier,
                given_name=data["given_name"],
                family_name=data["family_name"],
                phone=data["phone"],
                address=form.address,
                contact=form.contact,
                valid_until=data.get("valid_until"),
            )
        except actions.AlreadyRegistered:
            return _registered_before(request, identifier)
        request.session.pop(_TYPED, None)
        messages.success(request, "Patienten är registrerad.")
        return redirect("patient", public_id=patient.public_id)
    return render(request, "patients/register.html", {"form": form, **_shown(identifier), "token": _token(request, identifier)})


def _registered_before(request: HttpRequest, identifier: Identifier) -> HttpResponse:
    """The form was sent twice, or a colleague was first."""
    try:
        patient = access.find_by_number(request.assignment, identifier)
    except access.ProtectedPatient:
        raise Http404 from None
    if patient is not None and Patient.objects.visible_to(request.assignment).filter(pk=patient.pk).exists():
        messages.info(request, "Patienten är redan registrerad. Kontrollera att uppgifterna stämmer.")
        return redirect("patient", public_id=patient.public_id)
    request.session[_TYPED] = identifier.typed
    messages.info(request, "Någon hann före: patienten är redan registrerad. Det du skrev sparades inte.")
    return redirect("patients:confirm")
