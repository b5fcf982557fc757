"""SESAM2's reports through the real door: received, stored, acted on."""

import json
import uuid
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import Notice
from catalog.models import Individual
from core.numbers import order_number
from integration import contract, inbox
from integration.models import IncomingMessage
from orders.models import Order, Status
from patients.models import Loan
from tests import factories
from tests.orders.told import LATER, SOON, events, loans, quantities
from tests.sesam2 import incoming, response

pytestmark = pytest.mark.django_db


def put(order: Order, sequence: int, body: contract.Body) -> IncomingMessage:
    """The message as SESAM2 sends it, received and acted on."""
    message_id = uuid.uuid4()
    message = contract.envelope(
        type(body).__name__,
        str(order.number),
        sequence,
        body,
        message_id=message_id,
        created=timezone.localtime(),
        sender="7359999900017",
        receiver="7359999900031",
    )
    assert inbox.receive(contract.dump(message), message_id=str(message_id)) is inbox.Received.STORED
    inbox.process_next()
    return IncomingMessage.objects.get(pk=message_id)


def test_a_full_life_through_the_inbox() -> None:
    order = factories.order(lines=2, quantity=2)
    number = str(order.number)
    now = timezone.localtime()
    despatch = partial(contract.DespatchAdvice, order_number=number, despatched_at=now, carrier="Bring", tracking_url="https://spar.example/1")
    individuals = [contract.DespatchedIndividual(individual_number="40-1"), contract.DespatchedIndividual(individual_number="40-2", serial_number="X")]
    life = [
        (contract.OrderResponse(order_number=number, erp_order_number="900001", code=contract.ResponseCode.AB), Status.RECEIVED),
        (contract.OrderResponse(order_number=number, erp_order_number="900001", code=contract.ResponseCode.AP, promised_date=SOON), Status.CONFIRMED),
        (contract.DeliveryDelayed(order_number=number, promised_date=LATER, previous_date=SOON, reason="Tyget är slut"), Status.CONFIRMED),
        (
            despatch(despatch_number="F1", lines=[contract.DespatchLine(line=1, quantity=2, outstanding=0, individuals=individuals, lot="L7")]),
            Status.CONFIRMED,
        ),
        (
            contract.DeliveryConfirmation(
                order_number=number, despatch_number="F1", delivered_at=now, place_type=contract.PlaceType.RESIDENCE, signed=True, signed_by="patienten"
            ),
            Status.PARTLY_DELIVERED,
        ),
        (despatch(despatch_number="F2", lines=[contract.DespatchLine(line=2, quantity=1, outstanding=1)]), Status.PARTLY_DELIVERED),
        (
            contract.DeliveryConfirmation(
                order_number=number,
                despatch_number="F2",
                delivered_at=now,
                place_type=contract.PlaceType.DELIVERY_POINT,
                signed=True,
                lines=[contract.DeliveredLine(line=2, quantity=1)],
            ),
            Status.PARTLY_DELIVERED,
        ),
        (
            contract.OrderCancelled(order_number=number, reason_code=contract.CancelledReason.OUT_OF_STOCK, reason="Slut", lines=[2], new_order_required=True),
            Status.RECEIPTED,
        ),
    ]
    statuses = []
    for sequence, (body, _) in enumerate(life, start=1):
        message = put(order, sequence, body)
        assert (message.state, message.last_error) == (IncomingMessage.State.DONE, "")
        statuses.append(Order.objects.get(pk=order.pk).status)
    assert statuses == [status for _, status in life]
    assert quantities(order) == [(2, 0, 0, 2), (1, 0, 1, 1)]
    assert loans(order) == [("", 1), ("40-1", 1), ("40-2", 1)]
    assert dict(Individual.objects.values_list("number", "serial_number")) == {"40-1": "", "40-2": "X"}
    assert events(order) == ["PLACED", "RECEIVED", "CONFIRMED", "DELAYED", "DESPATCHED", "DELIVERED", "DESPATCHED", "DELIVERED", "CANCELLED"]


@pytest.mark.parametrize("place", ["RESIDENCE", "DELIVERY_POINT", "UNIT", "STORE", "HOSPITAL"])
@pytest.mark.parametrize("signed", [True, False])
def test_kvitterad_only_when_signed_at_the_stay_address_or_a_delivery_point(place: str, signed: bool) -> None:
    order = factories.order()
    body = contract.DeliveryConfirmation(order_number=str(order.number), delivered_at=timezone.localtime(), place_type=contract.PlaceType(place), signed=signed)
    put(order, 1, body)
    is_receipted = signed and place in {"RESIDENCE", "DELIVERY_POINT"}
    assert Order.objects.get(pk=order.pk).status == (Status.RECEIPTED if is_receipted else Status.DELIVERED)
    assert Notice.objects.get().word == ("Kvitterad" if is_receipted else "Levererad")
    assert loans(order) == [("", 1)]


