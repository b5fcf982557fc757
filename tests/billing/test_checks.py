"""Each of the six checks finds its planted cases in a generated year, and nothing else."""

import pytest

from billing import words
from billing.models import Check, Finding
from tests.billing import told
from tests.billing.told import line
from tests.billing.year import Year, as_it_should_be, plant

pytestmark = pytest.mark.django_db


def found() -> set[tuple[str, int, int]]:
    return {(each.found_by, each.basis.period.month, each.line) for each in Finding.objects.select_related("basis")}


def test_a_year_as_it_should_be_stops_at_no_line() -> None:
    year = Year()
    as_it_should_be(year)
    year.publish()
    assert found() == set()


def test_each_check_finds_what_is_planted_in_the_year_and_nothing_else() -> None:
    year = Year()
    as_it_should_be(year)
    plant(year)
    year.publish()
    assert found() == year.planted
    assert {check for check, *_ in year.planted} == set(Check)
    assert all(sum(check == each for each, *_ in year.planted) >= 2 for check in Check)
    for each in Finding.objects.all():
        assert words.found(each)


def test_a_double_rent_in_another_payers_basis_is_told_without_telling_whose() -> None:
    told.customer("600101", payer="700010")
    told.published([line(individualNumber="70-1", customerNumber="600101")], payer_number="700010")
    mine = told.published([line(individualNumber="70-1")])
    finding = Finding.objects.get(basis=mine, found_by=Check.DOUBLE_RENT)
    assert finding.details == {"elsewhere": True}
    assert "700010" not in words.found(finding)


def test_lines_whose_days_are_turned_around_are_no_obstacle() -> None:
    basis = told.published([line(individualNumber="70-1", **{"from": "2026-10-31", "to": "2026-10-01"}), line(2, individualNumber="70-2", to=None)])
    assert {each.found_by for each in basis.findings.all()} == {Check.UNKNOWN_ORDER}
