"""The table of moves: what it allows happens with its history, everything else is refused."""

import itertools

import pytest
from django.db import transaction

from core.lifecycle import IllegalMove
from orders.models import Order, Status
from tests import factories

pytestmark = pytest.mark.django_db


def in_status(order: Order, status: Status) -> Order:
    Order.objects.filter(pk=order.pk).update(status=status)
    return Order.objects.get(pk=order.pk)


def test_every_pair_of_statuses_moves_as_the_table_says() -> None:
    order = factories.order()
    moved, refused = set(), set()
    for old, new in itertools.product(Status, Status):
        record = in_status(order, old)
        rows = record.history.count()
        try:
            with transaction.atomic():
                record.move_to(new, event="TEST")
        except IllegalMove:
            refused.add((old, new))
            assert Order.objects.get(pk=order.pk).status == old
            assert record.history.count() == rows
        else:
            moved.add((old, new))
            assert Order.objects.get(pk=order.pk).status == new
            assert record.history.count() == rows + 1
    assert moved == {(Status(old), Status(new)) for old, following in Order.MOVES.items() for new in following}
    assert len(moved) + len(refused) == len(Status) ** 2


def test_nothing_leaves_a_finished_order_but_what_has_happened_all_the_same() -> None:
    ends = {Status.DELIVERED, Status.RECEIPTED, Status.CANCELLED}
    arrived = {Status.PARTLY_DELIVERED, Status.DELIVERED, Status.RECEIPTED}
    assert all(Order.MOVES[end] <= arrived for end in ends)
    # Only what waits for approval, and has gone nowhere yet, can be a draft again.
    assert [old for old, following in Order.MOVES.items() if Status.DRAFT in following] == [Status.WAITING_FOR_APPROVAL]
