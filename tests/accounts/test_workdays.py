"""Working days as the region counts them."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Holiday
from accounts.workdays import calendar
from core.workdays import Eve, add_workdays, is_workday

pytestmark = pytest.mark.django_db
D = datetime.date


def test_without_anything_in_the_administration_the_law_holds() -> None:
    assert add_workdays(D(2026, 4, 1), 1, calendar()) == D(2026, 4, 2) == add_workdays(D(2026, 4, 1), 1)


def test_what_the_administration_says_holds() -> None:
    Holiday.objects.create(eve=Eve.MAUNDY_THURSDAY)
    Holiday.objects.create(eve=Eve.MIDSUMMER_EVE, is_workday=True)
    Holiday.objects.create(day=D(2026, 8, 14), name="Flytt av centrallagret")
    region = calendar()
    assert [is_workday(day, region) for day in (D(2026, 4, 2), D(2027, 3, 25), D(2026, 6, 19), D(2026, 8, 14), D(2027, 8, 13))] == [
        False,
        False,
        True,
        False,
        True,
    ]


def test_it_is_asked_once(django_assert_num_queries: "object") -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        region = calendar()
        add_workdays(D(2026, 4, 1), 30, region)


@pytest.mark.parametrize("fields", [{}, {"eve": Eve.WALPURGIS_NIGHT, "day": D(2026, 4, 30)}])
def test_a_row_is_an_eve_or_a_day(fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Holiday.objects.create(**fields)


def test_an_eve_is_said_once() -> None:
    Holiday.objects.create(eve=Eve.WALPURGIS_NIGHT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Holiday.objects.create(eve=Eve.WALPURGIS_NIGHT, is_workday=True)
