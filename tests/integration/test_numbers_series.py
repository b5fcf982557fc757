"""Number series: one for each prefix, never the same number twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.numbers import number_is_valid
from integration.numbers import PREFIXES, next_number


def running(number: str) -> int:
    return int(number.split("-")[2])


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", PREFIXES)
def test_each_series_gives_numbers_of_the_contracts_form(prefix: str) -> None:
    first, second = next_number(prefix), next_number(prefix)
    for number in (first, second):
        assert number_is_valid(number)
        assert number.startswith(f"{prefix}-{timezone.localdate().year}-")
    assert running(second) == running(first) + 1


@pytest.mark.django_db
def test_the_series_do_not_know_of_each_other() -> None:
    before = running(next_number("K"))
    for prefix in PREFIXES.replace("K", ""):
        next_number(prefix)
    assert running(next_number("K")) == before + 1


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "k", "X", "KL", "K; DROP TABLE x", "Å", " "])
def test_an_unknown_prefix_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="unknown prefix"):
        next_number(prefix)


@pytest.mark.django_db
def test_a_number_is_never_given_again_even_when_its_order_was_not_made() -> None:
    with transaction.atomic():
        lost = next_number("K")
        transaction.set_rollback(True)
    assert running(next_number("K")) > running(lost)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_numbers_of_their_own_without_waiting_for_each_other() -> None:
    def take(_: int) -> list[str]:
        try:
            with transaction.atomic():
                return [next_number("K") for _ in range(25)]
        finally:
            connection.close()

    with transaction.atomic():  # an open transaction that has taken one holds up nobody
        own = next_number("K")
        with ThreadPoolExecutor(4) as pool:
            taken = [number for numbers in pool.map(take, range(8)) for number in numbers]
    assert len({own, *taken}) == 201
