"""Working days in Sweden: not Saturdays, Sundays, public holidays (SFS 1989:253), nor the three eves that count as such (SFS 1977:480, 7 §).

A region may count otherwise: a `Calendar` says on which days (accounts.workdays gives the region's).
"""

import dataclasses
import datetime
import enum
from collections.abc import Mapping
from functools import cache

import holidays

_SATURDAY = 5


class Eve(enum.StrEnum):
    """Days that come every year, and that one region works and another does not."""

    TWELFTH_NIGHT = "TWELFTH_NIGHT"
    MAUNDY_THURSDAY = "MAUNDY_THURSDAY"
    WALPURGIS_NIGHT = "WALPURGIS_NIGHT"
    AFTER_ASCENSION = "AFTER_ASCENSION"
    BEFORE_NATIONAL_DAY = "BEFORE_NATIONAL_DAY"
    MIDSUMMER_EVE = "MIDSUMMER_EVE"
    ALL_SAINTS_EVE = "ALL_SAINTS_EVE"
    BEFORE_CHRISTMAS_EVE = "BEFORE_CHRISTMAS_EVE"
    CHRISTMAS_EVE = "CHRISTMAS_EVE"
    NEW_YEARS_EVE = "NEW_YEARS_EVE"


@dataclasses.dataclass(frozen=True)
class Calendar:
    """What a region counts otherwise than the law: True is worked, False is not. A single day goes before an eve."""

    days: Mapping[datetime.date, bool] = dataclasses.field(default_factory=dict)
    eves: Mapping[str, bool] = dataclasses.field(default_factory=dict)

    def says(self, day: datetime.date) -> bool | None:
        """None where the law holds."""
        said = self.days.get(day)
        return said if said is not None or not self.eves else self.eves.get(_eves(day.year).get(day, ""))


SWEDEN = Calendar()


@cache
def _sweden() -> holidays.HolidayBase:
    """The library fills in a year the first time that it is asked for."""
    return holidays.country_holidays("SE", categories=(holidays.PUBLIC, holidays.DE_FACTO), language="sv")


@cache
def _eves(year: int) -> Mapping[datetime.date, str]:
    """The year's eves. A few of them move with Easter, Midsummer and All Saints' day, which the library knows."""
    jan_first, dec_last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    named = {name: day for day in _days(jan_first, dec_last) if (name := holiday_name(day))}
    moving = {
        Eve.MAUNDY_THURSDAY: named["Påskdagen"] - datetime.timedelta(days=3),
        Eve.AFTER_ASCENSION: named["Kristi himmelsfärdsdag"] + datetime.timedelta(days=1),
        Eve.MIDSUMMER_EVE: named["Midsommardagen"] - datetime.timedelta(days=1),
        Eve.ALL_SAINTS_EVE: named["Alla helgons dag"] - datetime.timedelta(days=1),
    }
    fixed = {
        Eve.TWELFTH_NIGHT: (1, 5),
        Eve.WALPURGIS_NIGHT: (4, 30),
        Eve.BEFORE_NATIONAL_DAY: (6, 5),
        Eve.BEFORE_CHRISTMAS_EVE: (12, 23),
        Eve.CHRISTMAS_EVE: (12, 24),
        Eve.NEW_YEARS_EVE: (12, 31),
    }
    # Of two that fall on one day the fixed one has the name.
    return {day: eve for eve, day in moving.items()} | {datetime.date(year, month, day): eve for eve, (month, day) in fixed.items()}


def _days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]


def holiday_name(day: datetime.date) -> str:
    """Midsommarafton; "" for a day that is none."""
    return str(_sweden().get(day) or "")


def is_workday(day: datetime.date, calendar: Calendar = SWEDEN) -> bool:
    said = calendar.says(day)
    return said if said is not None else day.weekday() < _SATURDAY and day not in _sweden()


def next_workday(day: datetime.date, calendar: Calendar = SWEDEN) -> datetime.date:
    """`day` itself if it is one, else the first after it."""
    while not is_workday(day, calendar):
        day += datetime.timedelta(days=1)
    return day


def add_workdays(day: datetime.date, days: int, calendar: Calendar = SWEDEN) -> datetime.date:
    """The day that is `days` (≥ 0) working days after `day`; 0 gives `next_workday`."""
    for _ in range(days):
        day = next_workday(day + datetime.timedelta(days=1), calendar)
    return next_workday(day, calendar)
