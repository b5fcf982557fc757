"""Two and more at once in a store. Each race has its control: the same without the guard, which shows what the guard prevents.

The suite runs a few; `STOCK_RUNS=50 pytest tests/buffer/test_races.py -n0` runs fifty (docs/reliability.md).
"""

import os
import threading
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.db.models import Max, Sum

from buffer import actions
from buffer.actions import corrections, counting
from buffer.checking import breaches
from buffer.models import Count, CountEntry, Movement, StockLine
from core.lifecycle import IllegalMove
from tests import factories
from tests.buffer.stores import RECEIVED, TAKEN, fresh, maja, nils, stocked, store, take
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = 5
CROWDED_RUNS = int(os.environ.get("STOCK_RUNS", "5"))


# --- The last ones ---------------------------------------------------------------------------------


def test_of_fifty_at_once_ten_get_the_last_ten() -> None:
    line, alice = stocked(10), factories.alice()
    for run in range(CROWDED_RUNS):
        results = at_once(*[lambda: actions.take_out(line.store, line.article, by=alice, order_number=TAKEN, quantity=1)] * 50)
        refused = [result for result in results if isinstance(result, Exception)]
        assert {type(error) for error in refused} == {actions.NotEnough}, run
        assert (len(results) - len(refused), fresh(line).on_hand) == (10, 0), run
        actions.receive(line.store, line.article, by=alice, order_number=RECEIVED, quantity=10)
    assert breaches() == []


def test_control_without_the_lock_more_than_the_last_are_taken() -> None:
    """Look, then write: both have looked before either has written, and both have got the last one."""
    line = stocked(1)
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def take_unguarded() -> int:
        mine = StockLine.objects.get(pk=line.pk)
        if mine.on_hand < 1:
            raise actions.NotEnough(mine.on_hand)
        both_have_looked.wait()
        StockLine.objects.filter(pk=line.pk).update(on_hand=mine.on_hand - 1)
        Movement.objects.create(line=line, kind="WITHDRAWAL", change=-1, before=mine.on_hand, after=mine.on_hand - 1, order_number=TAKEN, by=maja())
        return 1

    maja()
    assert at_once(take_unguarded, take_unguarded) == [1, 1]
    assert fresh(line).on_hand != line.movements.aggregate(total=Sum("change"))["total"]
    assert "on_hand_is_the_sum_of_its_movements" in {breach.rule for breach in breaches()}


def test_one_individual_goes_to_one_of_two_who_take_it() -> None:
    line, alice = stocked(5, ("I0", "I1", "I2", "I3", "I4")), factories.alice()
    for run in range(RUNS):
        number = [f"I{run}"]
        results = at_once(*[lambda number=number: actions.take_out(line.store, line.article, by=alice, order_number=TAKEN, individual_numbers=number)] * 2)
        assert sorted(type(result).__name__ for result in results) == ["IndividualElsewhere", "list"]
    assert fresh(line).on_hand == 0


def test_an_individual_that_is_received_into_two_stores_at_once_lies_in_one() -> None:
    line, carol, by = stocked(1), factories.carol(), maja()
    other = store("4102", of=carol)
    for run in range(RUNS):
        number = [f"I{run}"]
        results = at_once(
            lambda number=number: actions.receive(line.store, line.article, by=by, order_number=RECEIVED, individual_numbers=number),
            lambda number=number: actions.receive(other, line.article, by=carol, order_number=RECEIVED, individual_numbers=number),
        )
        assert sorted(type(result).__name__ for result in results) == ["IndividualElsewhere", "list"]
    assert breaches() == []


# --- Transfers in both directions ------------------------------------------------------------------


def test_transfers_in_both_directions_at_once_never_wait_in_a_ring() -> None:
    here, there = stocked(100), store("4102", of=factories.carol())
    other = stocked(100, at=there, article=here.article, by=factories.carol())
    by, carol = maja(), factories.carol()
    for _ in range(10):
        results = at_once(
            *[lambda: corrections.transfer(here.store, there, here.article, by=by, quantity=2)] * 2,
            *[lambda: corrections.transfer(there, here.store, here.article, by=carol, quantity=3)] * 2,
        )
        assert all(isinstance(result, tuple) for result in results), results
    assert (fresh(here).on_hand, fresh(other).on_hand) == (120, 80)
    assert breaches() == []


def test_control_lines_locked_in_the_order_of_the_journey_wait_in_a_ring() -> None:
    here, there = stocked(1), store("4102", of=factories.carol())
    other = stocked(1, at=there, article=here.article, by=factories.carol())
    both_have_one = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def lock_in_order(first: StockLine, second: StockLine) -> None:
        StockLine.objects.select_for_update().get(pk=first.pk)
        both_have_one.wait()
        StockLine.objects.select_for_update().get(pk=second.pk)

    results = at_once(lambda: lock_in_order(here, other), lambda: lock_in_order(other, here))
    assert [type(result) for result in results if isinstance(result, Exception)] == [OperationalError]


