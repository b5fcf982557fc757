"""Days and times as the contract writes them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_SWEDEN = ZoneInfo("Europe/Stockholm")


def weekday(day: date) -> date:
    """The day, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def weekdays_ahead(day: date, count: int) -> date:
    """So many weekdays after the day."""
    for _ in range(count):
        day = weekday(day + timedelta(days=1))
    return day


def now() -> str:
    """The time as the contract writes it, with Sweden's offset."""
    return datetime.now(_SWEDEN).isoformat(timespec="milliseconds")


def today() -> date:
    """The day in Sweden."""
    return datetime.now(_SWEDEN).date()
