"""The aid that a report is about: under investigation, lost, free again, found again. The marks follow from all reports about the aid."""

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Assignment, Notice
from catalog import individuals
from catalog.models import Individual
from core.lifecycle import IllegalMove
from faultreports import sesam2
from faultreports.actions import people
from faultreports.known import RESOURCE
from faultreports.models import FaultReport
from faultreports.models.reports import FaultReportQuerySet
from integration import outbox
from patients import access
from patients.actions import mark_loan
from patients.models import Loan


def about_same_aid(report: FaultReport) -> FaultReportQuerySet:
    """All reports about the aid of this one, also under the numbers that it has had; none when it is not known which aid it is."""
    numbers = _numbers(report)
    if report.loan_id is None and not numbers:
        return FaultReport.objects.none()
    same = Q(loan=report.loan_id) if report.loan_id is not None else Q()
    same |= Q(individual=report.individual_id) if report.individual_id is not None else Q()
    same |= Q(individual_number__in=numbers) if numbers else Q()
    return FaultReport.objects.filter(same, unit__provider=report.unit.provider_id)


def _numbers(report: FaultReport) -> set[str]:
    """Every individual number that the aid has, or has had."""
    named = {report.individual_number, report.loan.individual_number if report.loan else ""} - {""}
    if not named:
        return set()
    found = Individual.objects.filter(Q(number__in=named) | Q(earlier_numbers__overlap=sorted(named))).values_list("number", "earlier_numbers")
    return named | {number for current, earlier in found for number in (current, *earlier)}


@transaction.atomic
def lock_aid(report: FaultReport) -> None:
    """Everybody who asks what other reports say of the aid, and acts on it, does so one at a time. Loans before individuals, as `mark_loan` does."""
    if report.loan_id is not None:
        list(Loan.objects.select_for_update().filter(pk=report.loan_id))
    if numbers := _numbers(report):
        list(Individual.objects.select_for_update().filter(number__in=numbers).order_by("pk"))


@transaction.atomic
def settle(report: FaultReport) -> None:
    """Set the marks of the aid by what all reports about it say now. Call after each change of what one says; of two at once the later sees both."""
    if report.loan_id is None and report.individual_id is None:
        return
    same = about_same_aid(report)
    # With the loan by which somebody else has got the aid since.
    loans = Loan.objects.filter(Q(pk__in=same.values("loan")) | Q(individual_number__in=_numbers(report), ended_at__isnull=True))
    locked = list(loans.select_for_update().select_related("article").order_by("pk"))
    lock_aid(report)
    marks = {"is_under_investigation": same.holding().exists(), "is_lost": same.missing().exists()}
    for loan in locked:
        mark_loan(loan, **marks)
    if not locked and report.individual is not None:
        individuals.mark(report.individual.number, **marks)


@transaction.atomic
def release(report: FaultReport, *, by: Assignment) -> None:
    """The unit's avvikelsehandläggare says that the aid may be used and mended again, unless another open report holds it.

    Raises `IllegalMove` when it is not held by this report, or no longer is.
    """
    # Compare-and-set: of two at once, one finds no row.
    if not FaultReport.objects.holding().filter(pk=report.pk).update(released_at=timezone.now(), released_by=by):
        raise IllegalMove("not under investigation by this report")
    report.refresh_from_db()
    report.tell("RELEASED", by=by)
    settle(report)
    _log(report, by, "Häva utredning")
    people.tell_reporter(
        report,
        tone=Notice.Tone.SUCCESS,
        word="Utredningen hävd",
        title=f"Utredningen av hjälpmedlet i felrapport {report.number} är hävd",
        text="Hjälpmedlet är inte längre spärrat genom den här felrapporten.",
    )


@transaction.atomic
def record_found(report: FaultReport, *, by: Assignment, found_on: datetime.date, note: str = "") -> None:
    """The lost aid has been found; SESAM2 is told. Raises `IllegalMove` when nothing is missing by this report, or somebody was first."""
    missing = FaultReport.objects.filter(pk=report.pk, number__isnull=False, kind=report.kind, found_at__isnull=True)
    if not report.can_be_found or not missing.update(found_at=timezone.now(), found_on=found_on, found_by=by, found_note=note):
        raise IllegalMove("not missing by this report")
    report.refresh_from_db()
    report.tell("FOUND", by=by, note=note, details={"on": found_on.isoformat()})
    outbox.queue("LostAidFound", subject=str(report.number), body=sesam2.lost_aid_found(report))
    settle(report)
    _log(report, by, "Anmäla återfunnet hjälpmedel")
    accounts.notify(
        [report.reporter, *people.handlers(report)],
        unit=report.unit,
        tone=Notice.Tone.SUCCESS,
        word="Återfunnet",
        title=f"Hjälpmedlet i felrapport {report.number} är återfunnet",
        text="Det är inte längre anmält som förkommet genom den här felrapporten.",
        url=report.get_absolute_url(),
    )


def _log(report: FaultReport, by: Assignment, activity: str) -> None:
    if report.patient is not None:
        access.write(by, [report.patient], action=access.Action.WRITE, activity=activity, resource=access.Resource(RESOURCE, str(report.number)))
