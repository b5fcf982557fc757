"""Who is told about a felrapport."""

from accounts import actions as accounts
from accounts.models import Assignment
from accounts.permissions import Permission, roles_with
from faultreports.models import FaultReport


def handlers(report: FaultReport) -> list[Assignment]:
    """The unit's avvikelsehandläggare."""
    return list(Assignment.objects.current().filter(unit=report.unit_id, role__in=roles_with(Permission.HANDLE_DEVIATIONS)))


def tell_reporter(report: FaultReport, *, tone: str, word: str, title: str, text: str) -> None:
    accounts.notify([report.reporter], unit=report.unit, tone=tone, word=word, title=title, text=text, url=report.get_absolute_url())


def tell_handlers(report: FaultReport, *, tone: str, word: str, title: str, text: str) -> None:
    accounts.notify(handlers(report), unit=report.unit, tone=tone, word=word, title=title, text=text, url=report.get_absolute_url())
