"""A felrapport to tell about, and what SESAM2 may tell about it."""

from django.utils import timezone

from accounts.models import Assignment
from faultreports.models import FaultReport, Kind, Status
from integration.numbers import next_number
from patients.models import Loan, Patient
from tests import factories


def sent(kind: str = Kind.COMPLAINT, *, by: Assignment | None = None, patient: Patient | None = None, of: Loan | None = None) -> FaultReport:
    by = by or factories.alice()
    return FaultReport.objects.create(
        status=Status.REGISTERED,
        kind=kind,
        number=next_number("F"),
        reported_at=timezone.now(),
        unit=by.unit,
        reporter=by,
        customer=by.unit.customers.first(),
        patient=of.patient if of else patient,
        loan=of,
        happened_on=timezone.localdate(),
        description="Hjulet lossnade.",
    )
