"""Life cycles, shown on the kundorder: one table of moves, one writer, one history row for each change."""

from typing import Any

import pytest
from django.db import transaction

from core.lifecycle import IllegalMove, NotInTransaction
from orders.models import Order, OrderHistory, Status
from tests import factories

PAIRS = [(old, new) for old in Status for new in Status]


@pytest.mark.django_db
def test_a_move_writes_the_status_its_fields_and_one_history_row() -> None:
    order = factories.order()
    before = order.history.count()
    order.move_to(Status.RECEIVED, event="RECEIVED", by=order.orderer, note="Tack", details={"a": 1}, erp_number="S2-1")
    assert (order.status, order.erp_number) == (Status.RECEIVED, "S2-1")
    saved = Order.objects.get(pk=order.pk)
    assert (saved.status, saved.erp_number) == (Status.RECEIVED, "S2-1")
    row = order.history.latest("id")
    assert order.history.count() == before + 1
    assert (row.event, row.old, row.new, row.by, row.note, row.details) == ("RECEIVED", "PLACED", "RECEIVED", order.orderer, "Tack", {"a": 1})


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_every_pair_of_statuses_moves_as_the_table_says(old: Status, new: Status) -> None:
    order = factories.draft(lines=1) if old == Status.DRAFT else factories.order()
    Order.objects.filter(pk=order.pk).update(status=old)
    order = Order.objects.get(pk=order.pk)
    more: dict[str, Any] = {}
    if old == Status.DRAFT and new != Status.CANCELLED:
        more = {"number": "K-2026-99999999-1", "placed_at": order.created_at}
    before = order.history.count()
    if new in Order.MOVES[old]:
        order.move_to(new, event="MOVED", **more)
        assert (Order.objects.get(pk=order.pk).status, order.history.count()) == (new, before + 1)
        return
    with pytest.raises(IllegalMove):
        order.move_to(new, event="MOVED", **more)
    assert order.status == old
    assert (Order.objects.get(pk=order.pk).status, order.history.count()) == (old, before)


def test_the_table_names_every_status() -> None:
    assert set(Order.MOVES) == set(Status)
    assert set().union(*Order.MOVES.values()) <= set(Status)
    assert not any(old in new for old, new in Order.MOVES.items())


@pytest.mark.django_db
def test_who_comes_second_is_told_that_somebody_was_first() -> None:
    """Compare-and-set: the loser's object still says the old status."""
    order = factories.order()
    stale = Order.objects.get(pk=order.pk)
    order.move_to(Status.CONFIRMED, event="CONFIRMED")
    rows = order.history.count()
    with pytest.raises(IllegalMove, match="no longer PLACED"):
        stale.move_to(Status.RECEIVED, event="RECEIVED", erp_number="overwritten")
    saved = Order.objects.get(pk=order.pk)
    assert (saved.status, saved.erp_number, order.history.count()) == (Status.CONFIRMED, "", rows)
    assert stale.erp_number == ""


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_moves_and_nothing_is_told() -> None:
    order = factories.order()
    rows = OrderHistory.objects.count()
    with pytest.raises(NotInTransaction):
        order.move_to(Status.RECEIVED, event="RECEIVED")
    with pytest.raises(NotInTransaction):
        order.tell("TOLD")
    assert (Order.objects.get(pk=order.pk).status, OrderHistory.objects.count()) == (Status.PLACED, rows)


@pytest.mark.django_db
def test_a_move_that_is_rolled_back_leaves_no_history() -> None:
    order = factories.order()
    rows = order.history.count()
    with transaction.atomic():
        order.move_to(Status.RECEIVED, event="RECEIVED")
        transaction.set_rollback(True)
    assert (Order.objects.get(pk=order.pk).status, order.history.count()) == (Status.PLACED, rows)


@pytest.mark.django_db
def test_something_may_be_told_without_a_move() -> None:
    order = factories.order()
    order.tell("NOTED", note="Ringde patienten", details={"x": 1})
    row = order.history.latest("id")
    assert (row.event, row.old, row.new, row.by, row.note, row.details) == ("NOTED", "PLACED", "PLACED", None, "Ringde patienten", {"x": 1})
