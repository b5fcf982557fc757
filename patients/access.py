"""The one door to a patient. What is read through it is in the access log, or it is not read (PDL 4:3)."""

import dataclasses
import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import Assignment, CareUnit
from accounts.permissions import Permission, may
from core import context
from patients.identifiers import Identifier
from patients.models import AccessLogEntry, Patient, PatientIdentity

Action = AccessLogEntry.Action


class NoSuchPatient(Exception):
    """No such patient for this unit: unknown, never opened by it, or protected from it. The three look the same."""


class ProtectedPatient(Exception):
    """The number is a protected person's, and the assignment has no right to open it."""


@dataclasses.dataclass(frozen=True)
class Resource:
    """What of a patient is read or written, for the log: such as ("Kundorder", "K-2026-00000123-3").

    `owner` is the unit that it belongs to, when it is another of the care provider, and `reason` why that was chosen.
    `purpose` is what it is read for.
    """

    type: str
    id: str = ""
    owner: CareUnit | None = None
    reason: str = ""
    purpose: str = "Vård och behandling"


def open_patient(assignment: Assignment, public_id: uuid.UUID, *, action: str = Action.READ, activity: str, resource: Resource) -> Patient:
    """The patient, with identities and addresses; the log row is committed in the same transaction as the reading.

    An old address of a record that was merged into another opens the one that the person has now.
    Raises `NoSuchPatient` for a patient that the unit has not opened by number and confirmed care relation, and for
    a protected person without `SEE_PROTECTED`.
    """
    with transaction.atomic(savepoint=False):
        visible = Patient.objects.visible_to(assignment).prefetch_related("identities", "addresses")
        patient = visible.filter(public_id=public_id).first() or visible.filter(absorbed__public_id=public_id).first()
        if patient is not None:
            is_refused = patient.is_protected and not may(assignment, Permission.SEE_PROTECTED)
            outcome = AccessLogEntry.Outcome.DENIED_PROTECTED if is_refused else AccessLogEntry.Outcome.ALLOWED
            write(assignment, [patient], action=action, activity=activity, resource=resource, outcome=outcome)
            if not is_refused:
                return patient
    # Outside the block: without a savepoint, an exception that passes it would undo the caller's transaction, and the refusal's row with it.
    raise NoSuchPatient


def find_by_number(assignment: Assignment, identifier: Identifier) -> Patient | None:
    """Whom a whole number belongs to; None if nobody. The hit is logged.

    Nothing of the patient may be shown before `actions.confirm_care_relation`. Raises `ProtectedPatient`.
    """
    with transaction.atomic():
        identity = PatientIdentity.objects.of(identifier).select_related("patient").first()
        if identity is None:
            return None
        patient = identity.patient
        refused = patient.is_protected and not may(assignment, Permission.SEE_PROTECTED)
        write(
            assignment,
            [patient],
            action=Action.SEARCH_HIT,
            activity="Sök patient",
            resource=Resource("Patient"),
            outcome=AccessLogEntry.Outcome.DENIED_PROTECTED if refused else AccessLogEntry.Outcome.ALLOWED,
        )
    if refused:
        raise ProtectedPatient
    return patient


def recently_opened(assignment: Assignment, *, since: datetime.datetime, most: int) -> list[Patient]:
    """The patients whose page the person has opened at the unit, the last one first. Who shows them logs it (`log_listing`)."""
    looks = AccessLogEntry.objects.filter(
        user_hsa_id=assignment.user.hsa_id,
        unit_hsa_id=assignment.unit.hsa_id,
        at__gte=since,
        resource_type="Patient",
        action=Action.READ,
        outcome=AccessLogEntry.Outcome.ALLOWED,
    )
    last = list(dict.fromkeys(looks.order_by("-at").values_list("patient", flat=True)[:200]))[:most]
    visible = Patient.objects.visible_to(assignment).filter(pk__in=last).prefetch_related("identities")
    if not may(assignment, Permission.SEE_PROTECTED):
        visible = visible.filter(protection=Patient.Protection.NONE)
    return sorted(visible, key=lambda patient: last.index(patient.pk))


def log_listing(assignment: Assignment, shown: Iterable[tuple[Patient, Resource]], *, activity: str, action: str = Action.READ) -> None:
    """Log a list page: one row for each patient and resource that it shows, in one insert. Call before rendering."""
    AccessLogEntry.objects.bulk_create(_entry(assignment, patient, action=action, activity=activity, resource=resource) for patient, resource in shown)


def write(
    assignment: Assignment,
    patients: Iterable[Patient],
    *,
    action: str,
    activity: str,
    resource: Resource,
    outcome: str = AccessLogEntry.Outcome.ALLOWED,
    reason: str = "",
) -> None:
    """Append log rows. Actions call it inside their own transaction."""
    AccessLogEntry.objects.bulk_create(
        _entry(assignment, patient, action=action, activity=activity, resource=resource, outcome=outcome, reason=reason) for patient in patients
    )


def write_without_patient(assignment: Assignment, *, action: str, activity: str, resource: Resource) -> None:
    """Append the row of a fakturaunderlag that was read or fetched: it tells of patients, and shows none (decision 0045)."""
    AccessLogEntry.objects.create(**_who_and_what(assignment, action=action, activity=activity, resource=resource))


def _entry(
    assignment: Assignment, patient: Patient, *, action: str, activity: str, resource: Resource, outcome: str = AccessLogEntry.Outcome.ALLOWED, reason: str = ""
) -> AccessLogEntry:
    identity = patient.identity
    row = _who_and_what(assignment, action=action, activity=activity, resource=resource) | {"outcome": outcome, "reason": reason or resource.reason}
    return AccessLogEntry(patient=patient, identity_type=identity.type, identity_value=identity.value, **row)


def _who_and_what(assignment: Assignment, *, action: str, activity: str, resource: Resource) -> dict[str, Any]:
    request = context.current.get()
    unit, provider, user = assignment.unit, assignment.unit.provider, assignment.user
    return {
        "system_id": settings.SYSTEM_ID,
        "system_name": settings.SYSTEM_NAME,
        "action": action,
        "activity": activity,
        "purpose": resource.purpose,
        "user_hsa_id": user.hsa_id,
        "user_name": user.name,
        "user_title": user.title,
        "assignment_id_text": assignment.hsa_id or str(assignment.pk),
        "assignment_name": f"{assignment.get_role_display()}, {unit.name}",
        "unit_hsa_id": unit.hsa_id,
        "unit_name": unit.name,
        "provider_hsa_id": provider.hsa_id,
        "provider_name": provider.name,
        "resource_type": resource.type,
        "resource_id": resource.id,
        "owner_provider_hsa_id": provider.hsa_id,
        "owner_unit_hsa_id": (resource.owner or unit).hsa_id,
        "reason": resource.reason,
        "request_id": request.request_id,
        "session_hash": request.session_hash,
        "client_ip": request.client_ip,
    }
