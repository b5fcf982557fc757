"""Ta emot: once for each följesedel; as announced or with differences; and what is refused with nothing booked."""

from typing import Any

import pytest

from accounts.models import Notice
from buffer.models import Movement, StockIndividual, StockLine
from core.lifecycle import IllegalMove
from integration import contract
from integration.models import OutgoingMessage
from ordering.sending import NotReady
from orders.actions import receiving
from orders.actions.receiving import AlreadyReceived, Found
from orders.models import Order, Receipt, Status
from tests import factories
from tests.orders import stock
from tests.orders.told import delivered, despatched, sent

pytestmark = pytest.mark.django_db


def on_its_way(*quantities: int, marked: bool = False) -> tuple[Order, list[StockLine]]:
    at = stock.store()
    lines = [stock.stocked(at, 1, marked=marked) for _ in quantities]
    return stock.ordered(at, *((line.article, quantity) for line, quantity in zip(lines, quantities, strict=True))), lines


def refused(order: Order, number: str, found: dict[int, Found]) -> dict[str, str]:
    booked, told = Movement.objects.count(), OutgoingMessage.objects.count()
    with pytest.raises(NotReady) as error:
        receiving.receive(order, number, by=stock.manager(), found=found)
    assert (Movement.objects.count(), OutgoingMessage.objects.count(), Receipt.objects.count()) == (booked, told, 0)
    return dict(error.value.problems)


def receipt_of(order: Order) -> contract.GoodsReceipt:
    message = OutgoingMessage.objects.get(message_type="GoodsReceipt", subject=order.number)
    return contract.GoodsReceipt.model_validate_json(contract.dump(message.payload["body"]))


def test_all_as_announced_is_booked_told_and_waited_for_no_more() -> None:
    order, (one, two) = on_its_way(5, 3)
    assert (stock.numbers(one), stock.numbers(two)) == ((1, 5), (1, 3))
    despatched("FS-1", sent(1, 5), sent(2, 2))(order)
    assert stock.numbers(one) == (1, 5)
    delivered(1, "FS-1")(order)
    assert stock.numbers(one) == (1, 5)
    maria = stock.manager()
    assert {notice.user for notice in Notice.objects.unread().filter(word="Ta emot")} == {maria.user}
    receipt = stock.receive(order, "FS-1")
    assert (stock.numbers(one), stock.numbers(two)) == ((6, 0), (3, 1))
    assert not Notice.objects.unread().filter(word="Ta emot").exists()
    body = receipt_of(order)
    assert (body.despatch_number, body.received_by.name, body.received_at) == ("FS-1", "Maria Malm", receipt.at)
    assert [(line.line, line.received, line.missing, line.damaged) for line in body.lines] == [(1, 5, 0, 0), (2, 2, 0, 0)]
    assert order.history.get(event="STORED").by == maria
    assert {movement.order_number for movement in Movement.objects.filter(kind="RECEIPT", change=5)} == {order.number}
    stock.assert_adds_up()


def test_differences_are_told_and_only_what_is_whole_is_booked() -> None:
    order, (one,) = on_its_way(5)
    despatched("FS-1", sent(1, 5))(order)
    stock.receive(order, "FS-1", missing=1, damaged=2)
    assert stock.numbers(one) == (3, 0)
    assert [(line.received, line.missing, line.damaged) for line in receipt_of(order).lines] == [(2, 1, 2)]
    assert "1 saknas, 2 skadat" in order.history.get(event="STORED").details["differences"][0]


def test_a_foljesedel_counts_once() -> None:
    order, (one,) = on_its_way(5)
    despatched("FS-1", sent(1, 5))(order)
    first = stock.receive(order, "FS-1")
    with pytest.raises(AlreadyReceived) as again:
        stock.receive(order, "FS-1")
    assert again.value.receipt == first
    assert stock.numbers(one) == (6, 0)
    assert OutgoingMessage.objects.filter(message_type="GoodsReceipt").count() == 1


