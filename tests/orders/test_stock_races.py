"""Many at once at one shelf: what there is goes out once, never below nothing, and is ordered anew once. Each race has its control.

The suite runs a few; `STOCK_RUNS=50 pytest tests/orders/test_stock_races.py -n0` runs fifty (docs/reliability.md).
"""

import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from buffer.models import Movement, StockLine
from integration.models import OutgoingMessage
from ordering.sending import NotReady
from orders.actions import receiving, top_up, withdrawals
from orders.actions.withdrawals import AlreadyTaken, Taken
from orders.models import Order, TopUp
from orders.tasks import top_up_store
from patients.models import Loan
from tests import factories
from tests.orders import stock
from tests.orders.told import despatched, sent

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = int(os.environ.get("STOCK_RUNS", "2"))
PEOPLE, THREADS, THERE = 50, 10, 10


def at_once(*jobs: Callable[[], Any], threads: int = THREADS) -> list[Any]:
    """The jobs, so many at a time, the first ones together; their results or exceptions, in their order."""
    barrier = threading.Barrier(min(threads, len(jobs)), timeout=60)
    first = iter(range(min(threads, len(jobs))))
    lock = threading.Lock()

    def run(job: Callable[[], Any]) -> Any:
        with lock:
            waits = next(first, None) is not None
        try:
            if waits:
                barrier.wait()
            return job()
        except Exception as error:  # noqa: BLE001 - handed to the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, jobs))


def test_fifty_take_the_last_ten_and_ten_get_one_each_and_it_is_ordered_once() -> None:
    alice, at = factories.alice(), stock.store()
    patients = [factories.patient(alice) for _ in range(5)]
    for _ in range(RUNS):
        line = stock.stocked(at, THERE, safety=6, target=30)
        told, taken = stock.told(alice), [Taken(line.article)]

        def take(place: int, told: Any = told, taken: Any = taken) -> list[str]:
            to = [patients[place % len(patients)].public_id]
            return withdrawals.withdraw(at, by=alice, patients=to, taken=taken, told=told, press=uuid.uuid4())

        # The worker is asked at the same time, as after a change of levels.
        jobs = [lambda place=place: take(place) for place in range(PEOPLE)]
        results = at_once(*jobs[:25], lambda: top_up_store(at.pk), lambda: top_up_store(at.pk), *jobs[25:])
        kinds = Counter(type(result).__name__ for result in results)
        assert kinds == {"list": THERE, "NotReady": PEOPLE - THERE, "NoneType": 2}, [result for result in results if isinstance(result, Exception)][:3]
        top_up_store(at.pk)
        line.refresh_from_db()
        assert line.on_hand == 0
        # The order that the fifth withdrawal set off fills it up from 5 to 30.
        [top] = TopUp.objects.filter(stock_line=line).select_related("order_line")
        assert (top.state, top.order_line.quantity, line.on_order) == ("OPEN", 25, 25)
        assert Movement.objects.filter(line=line, kind="WITHDRAWAL").count() == Loan.objects.filter(article=line.article).count() == THERE
        assert OutgoingMessage.objects.filter(message_type="StockOrder", subject=top.order_line.order.number).count() == 1
    assert Order.objects.to_stores().count() == RUNS
    stock.assert_adds_up()


def test_control_without_the_lock_more_goes_out_than_there_is() -> None:
    """Look, then write: both have looked before either has written. The constraint alone would not know it either: 1 − 1 is 0 for both."""
    line = stock.stocked(stock.store(), 1)
    both_have_looked = threading.Barrier(2, timeout=60)

    @transaction.atomic
    def take_unguarded() -> str:
        seen = StockLine.objects.get(pk=line.pk)
        assert seen.on_hand >= 1
        both_have_looked.wait()
        StockLine.objects.filter(pk=line.pk).update(on_hand=seen.on_hand - 1)
        return "took it"

    assert at_once(take_unguarded, take_unguarded, threads=2) == ["took it", "took it"]


