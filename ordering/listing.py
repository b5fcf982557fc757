"""What a list of orders holds, its count, and the active choice to see other units' orders."""

import dataclasses
import datetime
import uuid
from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from core.templatetags.ui import thousands
from ordering.forms import SearchForm
from ordering.models import AbstractOrder, OrderQuerySet
from patients import access
from patients.forms import NumberForm
from patients.models import Patient

PAGE_SIZE = 25
MOST_COUNTED = 1_000
MOST_EXPORTED = 5_000
NEWEST = ("-changed_at", "-id")  # of what is not sent
OTHERS = "andra"  # ?enhet=andra
CHOICE_KEY = "other_units"
CHOICE_HOLDS = datetime.timedelta(hours=1)

# As components/tabs.html takes them: text, address, whether it is the one shown.
Tabs = list[tuple[str, str, bool]]


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


def count_text(count: Count, *, one: str, several: str) -> str:
    """1 beställning, 12 beställningar, Fler än 1 000 beställningar."""
    if count.is_capped:
        return f"Fler än {thousands(MOST_COUNTED)} {several}"
    return f"1 {one}" if count.number == 1 else f"{thousands(count.number)} {several}"


@dataclasses.dataclass(frozen=True)
class Found:
    """What the list's address asks for; the patient that it names; the reason for seeing other units' orders, where a choice is in force."""

    orders: OrderQuerySet
    patient: Patient | None
    reason: str
    shows_others: bool


def found(request: HttpRequest, model: type[AbstractOrder], form: SearchForm, *, name: str) -> Found:
    """The unit's sent orders, or those of other units, narrowed by the address. `name` is the kind of order in the access log."""
    by = request.assignment  # type: ignore[attr-defined]
    reason = reason_for_other_units(request)
    shows_others = bool(reason) and request.GET.get("enhet") == OTHERS
    orders = model._default_manager
    seen = orders.of_other_units(by).without_protected(by) if shows_others else orders.listed_to(by)  # type: ignore[attr-defined]
    patient = patient_of(request, activity=f"Sök {name.lower()}", resource=name)
    if patient is not None:
        seen = seen.filter(patient=patient)
    return Found(form.narrow(seen.sent()), patient, reason, shows_others)


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
