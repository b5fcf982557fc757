"""The demo's felrapporter: one of each ordering unit that is investigated, one that is answered, one on its way, and one draft."""

import datetime

from django.utils import timezone

from accounts.models import Assignment
from accounts.roles import Role
from faultreports import known
from faultreports.actions import answers, drafts, sending
from faultreports.actions.drafts import Content
from faultreports.known import Known, Named
from faultreports.models import AidPlan, Kind, Status
from faultreports.sesam2 import Answer
from integration.models import OutgoingMessage
from patients.models import Loan

# In the order of the unit's aids: the kind, what happened, what was done, how far it has come ("": the stand-in goes on, None: a draft).
_REPORTS = (
    (Kind.COMPLAINT, "Höger länkhjul går trögt sedan det var nytt.", "", Status.ANSWERED),
    (Kind.NEGATIVE_EVENT, "Ryggstödet släppte och patienten gled ned på golvet. Ett skrubbsår.", "Stolen är ställd åt sidan, orörd.", Status.INVESTIGATING),
    (Kind.LOST, "Försvann vid flytten till korttidsboendet.", "Boendet och flyttfirman har letat.", ""),
    (Kind.COMPLAINT, "Bromsvajern är för kort.", "", None),
)


def load() -> None:
    for by in Assignment.objects.filter(role=Role.PRESCRIBER).select_related("unit__provider", "user").order_by("pk"):
        loans = Loan.objects.visible_to(by).current().filter(unit=by.unit, patient__protection="NONE", is_lost=False, is_under_investigation=False, on_pickup=0)
        for loan, (kind, description, measures, state) in zip(loans.select_related("patient").order_by("-pk"), _REPORTS, strict=False):
            about = known.look_up(Named(patient=loan.patient.public_id, loan=loan.pk), by=by)
            _report(kind, about, by, description, measures, state)


def _report(kind: Kind, about: Known, by: Assignment, description: str, measures: str, state: str | None) -> None:
    report = drafts.start(kind, by=by, known=about)
    is_event, today = kind == Kind.NEGATIVE_EVENT, timezone.localdate()
    content = Content(
        customer=report.customer,
        aid_name=report.aid_name,
        individual_number=report.individual_number,
        happened_on=today - datetime.timedelta(days=3),
        place="" if kind == Kind.COMPLAINT else "I hemmet",
        present="patienten, en undersköterska" if is_event else "",
        description=description,
        measures=measures,
        aid_plan="" if kind == Kind.LOST else AidPlan.KEPT,
        wants_replacement=None if kind == Kind.LOST else True,
        is_reported_to_authority=False if is_event else None,
    )
    drafts.save(report, content=content, found=Known())
    report.refresh_from_db()
    if state is None or sending.problems_of(report, at=timezone.now()):
        return
    number = sending.send(report, by=by)
    if state:
        OutgoingMessage.objects.filter(subject=number).update(state=OutgoingMessage.State.DONE, done_at=timezone.now())
        answers.record_status(number, sequence=1, status=Status(state), case_number=f"AV-{number[7:15]}")
    if state == Status.ANSWERED:
        told = Answer(
            is_for_reporter=True, text="Länkhjulen i den leveransen byts. En tekniker hör av sig.", answered_by="Kvalitet", answered_at=timezone.now()
        )
        answers.record_answer(number, sequence=2, answer=told)