def test_control_without_the_lock_it_is_ordered_twice_or_refused_by_the_constraint() -> None:
    """Both see a line below its level with nothing ordered; the lock is what keeps the second from it, the constraint what is left without it."""
    line = stock.stocked(stock.store(), 1, safety=2, target=9)
    both_have_looked = threading.Barrier(2, timeout=60)

    def order_unguarded(with_constraint: bool) -> str:
        with transaction.atomic():
            assert StockLine.objects.below().filter(pk=line.pk).exists()
            assert not TopUp.objects.filter(stock_line=line, state="OPEN").exists()
            both_have_looked.wait()
            order = stock.ordered(line.store, (line.article, 8))
            if with_constraint:
                TopUp.objects.create(stock_line=line, order_line=order.lines.get())
        return "ordered"

    stock.manager()
    assert at_once(*[lambda: order_unguarded(False)] * 2, threads=2) == ["ordered", "ordered"]
    assert stock.numbers(line) == (1, 16)
    StockLine.objects.filter(pk=line.pk).update(on_order=0)
    both_have_looked.reset()
    results = at_once(*[lambda: order_unguarded(True)] * 2, threads=2)
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "str"]


def test_two_workers_gather_one_order_for_a_delivery_day() -> None:
    at = stock.store(top_up="BY_DELIVERY_DAY", delivery_days=[1, 2, 3, 4, 5])
    lines = [stock.stocked(at, 1, safety=2, target=9) for _ in range(3)]
    results = at_once(*[lambda: top_up.top_up(at)] * 6, threads=6)
    assert not [result for result in results if isinstance(result, Exception)]
    assert len([number for number in results if number]) == 1
    assert [stock.numbers(line) for line in lines] == [(1, 8)] * 3


def test_one_press_that_comes_twice_at_once_takes_once() -> None:
    alice, line = factories.alice(), stock.stocked(stock.store(), 5)
    patient = factories.patient(alice)
    for taken_so_far in range(1, 3):
        press = uuid.uuid4()
        results = at_once(*[lambda press=press: stock.withdraw((line, 1), to=[patient], press=press)] * 2, threads=2)
        assert sorted(type(result).__name__ for result in results) == ["AlreadyTaken", "list"]
        assert stock.numbers(line) == (5 - taken_so_far, 0)
    assert AlreadyTaken(["U"]).numbers == ["U"]


def test_a_delivery_that_two_receive_at_once_is_booked_once() -> None:
    line = stock.stocked(stock.store())
    order = stock.ordered(line.store, (line.article, 5))
    despatched("FS-1", sent(1, 5))(order)
    maria = stock.manager()
    found = receiving.as_announced(receiving.announced(order, "FS-1"))
    results = at_once(*[lambda: receiving.receive(order, "FS-1", by=maria, found=found)] * 2, threads=2)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyReceived", "Receipt"]
    assert stock.numbers(line) == (5, 0)


def test_several_articles_in_any_order_at_once_never_wait_in_a_ring() -> None:
    """Each takes two of three articles, in its own order, while a worker tops all of them up."""
    alice, at = factories.alice(), stock.store()
    lines = [stock.stocked(at, 40, safety=39, target=60) for _ in range(3)]
    patient, told = factories.patient(alice), stock.told(alice)

    def take(place: int) -> list[str]:
        pair = [Taken(lines[place % 3].article), Taken(lines[(place + 1 + place % 2) % 3].article)]
        return withdrawals.withdraw(at, by=alice, patients=[patient.public_id], taken=pair, told=told, press=uuid.uuid4())

    results = at_once(*(lambda place=place: take(place) for place in range(18)), *[lambda: top_up_store(at.pk)] * 4, threads=8)
    assert not [result for result in results if isinstance(result, Exception) and not isinstance(result, NotReady)]
    assert [stock.top_ups(line) for line in lines] == [["OPEN"]] * 3
    stock.assert_adds_up()
