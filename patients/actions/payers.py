"""Betalningsansvar: who pays for a patient's aids from a day on."""

import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, Customer
from patients import access, sesam2
from patients.actions.changes import Event, told_to_sesam2
from patients.actions.people import lock
from patients.models import Patient, PatientHistory, PayerResponsibility


class SamePayer(Exception):
    """The customer, with the baskod, answers for the patient on that day already."""


@transaction.atomic
def change_payer(patient: Patient, *, by: Assignment, customer: Customer, base_code: str, starts_on: datetime.date, reason: str) -> PatientHistory:
    """From `starts_on` the customer's betalare pays, for the care provider of `by`. SESAM2 is told.

    What was decided for that day and later is taken back; what held before ends then. All of it is kept.
    Raises `SamePayer` and `MergedMeanwhile`.
    """
    patient = lock(patient)
    decided = PayerResponsibility.objects.visible_to(by).in_force().filter(patient=patient)
    later = decided.filter(starts_on__gte=starts_on)
    if decided.on(starts_on).filter(customer=customer, base_code=base_code, payer_number=customer.payer_number).exists() and not later.filter(
        starts_on__gt=starts_on
    ):
        raise SamePayer
    access.write(by, [patient], action=access.Action.WRITE, activity="Byta betalare", resource=access.Resource("Betalningsansvar"), reason=reason[:200])
    later.update(withdrawn_at=timezone.now())
    decided.on(starts_on).update(ends_on=starts_on)
    row = PayerResponsibility.objects.create(
        patient=patient,
        provider=by.unit.provider,
        customer=customer,
        base_code=base_code,
        customer_number=customer.number,
        payer_number=customer.payer_number,
        payer_name=customer.payer_name,
        starts_on=starts_on,
        reason=reason,
        decided_by=by,
    )
    return told_to_sesam2(
        "PayerChanged",
        sesam2.payer_changed(patient, customer=customer, starts_on=starts_on),
        patient=patient,
        event=Event.PAYER_CHANGED,
        by=by,
        provider=by.unit.provider,
        reason=reason,
        details={"payer": row.pk},
    )
