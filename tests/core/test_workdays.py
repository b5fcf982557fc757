"""Working days in Sweden."""

import datetime

import pytest

from core.workdays import add_workdays, holiday_name, is_workday, next_workday

D = datetime.date


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (D(2026, 1, 1), "Nyårsdagen"),
        (D(2026, 1, 6), "Trettondedag jul"),
        (D(2026, 4, 3), "Långfredagen"),
        (D(2026, 4, 6), "Annandag påsk"),
        (D(2026, 5, 1), "Första maj"),
        (D(2026, 5, 14), "Kristi himmelsfärdsdag"),
        (D(2027, 6, 25), "Midsommarafton"),
        (D(2026, 12, 24), "Julafton"),
        (D(2026, 12, 25), "Juldagen"),
        (D(2026, 12, 31), "Nyårsafton"),
    ],
)
def test_a_holiday_on_a_weekday_is_no_working_day(day: datetime.date, name: str) -> None:
    assert (is_workday(day), holiday_name(day)) == (False, name)


@pytest.mark.parametrize("day", [D(2026, 4, 2), D(2026, 5, 15), D(2026, 6, 5), D(2026, 12, 23), D(2027, 1, 5)])
def test_the_days_around_holidays_are_worked(day: datetime.date) -> None:
    assert is_workday(day)
    assert holiday_name(day) == ""


def test_saturdays_and_sundays_are_no_working_days() -> None:
    assert [is_workday(D(2026, 11, 23 + number)) for number in range(7)] == [True] * 5 + [False] * 2


def test_days_are_counted_over_christmas() -> None:
    """22 and 23 December, then 28, 29 and 30, then 4, 5 and 7 January."""
    assert [add_workdays(D(2026, 12, 21), number) for number in (0, 1, 2, 3, 6)] == [
        D(2026, 12, 21),
        D(2026, 12, 22),
        D(2026, 12, 23),
        D(2026, 12, 28),
        D(2027, 1, 4),
    ]
    assert add_workdays(D(2027, 1, 4), 2) == D(2027, 1, 7)
    assert next_workday(D(2026, 12, 24)) == D(2026, 12, 28)
