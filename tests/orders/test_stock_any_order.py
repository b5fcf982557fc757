"""What SESAM2 tells of a förrådsbeställning, and a person's receiving in between, end alike in every order of arrival."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from buffer.models import Movement
from ordering.sending import NotReady
from orders.actions import receiving, top_up
from orders.actions.receiving import AlreadyReceived, Found
from orders.models import Order
from orders.sesam2 import Answer
from tests.orders import stock
from tests.orders.told import SOON, Report, accepted, answered, cancelled, delayed, delivered, despatched, line, sent, state

pytestmark = pytest.mark.django_db


def takes_in(despatch: str, **found: int) -> Report:
    """A person goes through the delivery: line_1=3, and damaged_1=1."""

    def receive(order: Order) -> None:
        rows = {int(name[-1]): Found(count, found.get(f"damaged_{name[-1]}", 0)) for name, count in found.items() if name.startswith("line")}
        try:
            receiving.receive(order, despatch, by=stock.manager(), found=rows)
        except AlreadyReceived:
            return

    return receive


LIVES: dict[str, tuple[tuple[int, ...], list[Report]]] = {
    "confirmed, sent, received, delivered": ((5,), [accepted(1), despatched("F1", sent(1, 5)), delivered(2, "F1"), takes_in("F1", line_1=5)]),
    "in two goes, one short": (
        (5,),
        [despatched("F1", sent(1, 3)), takes_in("F1", line_1=2, damaged_1=1), despatched("F2", sent(1, 2)), takes_in("F2", line_1=2)],
    ),
    "cancelled after a part": ((5, 2), [despatched("F1", sent(1, 3)), takes_in("F1", line_1=3), delivered(1, "F1"), cancelled(2)]),
    "a line refused, the rest late": (
        (5, 2),
        [answered(1, Answer.CHANGED, line(1, quantity=4), line(2, refused=True), on=SOON), delayed(2), despatched("F1", sent(1, 4)), takes_in("F1", line_1=4)],
    ),
    "received twice": ((4,), [despatched("F1", sent(1, 4)), takes_in("F1", line_1=4), takes_in("F1", line_1=4), delivered(1)]),
}


def end_of(order: Order, told: list[Report], look: Callable[[], Any]) -> Any:
    with transaction.atomic():
        waiting = list(told)
        while waiting:
            report = waiting.pop(0)
            try:
                with transaction.atomic():
                    report(order)
            except NotReady:
                # A person waits for what the paper says; SESAM2's messages come again by themselves.
                waiting.append(report)
        stock.assert_adds_up()
        end = look()
        transaction.set_rollback(True)
    return end


@pytest.mark.parametrize("is_automatic", [False, True], ids=["by hand", "by itself"])
@pytest.mark.parametrize("name", LIVES)
def test_every_order_of_arrival_ends_alike(name: str, is_automatic: bool) -> None:
    quantities, told = LIVES[name]
    at = stock.store()
    if is_automatic:
        lines = [stock.stocked(at, safety=1, target=quantity) for quantity in quantities]
        order = Order.objects.get(number=top_up.top_up(at))
    else:
        lines = [stock.stocked(at) for _ in quantities]
        order = stock.ordered(at, *((line.article, quantity) for line, quantity in zip(lines, quantities, strict=True)))

    def look() -> Any:
        booked = sorted(Movement.objects.filter(kind="RECEIPT").values_list("line", "change"))
        return state(order), [stock.numbers(line) for line in lines], [stock.top_ups(line) for line in lines], booked

    ends = [repr(end_of(order, list(arrival), look)) for arrival in itertools.permutations(told)]
    assert len(ends) == math.factorial(len(told))
    assert len(set(ends)) == 1
