"""What can be done with a patient's record. One function, one change, one transaction."""

import dataclasses
import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Assignment
from catalog.models import Article
from patients import access
from patients.identifiers import Identifier
from patients.models import Address, CareRelation, Contact, Loan, Patient, PatientIdentity


class AlreadyRegistered(Exception):
    """The number belongs to a patient in the register."""


class AddressIsProtected(Exception):
    """No address, phone or contact is stored for a protected person."""


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
    *, by: Assignment, identifier: Identifier, given_name: str, family_name: str, phone: str, address: NewAddress, contact: NewContact | None
) -> Patient:
    """A new patient, opened for the unit of `by`. Raises `AlreadyRegistered` when the number is known."""
    patient = Patient.objects.create(given_name=given_name, family_name=family_name, phone=phone)
    try:
        with transaction.atomic():
            PatientIdentity.objects.create(patient=patient, type=identifier.type, value=identifier.value)
    except IntegrityError as error:
        raise AlreadyRegistered from error
    CareRelation.objects.create(patient=patient, unit=by.unit, confirmed_by=by)
    _write_address(patient, address, by=by)
    _write_contact(patient, contact, by=by)
    access.write(by, [patient], action=access.Action.WRITE, activity="Registrera patient", resource=access.Resource("Patient"))
    return patient


@transaction.atomic
def change_details(patient: Patient, *, by: Assignment, phone: str, address: NewAddress, contact: NewContact | None) -> None:
    """Phone, address (the old one ends now and is kept) and the provider's contact person.

    Raises `AddressIsProtected` for a protected person.
    """
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    if patient.is_protected:
        raise AddressIsProtected
    Patient.objects.filter(pk=patient.pk).update(phone=phone)
    _write_address(patient, address, by=by)
    _write_contact(patient, contact, by=by)
    access.write(by, [patient], action=access.Action.WRITE, activity="Ändra kontaktuppgifter", resource=access.Resource("Adress"))


def _write_address(patient: Patient, new: NewAddress, *, by: Assignment) -> None:
    values = dataclasses.asdict(new) | {"has_no_door_code": not new.door_code}
    current = Address.objects.filter(patient=patient, valid_to__isnull=True)
    if current.filter(**values).exists():
        return
    now = timezone.now()
    current.update(valid_to=now)
    Address.objects.create(patient=patient, valid_from=now, changed_by=by, **values)


def _write_contact(patient: Patient, new: NewContact | None, *, by: Assignment) -> None:
    of_provider = Contact.objects.filter(patient=patient, provider=by.unit.provider)
    if new is None:
        of_provider.delete()
        return
    of_provider.update_or_create(
        patient=patient, provider=by.unit.provider, defaults={**dataclasses.asdict(new), "changed_by": by, "changed_at": timezone.now()}
    )


@dataclasses.dataclass(frozen=True)
class DeliveredAid:
    """An aid that came to a patient. Without an individual number it is counted by `quantity`."""

    article: Article
    individual_number: str = ""
    quantity: int = 1
    lot: str = ""
    udi: str = ""


def set_loans(*, patient: Patient, ordered_by: Assignment, order_number: str, source: str, started_at: datetime.datetime, aids: list[DeliveredAid]) -> None:
    """Make the loans that came with one delivered line (`source`) equal to `aids`; the same again changes nothing.

    A loan is never deleted: one that turns out not to have been in the delivery gets its start as its end.
    """
    loans = {loan.individual_number: loan for loan in Loan.objects.select_for_update().filter(source=source)}
    for aid in aids:
        loan = loans.pop(aid.individual_number, None)
        if loan is None:
            Loan.objects.create(
                patient=patient,
                provider=ordered_by.unit.provider,
                unit=ordered_by.unit,
                order_number=order_number,
                source=source,
                started_at=started_at,
                **{field.name: getattr(aid, field.name) for field in dataclasses.fields(aid)},
            )
        else:
            Loan.objects.filter(pk=loan.pk).update(article=aid.article, quantity=aid.quantity, lot=aid.lot, udi=aid.udi, started_at=started_at, ended_at=None)
    Loan.objects.filter(pk__in=[loan.pk for loan in loans.values()], ended_at__isnull=True).update(ended_at=started_at)
