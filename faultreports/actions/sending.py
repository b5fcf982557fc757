"""A felrapport is sent; later it is said that the authority has got its own."""

import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import Assignment, Notice
from accounts.permissions import Permission, may
from core.lifecycle import IllegalMove
from faultreports import rules, sesam2
from faultreports.actions import aids, people
from faultreports.known import RESOURCE
from faultreports.models import FaultReport, FaultReportAttachment, Kind, Status
from faultreports.models.reports import HARMFUL, LONGEST_DESCRIPTION
from integration import outbox
from integration.numbers import next_number
from ordering.sending import AlreadySent, NotReady, NotSeen, Problem, customer_problems
from patients import access

# Those for which somebody at the unit has more to do.
_HANDLED = {*HARMFUL, Kind.LOST}


class NotAllowed(Exception):
    """That an aid is lost is said only by those with the right to (`Permission.REPORT_LOST`)."""


def files_of(report: FaultReport) -> list[FaultReportAttachment]:
    return list(report.attachments.select_related("attachment").order_by("pk"))


def problems_of(report: FaultReport, *, at: datetime.datetime) -> list[Problem]:
    """Why the report cannot be sent, as (field, Swedish text). Empty when it can be."""
    found = [*customer_problems(report.customer, unit_id=report.unit_id), *rules.missing(report)]
    if report.happened_on is not None and report.happened_on > timezone.localtime(at).date():
        found.append(("happened_on", "Dagen har inte varit än. Rätta datumet."))
    if report.aid_plan and report.aid_plan not in rules.plans_for(report.kind):
        found.append(("aid_plan", "Ett hjälpmedel som utreds får inte repareras. Välj något annat."))
    if len(sesam2.description(report)) > LONGEST_DESCRIPTION + 200:
        found.append(("description", f"Korta beskrivningen till högst {LONGEST_DESCRIPTION} tecken."))
    return [*found, *_aid_problems(report, at)]


def _aid_problems(report: FaultReport, at: datetime.datetime) -> list[Problem]:
    same = aids.about_same_aid(report).exclude(pk=report.pk)
    if report.kind == Kind.LOST:
        if report.loan is not None and report.loan.ended_at is not None:
            return [("aid_name", "Hjälpmedlet är återlämnat. Det kan inte anmälas som förkommet.")]
        if same.missing().exists():
            return [("aid_name", "Hjälpmedlet är redan anmält som förkommet.")]
    if report.is_second:
        return []
    midnight = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    if same.sent().filter(reported_at__gte=midnight).exists():
        return [("is_second", "Det finns redan en felrapport om hjälpmedlet i dag. Kryssa i rutan om du vill skicka en till.")]
    return []


@transaction.atomic
def send(report: FaultReport, *, by: Assignment, seen: int | None = None) -> str:
    """Send the draft; all or nothing. Returns the number.

    `seen` is the version that was checked. Raises `NotReady`, `NotSeen` when it was changed since, `AlreadySent` when somebody was
    first, `IllegalMove` when it was thrown away, `NotAllowed`, and `access.NoSuchPatient`.
    """
    # Without the patient: a join to one that is merged while we wait for the lock would find no report at all.
    report = FaultReport.objects.select_for_update(of=("self",)).select_related("customer", "unit__provider", "loan", "individual").get(pk=report.pk)
    if report.status != Status.DRAFT:
        if report.number is None:
            raise IllegalMove("thrown away")
        raise AlreadySent(report.number)
    if report.kind == Kind.LOST and not may(by, Permission.REPORT_LOST):
        raise NotAllowed
    if seen is not None and seen != report.version:
        raise NotSeen
    number, now = next_number("F"), timezone.now()
    if report.patient is not None:
        resource = access.Resource(RESOURCE, number)
        report.patient = access.open_patient(by, report.patient.public_id, action=access.Action.SIGN, activity="Skicka felrapport", resource=resource)
    # Locked before it is asked whether another report was sent today: of two at once the later finds the earlier one.
    aids.lock_aid(report)
    if problems := problems_of(report, at=now):
        raise NotReady(problems)
    report.move_to(Status.REGISTERED, event="REGISTERED", by=by, number=number, reported_at=now, changed_at=now, reporter=by)
    outbox.queue("FaultReport", subject=number, body=sesam2.fault_report(report, files_of(report)))
    aids.settle(report)
    if report.kind in _HANDLED:
        people.tell_handlers(
            report,
            tone=Notice.Tone.WARNING,
            word=Kind(report.kind).label,
            title=f"{Kind(report.kind).label}: felrapport {number}",
            text=_what_handlers_do(report),
        )
    return number


def _what_handlers_do(report: FaultReport) -> str:
    if report.kind == Kind.LOST:
        return "Ett hjälpmedel är anmält som förkommet."
    held = "Hjälpmedlet är spärrat tills utredningen är klar. " if report.is_holding else ""
    return held + ("Händelsen är anmäld till Läkemedelsverket." if report.is_reported_to_authority else "Händelsen är inte anmäld till Läkemedelsverket än.")


@transaction.atomic
def note_authority(report: FaultReport, *, by: Assignment) -> None:
    """The care giver has reported the event to Läkemedelsverket. Raises `IllegalMove` when that is said already, or nobody asks."""
    unreported = FaultReport.objects.filter(pk=report.pk, number__isnull=False, is_reported_to_authority=False)
    if not unreported.update(is_reported_to_authority=True):
        raise IllegalMove("said already, or not asked for")
    report.is_reported_to_authority = True
    report.tell("AUTHORITY", by=by)
    if report.patient is not None:
        about = access.Resource(RESOURCE, str(report.number))
        access.write(by, [report.patient], action=access.Action.WRITE, activity="Anmält till Läkemedelsverket", resource=about)
