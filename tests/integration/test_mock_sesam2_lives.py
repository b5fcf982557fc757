"""The lives of orders at the stand-in, and how it sends what it says."""

import socket
import time

import pytest

from core.numbers import order_number
from integration.mock_sesam2.dates import today
from integration.mock_sesam2.sender import seconds_of
from integration.mock_sesam2.testing import MockSesam2
from tests.integration.mock_portal import EXAMPLES, K, example, get_json, put, until


def test_a_kundorder_goes_from_received_to_signed_at_home(tiny_portal, stand_in):
    put(stand_in, example())
    until(lambda: tiny_portal.bodies("DeliveryConfirmation"))
    assert tiny_portal.said() == [("OrderResponse", "AB"), ("OrderResponse", "AP"), ("DespatchAdvice", ""), ("DeliveryConfirmation", "")]
    accepted = tiny_portal.bodies("OrderResponse")[1]
    assert accepted.promised_date > today()
    assert accepted.promised_date.weekday() < 5
    advice, delivered = tiny_portal.bodies("DespatchAdvice")[0], tiny_portal.bodies("DeliveryConfirmation")[0]
    assert [(line.line, line.quantity, line.outstanding) for line in advice.lines] == [(1, 1, 0), (2, 1, 0)]
    assert (delivered.place_type, delivered.signed, delivered.despatch_number) == ("RESIDENCE", True, advice.despatch_number)
    assert delivered.lines[0].individual_numbers == [advice.lines[0].individuals[0].individual_number]
    assert len({body.erp_order_number for body in tiny_portal.bodies("OrderResponse")}) == 1


@pytest.mark.parametrize(
    ("delivery", "place", "signed"),
    [
        ({"method": "HOME", "hospital": False}, "RESIDENCE", True),
        ({"method": "HOME", "hospital": True}, "HOSPITAL", False),
        ({"method": "DELIVERY_POINT", "hospital": False}, "DELIVERY_POINT", True),
        ({"method": "UNIT", "hospital": False}, "UNIT", True),
        ({"method": "UNIT", "hospital": True}, "HOSPITAL", False),
        ({"method": "MANUAL_CONTACT", "hospital": False}, "UNIT", True),
    ],
)
def test_where_it_is_delivered_decides_how_it_is_signed(tiny_portal, stand_in, delivery, place, signed):
    put(stand_in, example(delivery=delivery))
    delivered = until(lambda: tiny_portal.bodies("DeliveryConfirmation"))[0]
    assert (delivered.place_type, delivered.signed) == (place, signed)


def test_an_order_to_a_store_ends_at_the_store(tiny_portal, stand_in):
    put(stand_in, EXAMPLES["StockOrder"])
    assert until(lambda: tiny_portal.bodies("DeliveryConfirmation"))[0].place_type == "STORE"


def test_a_withdrawal_is_answered_as_already_delivered(tiny_portal, stand_in):
    message = EXAMPLES["StockWithdrawal"]
    put(stand_in, message)
    until(lambda: tiny_portal.said(message["subject"]))
    assert [(line.line, line.status) for line in tiny_portal.bodies("OrderResponse")[0].lines] == [(1, 42)]


def test_an_arbetsorder_waits_for_the_answer_to_its_cost(tiny_portal, stand_in):
    message = EXAMPLES["WorkOrder"]
    number = message["subject"]
    before = [("OrderResponse", "AB"), ("OrderResponse", "AP"), ("WorkOrderStatus", "PLANNED"), ("WorkOrderStatus", "WAITING")]
    put(stand_in, message)
    until(lambda: tiny_portal.said(number) == before)
    time.sleep(0.3)
    assert tiny_portal.said(number) == before
    put(stand_in, EXAMPLES["CostProposalAnswer"])
    until(lambda: tiny_portal.said(number) == [*before, ("WorkOrderStatus", "STARTED"), ("WorkOrderStatus", "COMPLETED")])


def test_an_arbetsorder_is_cancelled_when_its_cost_is_refused(tiny_portal, stand_in):
    put(stand_in, EXAMPLES["WorkOrder"])
    until(lambda: len(tiny_portal.bodies("WorkOrderStatus")) == 2)
    put(stand_in, example("CostProposalAnswer", approved=False))
    until(lambda: tiny_portal.bodies("OrderCancelled"))
    time.sleep(0.3)
    assert tiny_portal.said(EXAMPLES["WorkOrder"]["subject"])[-1][0] == "OrderCancelled"


