"""Working days in Sweden."""

import datetime

import pytest

from core.workdays import Calendar, Eve, add_workdays, holiday_name, is_workday, next_workday

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


# The red days and the eves that are no Saturday or Sunday, written down from an almanac.
FREE_WEEKDAYS = {
    2026: ["01-01", "01-06", "04-03", "04-06", "05-01", "05-14", "06-19", "12-24", "12-25", "12-31"],
    2027: ["01-01", "01-06", "03-26", "03-29", "05-06", "06-25", "12-24", "12-31"],
    2028: ["01-06", "04-14", "04-17", "05-01", "05-25", "06-06", "06-23", "12-25", "12-26"],
}


def _year(year: int) -> list[datetime.date]:
    return [D(year, 1, 1) + datetime.timedelta(days=number) for number in range((D(year + 1, 1, 1) - D(year, 1, 1)).days)]


@pytest.mark.parametrize("year", FREE_WEEKDAYS)
def test_each_day_of_a_year_is_worked_or_free_as_the_almanac_says(year: int) -> None:
    free = {D.fromisoformat(f"{year}-{text}") for text in FREE_WEEKDAYS[year]}
    worked = [day for day in _year(year) if day.weekday() < 5 and day not in free]
    assert [day for day in _year(year) if is_workday(day)] == worked


@pytest.mark.parametrize("days", [1, 3, 7])
def test_from_each_day_of_a_year_working_days_are_counted_as_in_the_almanac(days: int) -> None:
    """The rent's 3 and the pickup's 7, from every day of 2026 and 2027, over Easter, Midsummer and Christmas."""
    free = {D.fromisoformat(f"{year}-{text}") for year in FREE_WEEKDAYS for text in FREE_WEEKDAYS[year]}
    worked = [day for year in FREE_WEEKDAYS for day in _year(year) if day.weekday() < 5 and day not in free]
    for day in [*_year(2026), *_year(2027)]:
        assert add_workdays(day, days) == [later for later in worked if later > day][days - 1]


@pytest.mark.parametrize(
    ("eve", "days"),
    [
        (Eve.TWELFTH_NIGHT, [D(2026, 1, 5), D(2027, 1, 5)]),
        (Eve.MAUNDY_THURSDAY, [D(2026, 4, 2), D(2027, 3, 25)]),
        (Eve.WALPURGIS_NIGHT, [D(2026, 4, 30), D(2027, 4, 30)]),
        (Eve.AFTER_ASCENSION, [D(2026, 5, 15), D(2027, 5, 7)]),
        (Eve.BEFORE_NATIONAL_DAY, [D(2026, 6, 5), D(2028, 6, 5)]),
        (Eve.ALL_SAINTS_EVE, [D(2026, 10, 30), D(2027, 11, 5)]),
        (Eve.BEFORE_CHRISTMAS_EVE, [D(2026, 12, 23), D(2027, 12, 23)]),
    ],
)
def test_an_eve_that_the_region_does_not_work_is_free_every_year(eve: Eve, days: list[datetime.date]) -> None:
    calendar = Calendar(eves={eve: False})
    for day in days:
        assert (is_workday(day), is_workday(day, calendar)) == (True, False)
        assert [other for other in _year(day.year) if is_workday(other) != is_workday(other, calendar)] == [day]


@pytest.mark.parametrize(
    ("eve", "day"),
    [(Eve.MIDSUMMER_EVE, D(2026, 6, 19)), (Eve.MIDSUMMER_EVE, D(2027, 6, 25)), (Eve.CHRISTMAS_EVE, D(2026, 12, 24)), (Eve.NEW_YEARS_EVE, D(2026, 12, 31))],
)
def test_an_eve_that_the_region_works_is_worked(eve: Eve, day: datetime.date) -> None:
    calendar = Calendar(eves={eve: True})
    assert [other for other in _year(day.year) if is_workday(other) != is_workday(other, calendar)] == [day]


def test_a_single_day_goes_before_the_eve() -> None:
    calendar = Calendar(days={D(2026, 4, 30): True, D(2026, 8, 14): False, D(2026, 8, 15): True}, eves={Eve.WALPURGIS_NIGHT: False})
    assert is_workday(D(2026, 4, 30), calendar)
    assert not is_workday(D(2027, 4, 30), calendar)
    assert add_workdays(D(2026, 8, 13), 1, calendar) == D(2026, 8, 15)  # a Saturday that is worked


def test_midsummer_is_counted_over() -> None:
    """Registered on the Tuesday before Midsummer 2026: Wednesday, Thursday, then Monday."""
    assert add_workdays(D(2026, 6, 16), 3) == D(2026, 6, 22)
    assert add_workdays(D(2026, 6, 16), 3, Calendar(eves={Eve.MIDSUMMER_EVE: True})) == D(2026, 6, 19)
    assert add_workdays(D(2026, 6, 20), 3) == D(2026, 6, 24)  # Midsummer Day itself
