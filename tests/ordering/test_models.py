"""What all kinds of order have in common: whose they are, and a history that stays as it was written."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from core.lifecycle import IllegalMove, NotInTransaction
from orders.models import Order, OrderHistory, Status
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_unit_sees_its_own_orders_and_no_others() -> None:
    mine, neighbours, others = factories.order(), factories.order(factories.carol()), factories.order(factories.dan())
    assert list(Order.objects.visible_to(factories.alice())) == list(Order.objects.visible_to(factories.bob())) == [mine]
    assert list(Order.objects.visible_to(factories.carol())) == [neighbours]
    assert list(Order.objects.visible_to(factories.dan())) == [others]


def test_a_draft_is_not_among_the_sent() -> None:
    factories.draft()
    order = factories.order()
    assert list(Order.objects.sent()) == [order]


def test_a_person_has_what_the_person_ordered_or_prescribed_in_whatever_role() -> None:
    alice = factories.alice()
    ordered = factories.order(alice)
    prescribed = factories.order(factories.bob())
    factories.order(factories.carol())
    also_orderer = factories.assignment("Alice Ask", "ORDERER", at=alice.unit)
    assert set(Order.objects.of_person(alice)) == set(Order.objects.of_person(also_orderer)) == {ordered, prescribed}


CHANGES: dict[str, Callable[[], object]] = {
    "update": lambda: OrderHistory.objects.update(note="Ändrad"),
    "save": lambda: OrderHistory.objects.get().save(),
    "delete": lambda: OrderHistory.objects.all().delete(),
    "raw update": lambda: _run("UPDATE orders_orderhistory SET note = 'Ändrad'"),
    "raw delete": lambda: _run("DELETE FROM orders_orderhistory"),
    "truncate": lambda: _run("TRUNCATE orders_orderhistory"),
}


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_history_is_only_added_to(change: Callable[[], object]) -> None:
    factories.order()
    before = list(OrderHistory.objects.values())
    with pytest.raises(DatabaseError), transaction.atomic():
        change()
    assert list(OrderHistory.objects.values()) == before


def test_a_move_that_another_made_first_writes_nothing() -> None:
    order = factories.order()
    stale = Order.objects.get(pk=order.pk)
    order.move_to(Status.RECEIVED, event="RECEIVED")
    with pytest.raises(IllegalMove):
        stale.move_to(Status.RECEIVED, event="RECEIVED", erp_number="S2")
    assert Order.objects.get(pk=order.pk).erp_number == ""
    assert order.history.filter(event="RECEIVED").count() == 1


@pytest.mark.django_db(transaction=True)
def test_neither_a_move_nor_a_tale_is_written_outside_a_transaction() -> None:
    order = factories.order()
    with pytest.raises(NotInTransaction):
        order.move_to(Status.RECEIVED, event="RECEIVED")
    with pytest.raises(NotInTransaction):
        order.tell("RECEIVED")
    assert Order.objects.get(pk=order.pk).status == Status.PLACED
    assert order.history.count() == 1