def test_an_arbetsorder_sent_again_begins_anew_under_its_number(tiny_portal, stand_in):
    message = example("WorkOrder", costProposalWanted=False)
    put(stand_in, message)
    until(lambda: tiny_portal.said(message["subject"])[-1:] == [("WorkOrderStatus", "PLANNED")])
    again = example("WorkOrder", costProposalWanted=False) | {"sequence": 2}
    put(stand_in, again)
    until(lambda: tiny_portal.said(message["subject"])[-1:] == [("WorkOrderStatus", "COMPLETED")])
    assert len({body.erp_order_number for body in tiny_portal.bodies("OrderResponse")}) == 1


def test_a_pickup_is_scheduled_fetched_and_deregistered(tiny_portal, stand_in):
    message = EXAMPLES["PickupOrder"]
    put(stand_in, message)
    until(lambda: len(tiny_portal.bodies("PickupStatus")) == 3)
    assert [status for _, status in tiny_portal.said(message["subject"])] == ["AB", "AP", "SCHEDULED", "PICKED_UP", "DEREGISTERED"]


def test_an_item_that_is_missing_is_told_and_the_rest_deregistered(tiny_portal, stand_in):
    stand_in.control(missing_next=[2])
    put(stand_in, EXAMPLES["PickupOrder"])
    until(lambda: len(tiny_portal.bodies("PickupStatus")) == 3)
    told = [[(item.line, item.found) for item in body.items or []] for body in tiny_portal.bodies("PickupStatus")]
    assert told == [[], [(1, True), (2, False)], [(1, True)]]


def test_a_pickup_whose_items_are_all_missing_ends_there(tiny_portal, stand_in):
    stand_in.control(missing_next=[1, 2])
    put(stand_in, EXAMPLES["PickupOrder"])
    until(lambda: len(tiny_portal.bodies("PickupStatus")) == 2)
    time.sleep(0.3)
    assert [status for _, status in tiny_portal.said(EXAMPLES["PickupOrder"]["subject"])] == ["AB", "AP", "SCHEDULED", "PICKED_UP"]


def test_a_planned_pickup_is_neither_cancelled_nor_moved(tiny_portal, stand_in):
    message = EXAMPLES["PickupOrder"]
    put(stand_in, message)
    until(lambda: ("PickupStatus", "SCHEDULED") in tiny_portal.said(message["subject"]))
    change = EXAMPLES["DeliveryChange"]
    body = {"orderNumber": message["subject"], "reason": "NOT_NEEDED", "note": "Behålls"}
    put(stand_in, example("CancellationRequest") | {"subject": message["subject"], "sequence": 2, "body": body})
    put(stand_in, change | {"subject": message["subject"], "sequence": 3, "body": change["body"] | {"orderNumber": message["subject"]}})
    until(lambda: tiny_portal.bodies("CancellationRefused") and tiny_portal.bodies("DeliveryChangeRefused"))


@pytest.mark.parametrize("wanted", [True, False])
def test_a_fault_report_is_answered_when_an_answer_is_wanted(tiny_portal, stand_in, wanted):
    message = example("FaultReport", answerWanted=wanted)
    put(stand_in, message)
    until(lambda: ("FaultReportStatus", "CLOSED") in tiny_portal.said(message["subject"]))
    assert len(tiny_portal.bodies("FaultReportAnswer")) == wanted


@pytest.mark.parametrize(
    "name", ["ReturnReceipt", "StockCorrection", "PayerChanged", "PatientIdentityChanged", "StockReturn", "LoanChange", "LostAidFound", "GoodsReceipt"]
)
def test_what_needs_no_answer_gets_none(tiny_portal, stand_in, name):
    assert put(stand_in, EXAMPLES[name]) == 202
    time.sleep(0.15)
    assert tiny_portal.stored == []


def test_a_cancellation_is_granted_before_despatch(tiny_portal, stand_in):
    put(stand_in, example())
    put(stand_in, example("CancellationRequest", lines=None))
    cancelled = until(lambda: tiny_portal.bodies("OrderCancelled"))[0]
    assert (cancelled.reason_code, cancelled.lines, cancelled.new_order_required) == ("REQUESTED", None, False)
    time.sleep(0.6)
    assert tiny_portal.bodies("DespatchAdvice") == []
    assert get_json(stand_in, "/open-orders")["orders"] == []


def test_a_cancelled_line_is_not_despatched(tiny_portal, stand_in):
    put(stand_in, example())
    put(stand_in, EXAMPLES["CancellationRequest"])
    advice = until(lambda: tiny_portal.bodies("DespatchAdvice"))[0]
    assert tiny_portal.bodies("OrderCancelled")[0].lines == [2]
    assert [line.line for line in advice.lines] == [1]


