"""An order's history as its page tells it. What each event is called stands in the app's own `timeline.py`."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.templatetags.ui import long_day
from ordering.models import AbstractHistory


@dataclasses.dataclass(frozen=True)
class Event:
    """`tone` is success, warning, danger or "" ."""

    title: str
    at: datetime.datetime
    text: str = ""
    tone: str = ""
    link: str = ""


Teller = Callable[[Any], Event]


def events(history: Iterable[AbstractHistory], *, tell: Mapping[str, Teller], otherwise: Teller) -> list[Event]:
    """Newest first, as `history` comes. `tell` says for each `event` how it is told."""
    return [tell.get(row.event, otherwise)(row) for row in history]


def placed(row: AbstractHistory) -> Event:
    return Event("Skickad", row.at, f"Av {who(row)}.")


def received(row: AbstractHistory) -> Event:
    return Event("Mottagen av SESAM2", row.at, row.note)


def delayed(row: AbstractHistory) -> Event:
    """To `details["on"]`, if that is known; the whole, or what `details["lines"]` names."""
    on, what_of = day(row.details.get("on")), what(row)
    title = f"Försenad till {long_day(on)}" if on else "Försenad, nytt datum är inte känt"
    return Event(title + old(row), row.at, join(f"Gäller {what_of}." if what_of else "", row.note), "" if old(row) else "warning")


def step(title: str, tone: str = "") -> Teller:
    """What a report of that name tells, in its own words."""
    return lambda row: Event(title + old(row), row.at, row.note, "" if old(row) else tone)


def became_cancelled(history: Iterable[AbstractHistory], title: str) -> Event | None:
    """What stands on top of the page of an order that is makulerad. `history` the newest first."""
    row = next((row for row in history if row.new == "CANCELLED" != row.old), None)
    return None if row is None else Event(title, row.at, row.note, "danger")


def cancellation_requested(row: AbstractHistory) -> Event:
    """Of the whole, or of what `details["lines"]` names."""
    return Event("Makulering begärd", row.at, join(f"Av {who(row)}.", f"Gäller {what(row)}." if what(row) else "", row.note))


def cancellation_refused(row: AbstractHistory) -> Event:
    return Event("Kan inte makuleras" + old(row), row.at, row.note, "" if old(row) else "warning")


def day(text: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def what(row: AbstractHistory) -> str:
    return ", ".join(f"{line['quantity']} {line['name']}" for line in row.details.get("lines", []))


def who(row: AbstractHistory) -> str:
    return row.by.user.name if row.by else ""


def old(row: AbstractHistory) -> str:
    """What the title ends with when a later message had been applied before this one came."""
    return " (äldre besked)" if row.details.get("is_old") else ""


def join(*parts: str) -> str:
    return " ".join(part for part in parts if part)
