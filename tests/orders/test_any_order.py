"""The same end, whatever the order in which SESAM2's reports come."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orders.models import Order, Status
from orders.sesam2 import Answer
from tests import factories
from tests.orders.told import (
    LATER,
    LATEST,
    REPLACEMENT,
    SOON,
    Report,
    accepted,
    answered,
    came,
    cancelled,
    delayed,
    delivered,
    despatched,
    line,
    order_of,
    received,
    refused,
    sent,
    state,
)

pytestmark = pytest.mark.django_db


def ends_of(order: Order, told: Sequence[Report]) -> Iterator[tuple[Any, ...]]:
    """The state after each permutation of the reports; every report is undone when its turn is over."""
    if not told:
        yield state(order)
    for i, report in enumerate(told):
        before = transaction.savepoint()
        report(order)
        yield from ends_of(order, [*told[:i], *told[i + 1 :]])
        transaction.savepoint_rollback(before)


def end_of(order: Order, told: Iterable[Report]) -> tuple[Any, ...]:
    """The state after these reports, which are undone then."""
    before = transaction.savepoint()
    for report in told:
        report(order)
    end = state(order)
    transaction.savepoint_rollback(before)
    return end


LIVES: dict[str, tuple[tuple[int, ...], list[Report]]] = {
    "a delivered order": ((2,), [received(1), accepted(2), despatched("F1", sent(1, 2, "40-1")), delivered(4, "F1")]),
    "a delayed order in parts": (
        (1, 2),
        [accepted(2), delayed(3, lines=[2]), delivered(5, lines=[came(1), came(2)], receipted=False), cancelled(6, [2])],
    ),
    "a cancelled order that came all the same": ((2,), [cancelled(2), cancelled(3, [1]), delivered(4), delivered(5, lines=[came(1, 1, "40-1")])]),
    "a despatch in two goes": (
        (3,),
        [despatched("F1", sent(1, 3, "40-1")), delivered(3, "F1", lines=[came(1, 1)], receipted=False), delivered(4, "F1"), cancelled(5)],
    ),
    "a replaced article that came in parts": (
        (3,),
        [
            answered(1, Answer.CHANGED, line(1, replacement=REPLACEMENT), on=SOON),
            despatched("F1", sent(1, 1, "40-1")),
            delivered(3, "F1"),
            delivered(4, lines=[came(1)], receipted=False),
            cancelled(5),
        ],
    ),
    "an order refused, delayed and come all the same": ((1, 2), [refused(1), delayed(2), accepted(3), delivered(4, lines=[came(2, 2)])]),
    "a line cancelled, the rest delayed twice": (
        (2, 1),
        [accepted(1), cancelled(2, [1]), delayed(3, LATER, lines=[2]), delayed(4, LATEST), delivered(5)],
    ),
    "a changed order": (
        (5, 1),
        [
            answered(1, Answer.CHANGED, line(1, quantity=2), line(2, refused=True), on=SOON),
            answered(3, Answer.CHANGED, line(1, quantity=3), on=LATER),
            delivered(2, lines=[came(1, 2)]),
            delivered(4, receipted=False),
        ],
    ),
}


@pytest.mark.parametrize("name", LIVES)
def test_every_order_of_arrival_ends_alike(name: str) -> None:
    ordered, told = LIVES[name]
    factories.article(REPLACEMENT["name"], number="N1", sesam_number=REPLACEMENT["article_number"])
    order = order_of(*ordered)
    ends = [repr(end) for end in ends_of(order, told)]
    assert len(ends) == math.factorial(len(told))
    assert len(set(ends)) == 1


_LINE = st.integers(1, 2)
_QUANTITY = st.integers(1, 3)
_INDIVIDUALS = st.lists(st.sampled_from(["40-1", "40-2", "40-3"]), max_size=2, unique=True)
_SOME = st.lists(_LINE, min_size=1, max_size=2, unique=True)


def _for_lines(make: Callable[[int, int, list[str]], Any]) -> st.SearchStrategy[list[Any]]:
    """Quantities and individuals for one or both lines; the second line's individuals are others than the first's."""
    one = st.tuples(_LINE, _QUANTITY, _INDIVIDUALS)
    rows = st.lists(one, min_size=1, max_size=2, unique_by=lambda row: row[0])
    return rows.map(lambda found: [make(number, quantity, [f"{number}-{text}" for text in individuals]) for number, quantity, individuals in found])


_despatch_lines = _for_lines(lambda number, quantity, individuals: sent(number, quantity, *individuals))
_delivery_lines = _for_lines(lambda number, quantity, individuals: came(number, quantity, *individuals))
FACTS = st.one_of(
    st.just(("received",)),
    st.tuples(st.just("accepted"), st.sampled_from([SOON, LATER])),
    st.tuples(st.just("changed"), _LINE, st.one_of(st.none(), _QUANTITY)),
    st.tuples(st.just("delayed"), st.sampled_from([None, LATER, LATEST]), st.one_of(st.none(), _SOME)),
    st.tuples(st.just("cancelled"), st.one_of(st.none(), _SOME)),
    st.tuples(st.just("despatched"), _despatch_lines),
    st.tuples(st.just("delivered"), st.sampled_from(["", "F1", "F2"]), st.one_of(st.none(), _delivery_lines), st.booleans()),
)


def as_reports(told: list[tuple[Any, ...]]) -> list[Report]:
    """Each fact with its sequence; the despatches are F1, F2, … in the order in which they were sent."""
    found: list[Report] = []
    despatches = itertools.count(1)
    for sequence, (kind, *values) in enumerate(told, start=1):
        match kind:
            case "received":
                found.append(received(sequence))
            case "accepted":
                found.append(accepted(sequence, values[0]))
            case "changed":
                found.append(answered(sequence, Answer.CHANGED, line(values[0], refused=values[1] is None, quantity=values[1])))
            case "delayed":
                found.append(delayed(sequence, values[0], lines=values[1]))
            case "cancelled":
                found.append(cancelled(sequence, values[0]))
            case "despatched":
                found.append(despatched(f"F{next(despatches)}", *values[0]))
            case _:
                found.append(delivered(sequence, values[0], lines=values[1], receipted=values[2]))
    return found


@given(told=st.lists(FACTS, min_size=1, max_size=4), data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_told_in_whatever_order_adds_up(told: list[tuple[Any, ...]], data: st.DataObject) -> None:
    order = Order.objects.sent().first() or order_of(2, 3)
    facts = as_reports(told)
    end = end_of(order, facts)
    assert end == end_of(order, data.draw(st.permutations(facts)))
    status, _, _, _, lines, lent = end
    ordered = list(order.lines.order_by("line").values_list("quantity", flat=True))
    for quantity, (here, outstanding, gone, receipted, *_) in zip(ordered, lines, strict=True):
        assert here + outstanding + gone == max(quantity, here)
        assert receipted <= here
    # Kvitterad only when all that came was receipted, and nothing is to come.
    all_here = sum(row[0] for row in lines)
    to_come = sum(row[1] for row in lines)
    all_receipted = all(row[0] == row[3] for row in lines)
    if to_come:
        assert status == Status.PARTLY_DELIVERED if all_here else status in {Status.PLACED, Status.RECEIVED, Status.CONFIRMED}
    elif all_here:
        assert status == (Status.RECEIPTED if all_receipted else Status.DELIVERED)
    else:
        assert status == Status.CANCELLED
    # Each aid is one loan.
    individuals = [(article, number) for article, number, *_ in lent if number]
    assert len(individuals) == len(set(individuals))
    assert sum(quantity for _, _, quantity, *_ in lent) == all_here