def test_after_despatch_cancellation_and_change_are_refused(tiny_portal, stand_in):
    put(stand_in, example())
    until(lambda: tiny_portal.bodies("DespatchAdvice"))
    put(stand_in, EXAMPLES["CancellationRequest"])
    put(stand_in, EXAMPLES["DeliveryChange"])
    until(lambda: tiny_portal.bodies("CancellationRefused") and tiny_portal.bodies("DeliveryChangeRefused"))


def test_an_unknown_order_cannot_be_cancelled(tiny_portal, stand_in):
    put(stand_in, EXAMPLES["CancellationRequest"])
    until(lambda: tiny_portal.bodies("CancellationRefused"))


def test_a_changed_delivery_is_where_it_goes(tiny_portal, stand_in):
    put(stand_in, example())
    put(stand_in, EXAMPLES["DeliveryChange"])
    assert until(lambda: tiny_portal.bodies("DeliveryConfirmation"))[0].place_type == "DELIVERY_POINT"
    assert tiny_portal.bodies("DeliveryChangeRefused") == []


def test_what_is_not_taken_is_sent_again_until_it_is(tiny_portal, stand_in):
    tiny_portal.answers = [(503, {}), (500, {}), (-1, {}), (401, {}), (302, {"Location": "/elsewhere"}), (408, {})]
    stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: tiny_portal.stored)
    assert len(tiny_portal.arrivals) == 7
    assert len({envelope.message_id for envelope, _, _ in tiny_portal.arrivals}) == 1


def test_retry_after_is_honoured(tiny_portal, stand_in):
    tiny_portal.answers = [(429, {"Retry-After": "1"})]
    stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: tiny_portal.stored)
    assert tiny_portal.arrivals[1][2] - tiny_portal.arrivals[0][2] >= 0.95


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_is_refused_for_good_is_sent_once(tiny_portal, stand_in, status):
    tiny_portal.answers = [(status, {})]
    stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    stand_in.wait_for(lambda mock: mock.state()["parked"])
    time.sleep(0.2)
    assert len(tiny_portal.arrivals) == 1


def test_the_next_about_a_subject_waits_while_other_subjects_go_on(tiny_portal, stand_in):
    stand_in.control(auto=False)
    tiny_portal.answers = [(503, {"Retry-After": "1"})]
    stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: tiny_portal.arrivals)
    stand_in.send("DeliveryDelayed", K, EXAMPLES["DeliveryDelayed"]["body"])
    stand_in.send("IndividualUpdated", "I1045017", EXAMPLES["IndividualUpdated"]["body"])
    until(lambda: len(tiny_portal.stored) == 3)
    assert [(envelope.subject, envelope.sequence) for envelope, _ in tiny_portal.stored] == [("I1045017", 1), (K, 1), (K, 2)]


def test_each_subject_has_its_own_sequence_without_gaps_and_in_order(tiny_portal, stand_in):
    tiny_portal.delay = 0.005
    numbers = [order_number("K", 2026, running) for running in range(600, 620)]
    for running in range(600, 620):
        put(stand_in, example(running=running))
    until(lambda: len(tiny_portal.bodies("DeliveryConfirmation")) == 20)
    for number in numbers:
        assert [envelope.sequence for envelope, _ in tiny_portal.stored if envelope.subject == number] == [1, 2, 3, 4]


def test_a_restart_loses_nothing(tiny_portal, tmp_path):
    mock = MockSesam2("http://127.0.0.1:9", speed=1000, db=tmp_path / "x.sqlite3")
    with mock:
        put(mock, example())
        mock.wait_for(lambda mock: mock.state()["waiting"])
    mock.portal_url = tiny_portal.url
    with mock:
        assert put(mock, example()) == 202
        assert [message["messageType"] for message in mock.received] == ["CustomerOrder", "CustomerOrder"]
        until(lambda: tiny_portal.bodies("DeliveryConfirmation"))
    sequences = [envelope.sequence for envelope, _ in tiny_portal.stored]
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_portal_that_is_away_gets_everything_later(tiny_portal):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with MockSesam2(f"http://127.0.0.1:{port}", speed=200) as mock:
        put(mock, example())
        mock.wait_for(lambda mock: any(row["attempts"] > 1 for row in mock.state()["waiting"]))
        mock.portal_url = tiny_portal.url
        until(lambda: tiny_portal.bodies("DeliveryConfirmation"))


@pytest.mark.parametrize(
    ("value", "least", "most"), [("3", 3, 3), ("", 0, 0), ("soon", 0, 0), ("-1", 0, 0), ("99999999999", 3600, 3600), ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0)]
)
def test_retry_after_is_read_in_both_forms(value, least, most):
    assert least <= seconds_of(value) <= most
