"""Two records of one person become one, and two again (decision 0029)."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import ForeignKey, Model
from django.utils import timezone

from accounts.models import Assignment
from patients import access, sesam2
from patients.actions.changes import Event, NotUndoable, require_undoable, told_to_sesam2
from patients.actions.people import MergedMeanwhile
from patients.models import Address, CareRelation, Patient, PatientHistory, PatientIdentity, PayerResponsibility

# The tables of which not every row goes with the person; `_move_own` says which do.
OWN = (PatientIdentity, Address, CareRelation, PayerResponsibility)
RESOURCE = access.Resource("Patient")
Moved = dict[str, list[int]]


class SameRecord(Exception):
    """A record cannot be merged into itself."""


def followers() -> "list[ForeignKey[Any, Any]]":
    """The foreign keys whose rows go with the person as they are: of every app, but `OWN` and those that tell what was (append-only).

    Rows of the apps above come first: an order is locked before its patient everywhere (`orders.place`, `facts.open_order`).
    """
    relations = [field for field in Patient._meta.get_fields(include_hidden=True) if field.auto_created and not field.concrete]
    keys = [relation.field for relation in relations if isinstance(relation.field, ForeignKey)]  # type: ignore[union-attr]
    found = [key for key in keys if key.model not in {Patient, *OWN} and not _is_append_only(key.model)]
    return sorted(found, key=lambda key: (key.model._meta.app_label == "patients", key.model._meta.label))


def _is_append_only(model: type[Model]) -> bool:
    return any(trigger.name == "append_only" for trigger in getattr(model._meta, "triggers", ()))


@transaction.atomic
def merge(kept: Patient, absorbed: Patient, *, by: Assignment, reason: str) -> PatientHistory:
    """`absorbed` is another record of the person of `kept`: all that there is follows, its numbers become former ones. SESAM2 is told.

    What stands in the way of what `kept` has (a unit's care relation, a provider's betalningsansvar) stays with `absorbed`. The stronger
    protection holds. Raises `SameRecord`, and `MergedMeanwhile` when one of them has been merged since.
    """
    if kept.pk == absorbed.pk:
        raise SameRecord
    for key in followers():
        _lock_rows(key, **{key.name: absorbed.pk})
    kept, absorbed = _lock_both(kept, absorbed)
    if kept.merged_into_id is not None or absorbed.merged_into_id is not None:
        raise MergedMeanwhile
    access.write(by, [kept, absorbed], action=access.Action.WRITE, activity="Slå ihop patienter", resource=RESOURCE, reason=reason[:200])
    details: dict[str, Any] = {"phone": kept.phone, "protection": kept.protection, "identity": absorbed.identity.pk}
    protection = max(kept.protection, absorbed.protection, key=Patient.Protection.values.index)
    phone = "" if protection != Patient.Protection.NONE else kept.phone or absorbed.phone
    Patient.objects.filter(pk=kept.pk).update(protection=protection, phone=phone)
    kept.protection = absorbed.protection = protection
    body = sesam2.identity_changed(before=sesam2.patient_ref(absorbed), after=sesam2.patient_ref(kept))
    details |= _move_own(kept, absorbed)
    details["moved"] |= {_name(key): _move(key, kept, _lock_rows(key, **{key.name: absorbed.pk})) for key in followers()}
    details["absorbed"] = list(Patient.objects.filter(merged_into=absorbed).values_list("pk", flat=True))
    Patient.objects.filter(pk__in=[absorbed.pk, *details["absorbed"]]).update(merged_into=kept)
    return told_to_sesam2("PatientIdentityChanged", body, patient=kept, event=Event.MERGED, by=by, other=absorbed, reason=reason, details=details)


@transaction.atomic
def undo_merge(change: PatientHistory, *, by: Assignment, reason: str) -> Patient:
    """The two are two again: what had followed goes back, what has come since stays. SESAM2 is told. Returns the record that is back.

    Raises `NotUndoable` when it is undone already, or another change of who the patient is came after it, and `MergedMeanwhile`.
    """
    if change.other is None:
        raise NotUndoable
    moved: Moved = change.details["moved"]
    keys = {_name(key): key for key in followers()}
    for name, key in keys.items():
        _lock_rows(key, pk__in=moved.get(name, []))
    kept, absorbed = _lock_both(change.patient, change.other)
    if kept.merged_into_id is not None:
        raise MergedMeanwhile
    require_undoable(kept, change)
    # First, so that rows can be written for it again.
    Patient.objects.filter(pk=absorbed.pk).update(merged_into=None)
    Patient.objects.filter(pk__in=change.details["absorbed"]).update(merged_into=absorbed)
    for model in OWN:
        model._base_manager.filter(pk__in=moved.get(model._meta.label, [])).update(patient=absorbed)
    for name, key in keys.items():
        _move(key, absorbed, moved.get(name, []))
    PatientIdentity.objects.filter(pk=change.details["identity"]).update(is_current=True, replaced_at=None)
    Address.objects.filter(pk=change.details["address"]).update(valid_to=None)
    if kept.protection == max(change.details["protection"], absorbed.protection, key=Patient.Protection.values.index):
        kept.protection = change.details["protection"]
    if not kept.is_protected and kept.phone in {"", absorbed.phone}:
        kept.phone = change.details["phone"]
    Patient.objects.filter(pk=kept.pk).update(protection=kept.protection, phone=kept.phone)
    access.write(by, [kept, absorbed], action=access.Action.WRITE, activity="Ångra sammanslagning", resource=RESOURCE, reason=reason[:200])
    body = sesam2.identity_changed(before=sesam2.patient_ref(kept), after=sesam2.patient_ref(absorbed))
    told_to_sesam2("PatientIdentityChanged", body, patient=kept, event=Event.UNDONE, by=by, other=absorbed, reason=reason, undoes=change)
    return absorbed


def _lock_both(kept: Patient, absorbed: Patient) -> tuple[Patient, Patient]:
    """In the order of their keys, so that two merges of the same two wait for each other instead of killing each other."""
    locked = {patient.pk: patient for patient in Patient.objects.select_for_update().filter(pk__in=[kept.pk, absorbed.pk]).order_by("pk")}
    return locked[kept.pk], locked[absorbed.pk]


def _move_own(kept: Patient, absorbed: Patient) -> dict[str, Any]:
    """Numbers, addresses, care relations and betalningsansvar: what of them goes to `kept`, and what was changed of it."""
    now = timezone.now()
    PatientIdentity.objects.filter(patient=absorbed, is_current=True).update(is_current=False, replaced_at=now)
    address = Address.objects.filter(patient=absorbed, valid_to__isnull=True).values_list("pk", flat=True).first()
    if address is not None and Address.objects.filter(patient=kept, valid_to__isnull=True).exists():
        Address.objects.filter(pk=address).update(valid_to=now)
    known = CareRelation.objects.filter(patient=kept).values("unit")
    decided = PayerResponsibility.objects.in_force().filter(patient=kept).values("provider")
    rows = {
        PatientIdentity: PatientIdentity.objects.filter(patient=absorbed),
        Address: Address.objects.filter(patient=absorbed),
        CareRelation: CareRelation.objects.filter(patient=absorbed).exclude(unit__in=known),
        PayerResponsibility: PayerResponsibility.objects.filter(patient=absorbed).exclude(provider__in=decided),
    }
    moved: Moved = {}
    for model, found in rows.items():
        moved[model._meta.label] = pks = list(found.values_list("pk", flat=True))
        model._base_manager.filter(pk__in=pks).update(patient=kept)
    return {"address": address, "moved": moved}


def _name(key: "ForeignKey[Any, Any]") -> str:
    return f"{key.model._meta.label}.{key.name}"


def _lock_rows(key: "ForeignKey[Any, Any]", **which: Any) -> list[int]:
    return list(key.model._base_manager.select_for_update().filter(**which).order_by("pk").values_list("pk", flat=True))


def _move(key: "ForeignKey[Any, Any]", to: Patient, pks: Iterable[int]) -> list[int]:
    """In one statement."""
    moved = list(pks)
    if moved:
        key.model._base_manager.filter(pk__in=moved).update(**{key.name: to})
    return moved
