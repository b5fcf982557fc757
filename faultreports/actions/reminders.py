"""The care giver answers for it that the authority is told; somebody is reminded when nobody has said that it is."""

import datetime

from django.db import transaction
from django.utils import timezone

from accounts import actions as accounts
from accounts.models import Notice
from accounts.workdays import calendar
from core.workdays import add_workdays
from faultreports.actions import people
from faultreports.models import FaultReport
from faultreports.models.reports import HARMFUL

REMINDED_AFTER_WORKDAYS = 3
_AT_A_TIME = 500


@transaction.atomic
def remind_of_authority(now: datetime.datetime) -> int:
    """A notice to the reporter and the unit's avvikelsehandläggare, once for each harmful event that is not said to be reported. Returns how many."""
    waiting = FaultReport.objects.filter(number__isnull=False, kind__in=HARMFUL, is_reported_to_authority=False, reminded_at__isnull=True)
    rows = waiting.select_for_update(of=("self",), skip_locked=True).select_related("unit", "reporter").order_by("reported_at")[:_AT_A_TIME]
    today, days = timezone.localtime(now).date(), calendar()
    reminded = []
    for report in rows:
        assert report.reported_at is not None  # constraint fault_report_number_comes_with_sending
        if add_workdays(timezone.localtime(report.reported_at).date(), REMINDED_AFTER_WORKDAYS, days) > today:
            break  # the oldest come first
        accounts.notify(
            [report.reporter, *people.handlers(report)],
            unit=report.unit,
            tone=Notice.Tone.WARNING,
            word="Att anmäla",
            title=f"Felrapport {report.number} är inte anmäld till Läkemedelsverket",
            text="Vårdgivaren ska anmäla negativa händelser och tillbud till tillverkaren och till Läkemedelsverket. Öppna felrapporten när det är gjort.",
            url=report.get_absolute_url(),
        )
        report.tell("AUTHORITY_REMINDER")
        reminded.append(report.pk)
    FaultReport.objects.filter(pk__in=reminded).update(reminded_at=now)
    return len(reminded)
