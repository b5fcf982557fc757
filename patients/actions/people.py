"""A patient is registered, opened, moves, and is reached through others. One function, one change, one transaction."""

import dataclasses
import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Assignment
from patients import access
from patients.identifiers import Identifier
from patients.models import Address, CareRelation, Contact, Patient, PatientIdentity


class AlreadyRegistered(Exception):
    """The number belongs to a patient in the register."""


class AddressIsProtected(Exception):
    """No address, phone or contact is stored for a protected person."""


class MergedMeanwhile(Exception):
    """The record has been merged into another since it was opened."""


class ContactIsEnded(Exception):
    """The contact person has been changed or ended since the page was opened."""


@dataclasses.dataclass(frozen=True)
class NewAddress:
    """`door_code` empty means that there is none: the asker has said so."""

    street: str
    postal_code: str
    city: str
    care_of: str = ""
    door_code: str = ""


@dataclasses.dataclass(frozen=True)
class NewContact:
    name: str
    phone: str
    relation: str = ""


@transaction.atomic
def confirm_care_relation(patient: Patient, *, by: Assignment) -> None:
    """Open the patient for the unit of `by`, who confirms a care relation. Again is no change."""
    CareRelation.objects.get_or_create(patient=patient, unit=by.unit, defaults={"confirmed_by": by})
    access.write(by, [patient], action=access.Action.CONFIRM, activity="Bekräfta vårdrelation", resource=access.Resource("Patient"))


@transaction.atomic
def register(
    *,
    by: Assignment,
    identifier: Identifier,
    given_name: str,
    family_name: str,
    phone: str,
    address: NewAddress,
    contact: NewContact | None,
    valid_until: datetime.date | None = None,
) -> Patient:
    """A new patient, opened for the unit of `by`. `valid_until` is for an LMA number alone, which must have it.

    Raises `AlreadyRegistered` when the number is known.
    """
    patient = Patient.objects.create(given_name=given_name, family_name=family_name, phone=phone)
    try:
        with transaction.atomic():
            PatientIdentity.objects.create(patient=patient, type=identifier.type, value=identifier.value, valid_until=valid_until)
    except IntegrityError as error:
        # What must never be, such as an LMA number without a day, is another error than a number that is known.
        if not PatientIdentity.objects.of(identifier).exists():
            raise
        raise AlreadyRegistered from error
    CareRelation.objects.create(patient=patient, unit=by.unit, confirmed_by=by)
    _write_address(patient, address, by=by)
    if contact is not None:
        _add_contact(patient, contact, by=by)
    access.write(by, [patient], action=access.Action.WRITE, activity="Registrera patient", resource=access.Resource("Patient"))
    return patient


def lock(patient: Patient) -> Patient:
    """The record as it is now, locked until the commit, so that it is neither merged nor changed meanwhile. Raises `MergedMeanwhile`."""
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    if locked.merged_into_id is not None:
        raise MergedMeanwhile
    return locked


@transaction.atomic
def change_details(patient: Patient, *, by: Assignment, phone: str, address: NewAddress) -> None:
    """Phone and address; the old address ends now and is kept.

    Raises `AddressIsProtected` for a protected person, and `MergedMeanwhile`.
    """
    patient = lock(patient)
    if patient.is_protected:
        raise AddressIsProtected
    Patient.objects.filter(pk=patient.pk).update(phone=phone)
    _write_address(patient, address, by=by)
    access.write(by, [patient], action=access.Action.WRITE, activity="Ändra kontaktuppgifter", resource=access.Resource("Adress"))


def _write_address(patient: Patient, new: NewAddress, *, by: Assignment) -> None:
    values = dataclasses.asdict(new) | {"has_no_door_code": not new.door_code}
    current = Address.objects.filter(patient=patient, valid_to__isnull=True)
    if current.filter(**values).exists():
        return
    now = timezone.now()
    current.update(valid_to=now)
    Address.objects.create(patient=patient, valid_from=now, changed_by=by, **values)


@transaction.atomic
def add_contact(patient: Patient, new: NewContact, *, by: Assignment) -> None:
    """Another contact person, for the care provider of `by`. The same one again is no change.

    Raises `AddressIsProtected` for a protected person, and `MergedMeanwhile`.
    """
    patient = lock(patient)
    if patient.is_protected:
        raise AddressIsProtected
    if not Contact.objects.visible_to(by).filter(patient=patient, **dataclasses.asdict(new)).exists():
        _add_contact(patient, new, by=by)
        access.write(by, [patient], action=access.Action.WRITE, activity="Lägg till kontaktperson", resource=access.Resource("Kontaktperson"))


def _add_contact(patient: Patient, new: NewContact, *, by: Assignment) -> None:
    Contact.objects.create(patient=patient, provider=by.unit.provider, changed_by=by, **dataclasses.asdict(new))


@transaction.atomic
def change_contact(contact: Contact, new: NewContact, *, by: Assignment) -> None:
    """The contact person as it is from now on; what was is kept. Raises `ContactIsEnded`, `AddressIsProtected`, `MergedMeanwhile`."""
    patient = lock(contact.patient)
    if patient.is_protected:
        raise AddressIsProtected
    _end_contact(contact)
    _add_contact(patient, new, by=by)
    access.write(by, [patient], action=access.Action.WRITE, activity="Ändra kontaktperson", resource=access.Resource("Kontaktperson"))


@transaction.atomic
def end_contact(contact: Contact, *, by: Assignment) -> None:
    """The person is no longer contacted; the row is kept. Raises `ContactIsEnded`, `MergedMeanwhile`."""
    patient = lock(contact.patient)
    _end_contact(contact)
    access.write(by, [patient], action=access.Action.WRITE, activity="Ta bort kontaktperson", resource=access.Resource("Kontaktperson"))


def _end_contact(contact: Contact) -> None:
    if not Contact.objects.filter(pk=contact.pk, ended_at__isnull=True).update(ended_at=timezone.now()):
        raise ContactIsEnded
