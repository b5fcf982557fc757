"""What has happened to a felrapport, in the words of the profession."""

from collections.abc import Sequence

from core.templatetags.ui import long_day
from faultreports.models import FaultReportHistory, Status
from ordering.timeline import Event, Teller, day, events, join, old, who


def told(history: Sequence[FaultReportHistory]) -> list[Event]:
    """Newest first, as `history` comes."""
    return events(history, tell=_TELL, otherwise=_other)


def _registered(row: FaultReportHistory) -> Event:
    return Event("Registrerad", row.at, f"Av {who(row)}.")


def _step(title: str, tone: str = "") -> Teller:
    return lambda row: Event(title + old(row), row.at, row.note, "" if old(row) else tone)


def _answer(row: FaultReportHistory) -> Event:
    return Event("Svar från centralen", row.at, tone="success")


def _withheld(row: FaultReportHistory) -> Event:
    return Event("Svar som inte lämnas ut till anmälaren", row.at)


def _released(row: FaultReportHistory) -> Event:
    return Event("Utredningen av hjälpmedlet hävd", row.at, f"Av {who(row)}.", "success")


def _found(row: FaultReportHistory) -> Event:
    on = day(row.details.get("on"))
    return Event(f"Återfunnet {long_day(on)}" if on else "Återfunnet", row.at, join(f"Anmält av {who(row)}.", row.note), "success")


def _authority(row: FaultReportHistory) -> Event:
    return Event("Anmält till Läkemedelsverket", row.at, f"Enligt {who(row)}.", "success")


def _reminder(row: FaultReportHistory) -> Event:
    return Event("Påminnelse om anmälan till Läkemedelsverket", row.at, tone="warning")


def _other(row: FaultReportHistory) -> Event:
    return Event(Status(row.new).label, row.at, row.note)


_TELL: dict[str, Teller] = {
    "REGISTERED": _registered,
    "RECEIVED": _step("Mottagen av centralen"),
    "INVESTIGATING": _step("Utreds", "warning"),
    "ANSWERED": _step("Besvarad", "success"),
    "CLOSED": _step("Avslutad"),
    "ANSWER": _answer,
    FaultReportHistory.WITHHELD: _withheld,
    "RELEASED": _released,
    "FOUND": _found,
    "AUTHORITY": _authority,
    "AUTHORITY_REMINDER": _reminder,
}
