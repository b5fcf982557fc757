"""What SESAM2 tells about a felrapport. Messages come in any order and any number of times (see `facts`)."""

from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Notice
from faultreports.actions import facts, people
from faultreports.models import FaultReportAnswer, FaultReportHistory, Status, WithheldAnswer, WithheldText
from faultreports.models.reports import WAY
from faultreports.sesam2 import Answer


@transaction.atomic
def record_status(number: str, *, sequence: int, status: Status, case_number: str) -> None:
    """FaultReportStatus. One that is not further on the way than what is known goes to the history alone."""
    report = facts.open_report(number)
    before = report.status
    is_old = WAY.index(status) <= WAY.index(Status(before))
    report.told = max(report.told, WAY.index(status))
    if case_number and sequence >= report.case_sequence:
        report.case_number, report.case_sequence = case_number, sequence
    report.save(update_fields=["told", "case_number", "case_sequence"])
    facts.conclude(report, event=status, details={"is_old": is_old})
    if report.status == Status.CLOSED != before:
        accounts.notify(
            [report.reporter, *people.handlers(report)],
            unit=report.unit,
            tone=Notice.Tone.INFO,
            word="Avslutad",
            title=f"Felrapport {report.number} är avslutad",
            text="Centralen har avslutat ärendet.",
            url=report.get_absolute_url(),
        )


@transaction.atomic
def record_answer(number: str, *, sequence: int, answer: Answer) -> None:
    """FaultReportAnswer, also a second one, one before the report is acknowledged, and one after it is closed: each is kept.

    One that is not for the reporter is kept apart, tells the reporter nothing and moves no status (decision 0039).
    """
    report = facts.open_report(number)
    now = timezone.now()
    if answer.is_for_reporter:
        given = {"text": answer.text, "answered_by": answer.answered_by, "answered_at": answer.answered_at, "received_at": now}
        _, is_new = FaultReportAnswer.objects.get_or_create(report=report, sequence=sequence, defaults=given)
        facts.conclude(report, event="ANSWER", details={"sequence": sequence, "is_known": not is_new})
        if is_new:
            accounts.notify(
                [report.reporter, *people.handlers(report)],
                unit=report.unit,
                tone=Notice.Tone.SUCCESS,
                word="Svar",
                title=f"Svar på felrapport {report.number}",
                text="Öppna felrapporten för att läsa svaret.",
                url=report.get_absolute_url(),
            )
        return
    times = {"answered_at": answer.answered_at, "received_at": now}
    withheld, is_new = WithheldAnswer.objects.get_or_create(report=report, sequence=sequence, defaults=times)
    if not is_new:
        return
    WithheldText.objects.create(answer=withheld, text=answer.text, answered_by=answer.answered_by)
    report.tell(FaultReportHistory.WITHHELD)
    people.tell_handlers(
        report,
        tone=Notice.Tone.INFO,
        word="Svar finns",
        title=f"Centralen har svarat på felrapport {report.number}",
        text="Svaret lämnas inte ut till anmälaren. Kontakta centralen om du behöver det.",
    )
