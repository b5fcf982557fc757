"""Pages of a list of orders, its count, and the active choice to see other units' orders."""

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from core.templatetags.ui import thousands
from patients import access
from patients.forms import NumberForm
from patients.models import Patient

PAGE_SIZE = 25
MOST_COUNTED = 1_000
MOST_EXPORTED = 5_000
CHOICE_KEY = "other_units"
CHOICE_HOLDS = datetime.timedelta(hours=1)


@dataclasses.dataclass(frozen=True)
class Count:
    """How many there are, counted no further than `MOST_COUNTED`, so that it costs the same in a list of millions."""

    number: int

    def __str__(self) -> str:
        return f"fler än {thousands(MOST_COUNTED)}" if self.is_capped else str(thousands(self.number))

    @property
    def is_capped(self) -> bool:
        return self.number > MOST_COUNTED


def count(found: QuerySet, *, order: Sequence[str] = ("-placed_at", "-id")) -> Count:
    """In the order of an index: without one the database gathers all that there is before it takes the first thousand."""
    return Count(len(found.order_by(*order).values_list("pk", flat=True)[: MOST_COUNTED + 1]))


def patient_of(request: HttpRequest, *, activity: str, resource: str) -> Patient | None:
    """The patient whom the address narrows the list to by public id; opened, so logged. None where it names none."""
    text = request.GET.get("patient")
    if not text:
        return None
    try:
        return access.open_patient(request.assignment, uuid.UUID(text), activity=activity, resource=access.Resource(resource))  # type: ignore[attr-defined]
    except (access.NoSuchPatient, ValueError):
        raise Http404 from None


def patient_by_number(request: HttpRequest, form: NumberForm, *, missing: str) -> Patient | None:
    """Whom the posted number names, to be narrowed to by public id. None, with `missing` at the field, where the unit has not opened such a patient."""
    try:
        patient = access.find_by_number(request.assignment, form.cleaned_data["number"])  # type: ignore[attr-defined]
    except access.ProtectedPatient:
        patient = None
    if patient is not None and Patient.objects.visible_to(request.assignment).filter(pk=patient.pk).exists():  # type: ignore[attr-defined]
        return patient
    form.add_error("number", missing)
    return None


# --- Other units' orders -----------------------------------------------------------------------------


def choose_other_units(request: HttpRequest, *, reason: str) -> None:
    """For an hour, or until it is taken back or the session ends. The reason stands in each log row that follows."""
    request.session[CHOICE_KEY] = {"reason": reason, "until": (timezone.now() + CHOICE_HOLDS).timestamp()}


def forget_other_units(request: HttpRequest) -> None:
    request.session.pop(CHOICE_KEY, None)


def reason_for_other_units(request: HttpRequest) -> str:
    """Why the person has chosen to see other units' orders; "" when no choice is in force."""
    choice = request.session.get(CHOICE_KEY)
    return str(choice["reason"]) if choice and choice["until"] > timezone.now().timestamp() else ""