def test_an_answer_with_another_number_in_sesam2_is_parked() -> None:
    order = factories.order()
    number = str(order.number)
    put(order, 1, contract.OrderResponse(order_number=number, erp_order_number="900001", code=contract.ResponseCode.AB))
    message = put(order, 2, contract.OrderResponse(order_number=number, erp_order_number="900002", code=contract.ResponseCode.AP, promised_date=SOON))
    assert (message.state, message.last_error) == (IncomingMessage.State.PARKED, "another erpOrderNumber than before")
    assert (Order.objects.get(pk=order.pk).status, Order.objects.get(pk=order.pk).erp_number) == (Status.RECEIVED, "900001")


def test_a_report_about_an_unknown_order_waits() -> None:
    number = order_number("K", 2026, 99_999_999)
    message_id, raw = incoming("OrderResponse", number, response(number))
    inbox.receive(raw, message_id=message_id)
    inbox.process_next()
    message = IncomingMessage.objects.get(pk=message_id)
    assert (message.state, message.last_error) == (IncomingMessage.State.WAITING, "unknown subject")


def test_the_same_message_twice_is_acted_on_once() -> None:
    order = factories.order()
    message_id, raw = incoming("OrderResponse", str(order.number), response(str(order.number)))
    assert inbox.receive(raw, message_id=message_id) is inbox.Received.STORED
    assert inbox.receive(json.dumps(json.loads(raw), indent=1).encode(), message_id=message_id) is inbox.Received.KNOWN
    assert [inbox.process_next(), inbox.process_next()] == [inbox.Processed.DONE, inbox.Processed.NOTHING]
    assert events(order) == ["PLACED", "RECEIVED"]


def test_the_longest_that_the_contract_lets_through_is_stored() -> None:
    order = factories.order()
    number = str(order.number)
    despatch, lot, udi, url = "F" * 100, "L" * 100, "U" * 100, "https://spar.example/" + "a" * 1979
    put(order, 1, contract.OrderResponse(order_number=number, erp_order_number="9" * 100, code=contract.ResponseCode.AB, reason="å" * 10_000))
    lines = [contract.DespatchLine(line=1, quantity=1, outstanding=0, lot=lot, udi=udi)]
    advice = contract.DespatchAdvice(
        order_number=number, despatch_number=despatch, despatched_at=timezone.localtime(), carrier="c" * 500, tracking_url=url, lines=lines
    )
    put(order, 2, advice)
    confirmation = contract.DeliveryConfirmation(
        order_number=number, despatch_number=despatch, delivered_at=timezone.localtime(), place_type=contract.PlaceType.UNIT, signed=True, signed_by="s" * 500
    )
    put(order, 3, confirmation)
    assert set(IncomingMessage.objects.values_list("state", flat=True)) == {IncomingMessage.State.DONE}
    assert (order.despatches.get().tracking_url, order.deliveries.get().signed_by, Loan.objects.get().lot) == (url, "s" * 500, lot)


def test_a_line_that_stands_twice_in_a_despatch_or_a_delivery_is_added_up() -> None:
    order = factories.order(quantity=3)
    number = str(order.number)
    lots = [
        contract.DespatchLine(line=1, quantity=2, outstanding=1, lot="L1"),
        contract.DespatchLine(line=1, quantity=1, outstanding=0, lot="L2", individuals=[contract.DespatchedIndividual(individual_number="40-1")]),
    ]
    put(order, 1, contract.DespatchAdvice(order_number=number, despatch_number="F1", despatched_at=timezone.localtime(), lines=lots))
    came_twice = [contract.DeliveredLine(line=1, quantity=2), contract.DeliveredLine(line=1, quantity=1, individual_numbers=["40-1"])]
    confirmation = contract.DeliveryConfirmation(
        order_number=number,
        despatch_number="F1",
        delivered_at=timezone.localtime(),
        place_type=contract.PlaceType.RESIDENCE,
        signed=True,
        lines=came_twice,
    )
    put(order, 2, confirmation)
    assert quantities(order) == [(3, 0, 0, 3)]
    assert loans(order) == [("", 2), ("40-1", 1)]
    assert set(Loan.objects.values_list("lot", flat=True)) == {"L1"}
