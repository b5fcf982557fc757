"""Automatic top-up: ordered once, up to the target, when it is to be, and never in a loop."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Customer, Holiday
from buffer.models import StockLine, Store
from catalog.models import LocalArticle
from core.lifecycle import IllegalMove
from integration import contract
from integration.models import OutgoingMessage
from orders.actions import reports, top_up
from orders.actions.top_up import StillComing, next_delivery_day, stores_in_need
from orders.models import Order, Status, TopUp
from orders.sesam2 import Answer, DespatchedLine, Response
from orders.tasks import top_up_store, top_up_stores
from tests import factories
from tests.orders import stock
from tests.orders.told import REPLACEMENT, answered, cancelled, delivered, despatched, line, sent

pytestmark = pytest.mark.django_db
MONDAY = datetime.date(2027, 2, 1)


def below(at: Store, **levels: int) -> StockLine:
    """A line that is below its level from the start."""
    return stock.stocked(at, 3, **({"safety": 5, "target": 12} | levels))


def test_a_withdrawal_that_goes_below_the_level_orders_up_to_the_target_in_the_same_transaction() -> None:
    one = stock.stocked(stock.store(), 6, safety=5, target=12)
    stock.withdraw((one, 1))
    assert stock.automatic(one.store) == []
    stock.withdraw((one, 2))
    [order] = stock.automatic(one.store)
    assert (order.status, order.number[:2], order.unit, order.requested_on) == (Status.PLACED, "L-", one.store.unit, None)
    assert order.patient is order.orderer is order.prescriber is None
    assert list(order.lines.values_list("article", "quantity", "on_order")) == [(one.article_id, 9, 9)]
    assert stock.numbers(one) == (3, 9)
    assert stock.top_ups(one) == ["OPEN"]
    body = contract.StockOrder.model_validate_json(contract.dump(OutgoingMessage.objects.get(message_type="StockOrder").payload["body"]))
    assert (body.reason, body.orderer, body.store.store_number, body.requested_date) == ("REPLENISHMENT", None, one.store.number, None)
    assert (body.lines[0].quantity, body.party.customer_number) == (9, one.store.unit.customers.get().number)
    stock.withdraw((one, 3))
    assert len(stock.automatic(one.store)) == 1
    stock.assert_adds_up()


def test_it_is_ordered_once_however_often_it_is_asked_for() -> None:
    one = below(stock.store())
    number = top_up.top_up(one.store)
    assert number
    for _ in range(3):
        assert top_up.top_up(one.store) is None
        top_up_store(one.store.pk)
    assert stock.numbers(one) == (3, 9)


def test_a_changed_level_and_a_late_delivery_give_no_second_one_until_the_first_has_come() -> None:
    one = below(stock.store())
    number = str(top_up.top_up(one.store))
    StockLine.objects.filter(pk=one.pk).update(safety_level=30, target_level=40)
    reports.record_delay(number, sequence=1, promised_on=None, reason="Försenad", lines=None)
    assert top_up.top_up(one.store) is None
    [need] = top_up.needs(one.store, top_up.lines_below(one.store), today=MONDAY)
    assert need.hindrance == f"9 är redan på väg i {number}."
    with pytest.raises(IntegrityError), transaction.atomic():
        TopUp.objects.create(stock_line=one, order_line=stock.ordered(one.store, (one.article, 1)).lines.get())


def test_whole_packs_and_the_suppliers_smallest_quantity() -> None:
    at = stock.store()
    pack = below(at, quantity_in_outer_package=10)
    assert top_up.quantity_of(pack, MONDAY) == 10
    assert top_up.quantity_of(stock.again(stock.stocked(at, 0, safety=1, target=11, quantity_in_outer_package=10)), MONDAY) == 20


def test_what_is_paused_not_orderable_or_without_a_payer_is_not_ordered_and_says_why() -> None:
    at = stock.store()
    paused, ended, fine = below(at), below(at), below(at)
    StockLine.objects.filter(pk=paused.pk).update(is_paused=True, pause_reason="Byter artikel")
    LocalArticle.objects.filter(article=ended.article).update(is_orderable=False)
    why = {need.line.pk: need.hindrance for need in top_up.needs(at, top_up.lines_below(at), today=MONDAY)}
    assert why == {paused.pk: "Pausad: Byter artikel", ended.pk: "Artikeln går inte längre att beställa.", fine.pk: ""}
    Store.objects.filter(pk=at.pk).update(is_paused=True, pause_reason="Flyttar")
    assert top_up.top_up(at) is None
    assert stores_in_need() == []
    Store.objects.filter(pk=at.pk).update(is_paused=False, pause_reason="")
    Customer.objects.filter(unit=at.unit).update(unit=factories.carol().unit, is_standard=False)
    assert top_up.top_up(at) is None
    Customer.objects.filter(name=at.unit.name).update(unit=at.unit)
    assert stores_in_need() == [at.pk]
    number = top_up.top_up(at)
    assert list(Order.objects.get(number=number).lines.values_list("article", flat=True)) == [fine.article_id]


# --- Gathered for the delivery day -------------------------------------------------------------------


def gathering(*days: int) -> Store:
    return stock.store(top_up=Store.TopUp.BY_DELIVERY_DAY, delivery_days=list(days))


def test_a_store_that_gathers_orders_once_before_its_delivery_day() -> None:
    at = gathering(5)
    one, two = stock.stocked(at, 6, safety=5, target=12), below(at)
    stock.withdraw((one, 2))
    assert stock.automatic(at) == []
    assert top_up.top_up(at, today=MONDAY) is None
    wednesday = MONDAY + datetime.timedelta(days=2)
    number = top_up.top_up(at, today=wednesday)
    order = Order.objects.get(number=number)
    friday = MONDAY + datetime.timedelta(days=4)
    assert (order.gathered_for, order.requested_on) == (friday, friday)
    assert sorted(order.lines.values_list("article", "quantity")) == sorted([(one.article_id, 8), (two.article_id, 9)])
    # What falls below afterwards waits for the next delivery day; a worker that was away sends late rather than never.
    three = below(at)
    assert top_up.top_up(at, today=wednesday) is None
    assert top_up.top_up(at, today=friday) is None
    thursday = MONDAY + datetime.timedelta(days=10)
    assert Order.objects.get(number=top_up.top_up(at, today=thursday)).lines.get().article_id == three.article_id
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(gathered_for=friday).update(gathered_for=friday + datetime.timedelta(days=7))


def test_a_delivery_day_that_is_a_holiday_is_passed_over() -> None:
    """Friday 26 March 2027 is långfredagen."""
    at = gathering(5)
    assert next_delivery_day(at, datetime.date(2027, 3, 22)) == datetime.date(2027, 4, 2)
    assert next_delivery_day(gathering(1, 3), MONDAY) == MONDAY + datetime.timedelta(days=2)
    Holiday.objects.create(day=datetime.date(2027, 4, 2), name="Flytt av centrallagret")
    assert next_delivery_day(at, datetime.date(2027, 3, 22)) == datetime.date(2027, 4, 9)


def test_the_sweep_finds_what_no_withdrawal_set_off() -> None:
    one = below(stock.store())
    assert stores_in_need() == [one.store_id]
    top_up_stores()
    top_up_store(one.store_id)
    assert stock.top_ups(one) == ["OPEN"]
    assert stores_in_need() == []


# --- What the centre will not send -------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", [cancelled(1), cancelled(1, [1]), answered(1, Answer.REFUSED, reason="Spärrat"), answered(1, Answer.CHANGED, line(1, refused=True))]
)
def test_what_the_centre_cancels_is_stopped_until_a_person_lets_it_go(said: object) -> None:
    one = below(stock.store())
    order = Order.objects.get(number=top_up.top_up(one.store))
    said(order)
    assert stock.numbers(one) == (3, 0)
    assert stock.top_ups(one) == ["STOPPED"]
    for _ in range(3):
        assert top_up.top_up(one.store) is None
    assert stores_in_need() == []
    stopped = TopUp.objects.get()
    maria = stock.manager()
    top_up.release(stopped.pk, by=maria)
    assert stock.top_ups(one) == ["RELEASED", "OPEN"]
    assert stock.numbers(one) == (3, 9)
    assert (TopUp.objects.get(pk=stopped.pk).released_by, order.history.get(event="RELEASED").by) == (maria, maria)
    with pytest.raises(IllegalMove):
        top_up.release(stopped.pk, by=maria)
    stock.assert_adds_up()


def test_what_is_replaced_is_received_as_what_came_and_not_ordered_again() -> None:
    other = factories.article(REPLACEMENT["name"], number="N1", sesam_number=REPLACEMENT["article_number"])
    one = below(stock.store())
    order = Order.objects.get(number=top_up.top_up(one.store))
    answered(1, Answer.CHANGED, line(1, replacement=REPLACEMENT))(order)
    assert stock.top_ups(one) == ["STOPPED"]
    despatched("F1", sent(1, 9))(order)
    with pytest.raises(StillComing):
        top_up.release(TopUp.objects.get().pk, by=stock.manager())
    stock.receive(order, "F1")
    assert stock.numbers(one) == (3, 0)
    assert StockLine.objects.get(store=one.store, article=other).on_hand == 9
    assert top_up.top_up(one.store) is None


def test_what_has_come_closes_it_and_the_next_need_is_ordered() -> None:
    one = below(stock.store())
    order = Order.objects.get(number=top_up.top_up(one.store))
    despatched("F1", sent(1, 5))(order)
    delivered(2, "F1")(order)
    stock.receive(order, "F1")
    assert (stock.numbers(one), stock.top_ups(one)) == ((8, 4), ["OPEN"])
    despatched("F2", sent(1, 4))(order)
    stock.receive(order, "F2", missing=2)
    assert (stock.numbers(one), stock.top_ups(one)) == ((10, 0), ["CLOSED"])
    stock.withdraw((one, 7))
    assert (stock.numbers(one), stock.top_ups(one)) == ((3, 9), ["CLOSED", "OPEN"])
    stock.assert_adds_up()


def test_fewer_than_ordered_by_the_centres_own_word_is_no_cancellation() -> None:
    one = below(stock.store())
    order = Order.objects.get(number=top_up.top_up(one.store))
    reports.record_response(str(order.number), sequence=1, response=Response(Answer.CHANGED, "S2-1", None, "", (line(1, quantity=4),)))
    assert (stock.numbers(one), stock.top_ups(one)) == ((3, 4), ["OPEN"])
    despatched("F1", DespatchedLine(1, 4, (), "", ""))(order)
    stock.receive(order, "F1")
    assert (stock.numbers(one), stock.top_ups(one)) == ((7, 0), ["CLOSED"])