# --- Counting --------------------------------------------------------------------------------------


def test_of_two_who_count_the_same_line_at_once_one_sees_the_others_number() -> None:
    line, first, second = stocked(10), maja(), nils()
    for run in range(RUNS):
        count = counting.start(line.store, by=first)
        results = at_once(
            lambda count=count: counting.enter(count, line, by=first, counted=9),
            lambda count=count: counting.enter(count, line, by=second, counted=8),
        )
        [lost] = [result for result in results if isinstance(result, counting.CountedBySomebody)]
        [won] = [result for result in results if isinstance(result, CountEntry)]
        assert (lost.entry.pk, lost.entry.counted) == (won.pk, CountEntry.objects.get(count=count).counted), run
        counting.cancel(count, by=first)


def test_control_without_the_version_the_first_number_is_gone_unseen() -> None:
    line = stocked(10)
    count = counting.start(line.store, by=maja())
    counting.enter(count, line, by=maja(), counted=9)
    entry = CountEntry.objects.get(count=count)
    counting.enter(count, line, by=nils(), counted=8, seen=entry.version)  # as if it had been shown
    assert CountEntry.objects.get(count=count).counted == 8


def test_a_withdrawal_at_the_moment_of_counting_is_on_one_side_of_it() -> None:
    """What the ledger said and which movement it knew of belong together, so that the difference is the same whoever was first."""
    line, by, alice = stocked(200), maja(), factories.alice()
    for _ in range(20):
        before = fresh(line).on_hand
        count = counting.start(line.store, by=by)
        entry, moved = at_once(
            lambda count=count, before=before: counting.enter(count, line, by=by, counted=before),
            lambda: actions.take_out(line.store, line.article, by=alice, order_number=TAKEN, quantity=1),
        )
        was_known = moved[0].pk <= entry.last_movement
        assert entry.on_hand_then == before - (1 if was_known else 0)
        [one] = counting.differences(count)
        assert one.change == (1 if was_known else 0)
        counting.cancel(count, by=by)


def test_control_without_the_lock_balance_and_movement_do_not_belong_together() -> None:
    line, alice = stocked(10), factories.alice()
    has_read, has_taken = threading.Event(), threading.Event()

    def read_unguarded() -> tuple[int, int]:
        on_hand = StockLine.objects.get(pk=line.pk).on_hand
        has_read.set()
        has_taken.wait(10)
        return on_hand, line.movements.aggregate(last=Max("pk"))["last"]

    def take_between() -> int:
        has_read.wait(10)
        movement = take(line, 1, by=alice)[0]
        has_taken.set()
        return int(movement.pk)

    (on_hand, last), taken = at_once(read_unguarded, take_between)
    assert (on_hand, last) == (10, taken)  # ten, though the withdrawal of one is among what was known


def test_a_count_is_begun_once_and_booked_once() -> None:
    line, first, second = stocked(10), maja(), nils()
    for _ in range(RUNS):
        counts = at_once(lambda: counting.start(line.store, by=first), lambda: counting.start(line.store, by=second))
        assert counts[0] == counts[1]
        count = counts[0]
        on_hand = fresh(line).on_hand
        counting.enter(count, line, by=first, counted=on_hand + 1)
        facts: dict[str, Any] = {"reasons": {line.pk: ("MISCOUNTED", "")}, "seen": {line.pk: 1}}
        results = at_once(
            lambda count=count, facts=facts: counting.book(count, by=first, **facts),
            lambda count=count, facts=facts: counting.book(count, by=second, **facts),
        )
        assert sorted(type(result) for result in results if isinstance(result, Exception)) == [IllegalMove]
        assert fresh(line).on_hand == on_hand + 1
    assert Count.objects.filter(status="BOOKED").count() == Movement.objects.filter(kind="COUNT").count() == RUNS
    assert breaches() == []


def test_what_is_entered_while_the_count_is_booked_is_booked_or_refused() -> None:
    line, late, by = stocked(10), stocked(5), maja()
    for _ in range(RUNS):
        count = counting.start(line.store, by=by)
        counting.enter(count, line, by=by, counted=fresh(line).on_hand)
        entered, booked = at_once(
            lambda count=count: counting.enter(count, late, by=by, counted=5),
            lambda count=count: counting.book(count, by=by, reasons={}, seen={line.pk: 0}),
        )
        if isinstance(booked, counting.DifferencesChanged):
            assert isinstance(entered, CountEntry)
            counting.cancel(count, by=by)
        else:
            assert isinstance(entered, IllegalMove)
            assert booked == ""
