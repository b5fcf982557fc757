"""Working days in Sweden: not Saturdays, Sundays, public holidays (SFS 1989:253), nor the three eves that count as such (SFS 1977:480, 7 §)."""

import datetime
from functools import cache

import holidays

_SATURDAY = 5


@cache
def _sweden() -> holidays.HolidayBase:
    """The library fills in a year the first time that it is asked for."""
    return holidays.country_holidays("SE", categories=(holidays.PUBLIC, holidays.DE_FACTO), language="sv")


def holiday_name(day: datetime.date) -> str:
    """Midsommarafton; "" for a day that is none."""
    return str(_sweden().get(day) or "")


def is_workday(day: datetime.date) -> bool:
    return day.weekday() < _SATURDAY and day not in _sweden()


def next_workday(day: datetime.date) -> datetime.date:
    """`day` itself if it is one, else the first after it."""
    while not is_workday(day):
        day += datetime.timedelta(days=1)
    return day


def add_workdays(day: datetime.date, days: int) -> datetime.date:
    """The day that is `days` (≥ 0) working days after `day`; 0 gives `next_workday`."""
    for _ in range(days):
        day = next_workday(day + datetime.timedelta(days=1))
    return next_workday(day)
