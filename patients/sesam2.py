"""The dictionary between a patient and the contract (sections 4 and 5). Foreign words stand only here."""

import datetime

from accounts.models import Customer
from integration import contract
from patients.models import Patient, PatientIdentity


def patient_ref(patient: Patient, identity: PatientIdentity | None = None) -> contract.PatientRef:
    """The patient by its current number, or by `identity`. Of a protected person only the number goes out."""
    identity = identity or patient.identity
    return contract.PatientRef(
        id_type=contract.IdType(identity.type), id=identity.value, name=None if patient.is_protected else patient.name, protected=patient.is_protected
    )


def identity_changed(*, before: contract.PatientRef, after: contract.PatientRef) -> contract.PatientIdentityChanged:
    return contract.PatientIdentityChanged(from_=before, to=after)


def payer_changed(patient: Patient, *, customer: Customer, starts_on: datetime.date) -> contract.PayerChanged:
    return contract.PayerChanged(patient=patient_ref(patient), customer_number=customer.number, payer_number=customer.payer_number, valid_from=starts_on)
