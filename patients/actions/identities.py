"""A patient gets another number, and it is taken back; an LMA card is prolonged."""

import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Assignment
from patients import access, sesam2
from patients.actions.changes import Event, require_undoable, told_to_sesam2
from patients.actions.people import lock
from patients.identifiers import Identifier, IdentityType
from patients.models import Patient, PatientHistory, PatientIdentity

RESOURCE = access.Resource("Patient")


class NumberIsAnothers(Exception):
    """The number belongs to another record: if it is the same person, the two are to be merged."""


class NumberIsCurrent(Exception):
    """The patient has this number already."""


class NumberIsWeaker(Exception):
    """A personnummer is not changed for a reserve number, nor a samordningsnummer."""


@transaction.atomic
def change_identity(patient: Patient, *, by: Assignment, to: Identifier, reason: str, valid_until: datetime.date | None = None) -> PatientHistory:
    """From now on the patient is known by `to`; the number before it is kept, and finds the patient still. SESAM2 is told.

    `valid_until` is for an LMA number alone. Raises `NumberIsAnothers`, `NumberIsCurrent`, `NumberIsWeaker` and `MergedMeanwhile`.
    """
    patient = lock(patient)
    before = patient.identity
    if before.identifier == to:
        raise NumberIsCurrent
    if to.rank < before.identifier.rank:
        raise NumberIsWeaker
    access.write(by, [patient], action=access.Action.WRITE, activity="Byta nummer", resource=RESOURCE, reason=reason[:200])
    PatientIdentity.objects.filter(pk=before.pk).update(is_current=False, replaced_at=timezone.now())
    after, is_new = _take(patient, to, valid_until)
    return _tell(patient, before, after, event=Event.IDENTITY_CHANGED, by=by, reason=reason, is_new=is_new)


def _take(patient: Patient, identifier: Identifier, valid_until: datetime.date | None) -> tuple[PatientIdentity, bool]:
    """The number as the patient's current one, and whether it is new: else it is a former one of its own again."""
    try:
        with transaction.atomic():
            found, is_new = PatientIdentity.objects.get_or_create(
                type=identifier.type, value=identifier.value, withdrawn_at=None, defaults={"patient": patient, "valid_until": valid_until}
            )
    except IntegrityError:
        # Somebody registers it at this moment, or it is an LMA number without a day.
        if not PatientIdentity.objects.of(identifier).exists():
            raise
        raise NumberIsAnothers from None
    if found.patient_id != patient.pk:
        raise NumberIsAnothers
    if not is_new:
        PatientIdentity.objects.filter(pk=found.pk).update(is_current=True, replaced_at=None, valid_until=valid_until)
    return found, is_new


@transaction.atomic
def undo_identity_change(change: PatientHistory, *, by: Assignment, reason: str) -> None:
    """The number before `change` holds again; SESAM2 is told.

    The other one is a former again if it was before the change, and else finds this patient no more: it may be somebody else's.
    Raises `NotUndoable`, `MergedMeanwhile`.
    """
    patient = lock(change.patient)
    require_undoable(patient, change)
    access.write(by, [patient], action=access.Action.WRITE, activity="Ångra byte av nummer", resource=RESOURCE, reason=reason[:200])
    identities = {identity.pk: identity for identity in PatientIdentity.objects.filter(patient=patient)}
    wrong, right = identities[change.details["after"]], identities[change.details["before"]]
    now = timezone.now()
    PatientIdentity.objects.filter(pk=wrong.pk).update(is_current=False, replaced_at=now, withdrawn_at=now if change.details["is_new"] else None)
    PatientIdentity.objects.filter(pk=right.pk).update(is_current=True, replaced_at=None)
    _tell(patient, wrong, right, event=Event.UNDONE, by=by, reason=reason, undoes=change)


def _tell(
    patient: Patient,
    before: PatientIdentity,
    after: PatientIdentity,
    *,
    event: str,
    by: Assignment,
    reason: str,
    is_new: bool = False,
    undoes: PatientHistory | None = None,
) -> PatientHistory:
    body = sesam2.identity_changed(before=sesam2.patient_ref(patient, before), after=sesam2.patient_ref(patient, after))
    details = {"before": before.pk, "after": after.pk, "is_new": is_new}
    return told_to_sesam2("PatientIdentityChanged", body, patient=patient, event=event, by=by, reason=reason, undoes=undoes, details=details)


@transaction.atomic
def prolong_lma(patient: Patient, *, by: Assignment, valid_until: datetime.date) -> None:
    """The patient's LMA card has another last day. Raises `NumberIsWeaker` when the current number is no LMA number, and `MergedMeanwhile`."""
    patient = lock(patient)
    identity = patient.identity
    if identity.type != IdentityType.LMA:
        raise NumberIsWeaker
    if identity.valid_until == valid_until:
        return
    PatientIdentity.objects.filter(pk=identity.pk).update(valid_until=valid_until)
    PatientHistory.objects.create(patient=patient, event=Event.LMA_PROLONGED, by=by, details={"from": str(identity.valid_until), "to": valid_until.isoformat()})
    access.write(by, [patient], action=access.Action.WRITE, activity="Nytt datum för LMA-kortet", resource=RESOURCE)
