"""A felrapport to tell about, and what SESAM2 may tell about it, each as one call."""

import datetime
import io
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from accounts.models import Assignment
from accounts.roles import Role
from faultreports import known
from faultreports.actions import answers, drafts, sending
from faultreports.known import Known, Named
from faultreports.models import AidPlan, DeliveryFault, FaultReport, Kind, Status
from faultreports.models.reports import HARMFUL
from faultreports.sesam2 import Answer
from integration import attachments
from patients.models import Loan, Patient
from tests import factories
from tests.workorders.told import loan

__all__ = ["loan"]
Telling = Callable[[FaultReport], None]
ANSWERED_AT = datetime.datetime(2026, 11, 20, 9, 30, tzinfo=datetime.UTC)
SECRET = "Hjulaxeln var felmonterad av leverantören Hemlig och Dold"


def handler(name: str = "Hanna Hägg", *, at: Any = None) -> Assignment:
    """An avvikelsehandläggare at Alice's unit."""
    return factories.assignment(name, Role.DEVIATION_HANDLER, at=at or factories.unit())


def content(report: FaultReport, **fields: Any) -> drafts.Content:
    """All that a report of the kind needs."""
    is_harmful = report.kind in HARMFUL
    given: dict[str, Any] = {
        "customer": report.customer,
        "aid_name": report.aid_name or "Rollator",
        "individual_number": report.individual_number,
        "order_number": report.order_number,
        "happened_on": timezone.localdate() - datetime.timedelta(days=1),
        "description": "Höger framhjul lossnade.",
        "place": "I hallen",
        "present": "patienten, en undersköterska" if is_harmful else "",
        "measures": "Stolen är ställd åt sidan." if is_harmful or report.kind == Kind.LOST else "",
        "aid_plan": AidPlan.KEPT if is_harmful or report.kind == Kind.COMPLAINT else "",
        "wants_replacement": False,
        "is_reported_to_authority": False if is_harmful else None,
        "delivery_fault": DeliveryFault.WRONG if report.kind == Kind.DELIVERY else "",
        "despatch_number": "FS-1" if report.kind == Kind.DELIVERY else "",
    }
    return drafts.Content(**(given | fields))


def about(of: Loan | None = None, patient: Patient | None = None, *, by: Assignment | None = None) -> Known:
    """What is known when one begins from an aid, or from a patient."""
    if of is not None:
        return known.look_up(Named(patient=of.patient.public_id, loan=of.pk), by=by or factories.alice())
    return Known(patient=patient)


def draft(kind: str = Kind.COMPLAINT, *, by: Assignment | None = None, of: Loan | None = None, patient: Patient | None = None, **fields: Any) -> FaultReport:
    by = by or factories.alice()
    report = drafts.start(kind, by=by, known=about(of, patient, by=by))
    drafts.save(report, content=content(report, **fields), found=Known())
    report.refresh_from_db()
    return report


def sent(kind: str = Kind.COMPLAINT, *, by: Assignment | None = None, of: Loan | None = None, patient: Patient | None = None, **fields: Any) -> FaultReport:
    by = by or factories.alice()
    report = draft(kind, by=by, of=of, patient=patient, **fields)
    sending.send(report, by=by)
    report.refresh_from_db()
    return report


def event(patient: Patient | None = None, number: str = "100200", **fields: Any) -> FaultReport:
    """A negative event with an aid that the patient has."""
    return sent(Kind.NEGATIVE_EVENT, of=loan(patient or factories.patient(), number), **fields)


def status(sequence: int, state: Status, *, case: str = "AV-1") -> Telling:
    return lambda report: answers.record_status(str(report.number), sequence=sequence, status=state, case_number=case)


def answer(sequence: int, *, is_for_reporter: bool = True, text: str = "Vi har ändrat rutinen.") -> Telling:
    told = Answer(is_for_reporter=is_for_reporter, text=text, answered_by="Kvalitet", answered_at=ANSWERED_AT)
    return lambda report: answers.record_answer(str(report.number), sequence=sequence, answer=told)


def withheld(sequence: int, text: str = SECRET) -> Telling:
    return answer(sequence, is_for_reporter=False, text=text)


def tell(report: FaultReport, *tellings: Telling) -> FaultReport:
    for telling in tellings:
        telling(report)
    report.refresh_from_db()
    return report


def events(report: FaultReport) -> list[str]:
    return list(report.history.order_by("id").values_list("event", flat=True))


def end(report: FaultReport) -> dict[str, Any]:
    """What must be the same whatever the order in which the same was told."""
    report.refresh_from_db()
    marks = Loan.objects.filter(pk=report.loan_id).values_list("is_under_investigation", "is_lost").first()
    return {
        "status": report.status,
        "case": report.case_number,
        "answers": list(report.answers.order_by("sequence").values_list("sequence", "text")),
        "withheld": list(report.withheld_answers.order_by("sequence").values_list("sequence", flat=True)),
        "marks": marks,
    }


def attach(report: FaultReport, name: str = "foto.jpg") -> FaultReport:
    drafts.attach(report, attachments.check(io.BytesIO(factories.picture()), name), by=report.reporter)
    report.refresh_from_db()
    return report
