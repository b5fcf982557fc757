"""What follows from all that SESAM2 has told about a felrapport, whatever the order in which it came.

The status is the furthest place on the way that anything speaks for; none is stepped back from. An answer that is withheld speaks for none.
"""

from typing import Any

from faultreports.actions import aids
from faultreports.models import FaultReport, Status
from faultreports.models.reports import WAY
from integration.registry import UnknownSubject


def open_report(number: str) -> FaultReport:
    """The report, locked so that its facts are read and written one message at a time."""
    found = FaultReport.objects.select_for_update(of=("self",)).select_related("unit__provider", "reporter", "loan", "individual")
    report = found.filter(number=number).first()
    if report is None:
        raise UnknownSubject
    return report


def conclude(report: FaultReport, *, event: str, details: dict[str, Any] | None = None) -> None:
    """Store what follows from the facts, and one history row for the message, with the status if it changed. A case that is closed frees its aid."""
    status = derive(report)
    if status == report.status:
        report.tell(event, details=details)
        return
    report.move_to(status, event=event, details=details)
    if status == Status.CLOSED:
        aids.settle(report)


def derive(report: FaultReport) -> Status:
    answered = WAY.index(Status.ANSWERED) if report.answers.exists() else 0
    return WAY[max(report.told, answered)]