def test_what_comes_before_sesam2s_word_of_it_is_received_by_the_papers_number() -> None:
    order, (one,) = on_its_way(5)
    receiving.receive(order, "FS-1", by=stock.manager(), found={1: Found(3)})
    assert stock.numbers(one) == (4, 2)
    despatched("FS-1", sent(1, 4))(order)
    assert stock.numbers(one) == (4, 1)
    delivered(1, "FS-1")(order)
    assert stock.numbers(one) == (4, 1)
    with pytest.raises(AlreadyReceived):
        stock.receive(order, "FS-1")


def test_more_than_announced_and_nothing_at_all_are_refused() -> None:
    order, (one,) = on_its_way(5)
    assert "" in refused(order, "FS-0", {1: Found(0)})
    despatched("FS-1", sent(1, 4))(order)
    assert "Följesedeln säger 4" in refused(order, "FS-1", {1: Found(4, damaged=1)})["received_1"]
    assert "Följesedeln säger 4" in refused(order, "FS-1", {1: Found(40)})["received_1"]
    assert refused(order, "FS-1", {2: Found(1)}) == {"": "Ordern har inte den raden."}
    assert stock.numbers(one) == (1, 5)


def test_individuals_are_scanned_in_each_once_and_never_one_that_is_elsewhere() -> None:
    at = stock.store()
    line = stock.stocked(at, 0, "I1", "I2", marked=True)
    stock.withdraw((line, 1, "I2"))
    order = stock.ordered(at, (line.article, 2))
    despatched("FS-1", sent(1, 2))(order)
    assert "Skanna individnumret" in refused(order, "FS-1", {1: Found(2)})["individuals_1"]
    assert "Skanna alla 2" in refused(order, "FS-1", {1: Found(2, individuals=("I3",))})["individuals_1"]
    assert "två gånger" in refused(order, "FS-1", {1: Found(2, individuals=("I3", "I3"))})["individuals_1"]
    assert "Rätta det ena" in refused(order, "FS-1", {1: Found(1, individuals=("I3", "I4"))})["individuals_1"]
    assert "redan i ett förråd" in refused(order, "FS-1", {1: Found(2, individuals=("I3", "I1"))})["individuals_1"]
    assert "hos en patient" in refused(order, "FS-1", {1: Found(2, individuals=("I3", "I2"))})["individuals_1"]
    stock.stocked(at, 0, "I9", marked=True, name="Duschstol")
    assert "Duschstol" in refused(order, "FS-1", {1: Found(2, individuals=("I3", "I9"))})["individuals_1"]
    receiving.receive(order, "FS-1", by=stock.manager(), found={1: Found(2, individuals=("I3", "I4"))})
    assert list(StockIndividual.objects.filter(line=line).order_by("individual__number").values_list("individual__number", flat=True)) == ["I1", "I3", "I4"]
    assert receipt_of(order).lines[0].individual_numbers == ["I3", "I4"]
    stock.assert_adds_up()


def test_a_kundorder_is_received_by_no_store() -> None:
    with pytest.raises(IllegalMove):
        receiving.receive(factories.order(), "FS-1", by=stock.manager(), found={1: Found(1)})


def test_the_order_is_levererad_by_sesam2s_word_never_kvitterad() -> None:
    order, _ = on_its_way(5)
    despatched("FS-1", sent(1, 5))(order)
    delivered(1, "FS-1", receipted=False)(order)
    assert factories.again(order).status == Status.DELIVERED
    stock.receive(order, "FS-1")
    assert factories.again(order).status == Status.DELIVERED


# --- By hand -----------------------------------------------------------------------------------------


def test_an_order_by_hand_is_sent_once_and_waited_for() -> None:
    order, (one,) = on_its_way(5)
    body: Any = OutgoingMessage.objects.get(message_type="StockOrder").payload["body"]
    assert (body["reason"], body["orderer"]["name"], body["lines"][0]["quantity"]) == ("MANUAL", "Maria Malm", 5)
    assert (order.orderer.user.name, order.patient, order.prescriber, order.is_automatic) == ("Maria Malm", None, None, False)
    assert stock.numbers(one) == (1, 5)
    stock.assert_adds_up()
