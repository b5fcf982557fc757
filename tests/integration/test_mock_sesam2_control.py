"""What the stand-in does when POST /_control tells it to."""

import http.client
import time
from collections import Counter

import pytest

from integration import contract
from integration.mock_sesam2.control import Control
from tests.integration.mock_portal import EXAMPLES, K, ask, example, get_json, put, until


def test_fail_answers_as_told_and_stores_nothing(silent):
    silent.control(fail={"status": 503, "times": 2, "retryAfter": 7})
    message = example()
    status, headers, _ = ask(silent, "PUT", f"/messages/{message['messageId']}", contract.dump(message), nonce=message["messageId"])
    assert (status, headers["Retry-After"]) == (503, "7")
    assert silent.received == []
    assert [put(silent, message), put(silent, message), put(silent, message)] == [503, 202, 200]


def test_delay_keeps_the_portal_waiting(silent):
    silent.control(delay_ms=300)
    start = time.monotonic()
    assert put(silent, example()) == 202
    assert time.monotonic() - start >= 0.3


def test_drop_reply_stores_and_says_nothing(silent):
    silent.control(drop_reply=1)
    message = example()
    with pytest.raises(http.client.RemoteDisconnected):
        put(silent, message)
    assert silent.received == [message]
    assert put(silent, message) == 200


def test_garbage_200_is_no_answer_and_stores_nothing(silent):
    silent.control(garbage_200=1)
    message = example()
    status, headers, body = ask(silent, "PUT", f"/messages/{message['messageId']}", contract.dump(message), nonce=message["messageId"])
    assert (status, headers["Content-Type"]) == (200, "text/html")
    assert b"<html>" in body
    assert silent.received == []
    assert put(silent, message) == 202


def test_down_closes_every_connection_until_it_is_up_again(tiny_portal, stand_in):
    stand_in.control(down=True)
    with pytest.raises(http.client.RemoteDisconnected):
        put(stand_in, example())
    with pytest.raises(http.client.RemoteDisconnected):
        get_json(stand_in, "/health")
    stand_in.send("OrderCancelled", K, EXAMPLES["OrderCancelled"]["body"] | {"orderNumber": K})
    time.sleep(0.3)
    assert tiny_portal.arrivals == []
    stand_in.control(down=False)
    assert put(stand_in, example()) == 202
    until(lambda: tiny_portal.bodies("OrderCancelled"))


def test_duplicate_sends_everything_several_times(tiny_portal, stand_in):
    stand_in.control(duplicate=3)
    put(stand_in, EXAMPLES["StockWithdrawal"])
    until(lambda: len(tiny_portal.arrivals) == 3)
    assert len(tiny_portal.stored) == 1


def test_reorder_sends_the_next_ones_backwards(tiny_portal, stand_in):
    stand_in.control(reorder=3)
    for name in ("IndividualUpdated", "OrderCancelled", "DeliveryDelayed"):
        stand_in.send(name, EXAMPLES[name]["subject"], EXAMPLES[name]["body"])
    until(lambda: len(tiny_portal.stored) == 3)
    assert [envelope.message_type for envelope, _ in tiny_portal.stored] == ["DeliveryDelayed", "OrderCancelled", "IndividualUpdated"]
    assert stand_in.state()["control"]["reorder"] is False


def test_reorder_breaks_the_order_within_a_subject_while_it_is_on(tiny_portal, stand_in):
    stand_in.control(auto=False, reorder=True)
    for _ in range(3):
        stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: len(tiny_portal.stored) == 3)
    assert [envelope.sequence for envelope, _ in tiny_portal.stored] == [3, 2, 1]


def test_reject_article_refuses_the_line_or_the_whole_order(tiny_portal, stand_in):
    stand_in.control(reject_article="AR-BORD")
    put(stand_in, example())
    changed = until(lambda: [body for body in tiny_portal.bodies("OrderResponse") if body.code == "CA"])[0]
    assert [(line.line, line.status) for line in changed.lines] == [(1, 5), (2, 7)]
    assert [line.line for line in until(lambda: tiny_portal.bodies("DespatchAdvice"))[0].lines] == [1]
    stand_in.control(reject_article=["AR-BORD", "104501"])
    put(stand_in, example(running=500))
    until(lambda: [body for body in tiny_portal.bodies("OrderResponse") if body.code == "RE"])


def test_cancel_next_cancels_the_next_order_only(tiny_portal, stand_in):
    stand_in.control(cancel_next={"reasonCode": "DISCONTINUED", "reason": "Utgått."})
    first, second = example(running=501), example(running=502)
    put(stand_in, first)
    put(stand_in, second)
    until(lambda: tiny_portal.bodies("OrderCancelled") and tiny_portal.bodies("DespatchAdvice"))
    assert [name for name, _ in tiny_portal.said(first["subject"])] == ["OrderResponse", "OrderCancelled"]
    assert tiny_portal.bodies("OrderCancelled")[0].reason_code == "DISCONTINUED"
    assert tiny_portal.bodies("DespatchAdvice")[0].order_number == second["subject"]


def test_delay_next_moves_the_date_of_the_next_order(tiny_portal, stand_in):
    stand_in.control(delay_next={"days": 14, "reason": "Båten är sen."})
    put(stand_in, example())
    late = until(lambda: tiny_portal.bodies("DeliveryDelayed"))[0]
    assert late.reason == "Båten är sen."
    assert late.previous_date == tiny_portal.bodies("OrderResponse")[1].promised_date
    assert (late.promised_date - late.previous_date).days >= 14
    until(lambda: tiny_portal.bodies("DeliveryConfirmation"))


def test_an_order_that_is_there_is_delayed_and_cancelled_at_once(tiny_portal, stand_in):
    stand_in.control(speed=1)
    put(stand_in, example())
    stand_in.control(delay_next={"orderNumber": K, "unknown": True, "reason": "Vet inte än."})
    assert until(lambda: tiny_portal.bodies("DeliveryDelayed"))[0].promised_date is None
    stand_in.control(cancel_next={"orderNumber": K})
    until(lambda: tiny_portal.bodies("OrderCancelled"))
    with pytest.raises(ValueError, match="no such open order"):
        stand_in.control(cancel_next={"orderNumber": K})


def test_split_next_despatches_in_parts_that_add_up(tiny_portal, stand_in):
    stand_in.control(split_next=2)
    message = example()
    message["body"]["lines"][0]["quantity"] = 7
    put(stand_in, message)
    until(lambda: len(tiny_portal.bodies("DeliveryConfirmation")) == 2)
    despatched, delivered = Counter(), Counter()
    for advice, confirmation in zip(tiny_portal.bodies("DespatchAdvice"), tiny_portal.bodies("DeliveryConfirmation"), strict=True):
        assert advice.despatch_number == confirmation.despatch_number
        despatched.update({line.line: line.quantity for line in advice.lines})
        delivered.update({line.line: line.quantity for line in confirmation.lines})
    assert despatched == delivered == Counter({1: 7, 2: 1})
    assert [line.outstanding for line in tiny_portal.bodies("DespatchAdvice")[0].lines if line.line == 1] == [4]


def test_send_says_anything_that_the_contract_allows(tiny_portal, stand_in):
    for name in contract.INCOMING:
        stand_in.send(name, EXAMPLES[name]["subject"], EXAMPLES[name]["body"])
    until(lambda: len(tiny_portal.stored) == len(contract.INCOMING))
    assert {envelope.message_type for envelope, _ in tiny_portal.stored} == set(contract.INCOMING)


def test_send_refuses_what_the_contract_does_not_allow_and_counts_nothing(tiny_portal, stand_in):
    with pytest.raises(ValueError, match="contract does not allow"):
        stand_in.send("OrderResponse", K, {"orderNumber": K})
    stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    assert until(lambda: tiny_portal.stored)[0][0].sequence == 1


def test_a_refused_message_is_parked_and_the_next_about_it_goes_with_a_gap(tiny_portal, stand_in):
    stand_in.send("OrderResponse", K, {"orderNumber": K}, unchecked=True)
    stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    assert until(lambda: tiny_portal.stored)[0][0].sequence == 2
    assert [row["status"] for row in stand_in.state()["parked"]] == [422]
    tiny_portal.broken.clear()


def test_without_auto_it_only_stores(tiny_portal, stand_in):
    stand_in.control(auto=False)
    put(stand_in, example())
    time.sleep(0.3)
    assert tiny_portal.arrivals == []


def test_reset_forgets_and_behaves(silent):
    put(silent, example())
    silent.control(down=True, duplicate=5)
    silent.reset()
    state = silent.state()
    assert (state["received"], state["sent"], state["waiting"]) == ([], [], [])
    assert {name: value for name, value in state["control"].items() if name != "speed"} == Control().shown()
    assert put(silent, example()) == 202


@pytest.mark.parametrize(
    "switches",
    [
        {"nothing": 1},
        {"fail": 503},
        {"fail": {"status": 99}},
        {"fail": {"status": 503, "times": -1}},
        {"fail": {"status": 503, "more": 1}},
        {"fail": {"status": 503, "retryAfter": "a\r\nb"}},
        {"delay_ms": "10"},
        {"delay_ms": True},
        {"duplicate": 0},
        {"reorder": "yes"},
        {"drop_reply": -1},
        {"reject_article": 5},
        {"cancel_next": "yes"},
        {"cancel_next": {"orderNumber": K}},
        {"delay_next": {"days": 0}},
        {"delay_next": {"days": "3"}},
        {"garbage_200": None},
        {"down": 1},
        {"auto": None},
        {"speed": 0},
        {"speed": "fast"},
        {"reset": False},
        {"retry": 1},
        {"reset": True, "send": {}},
        {"send": {}},
        {"send": {"messageType": "Nothing", "subject": "x", "body": {}}},
        {"send": {"messageType": "CustomerOrder", "subject": K, "body": EXAMPLES["CustomerOrder"]["body"]}},
        {"invoice_basis": 1},
        {"invoice_basis": {"period": "2026"}},
        {"invoice_basis": {"lines": -1}},
    ],
    ids=str,
)
def test_bad_control_input_is_refused_with_a_text_and_changes_nothing(silent, switches):
    before = silent.state()
    with pytest.raises(ValueError, match=r"^400: \w+"):
        silent.control(**({"delay_ms": 5} | switches))
    assert silent.state() == before


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {"Content-Type": "application/json"}, 400),
        (b"[]", {"Content-Type": "application/json"}, 400),
        (b"{}", {"Content-Type": "text/plain"}, 400),
        (b"{}", {}, 400),
        (b"{}", {"Content-Type": "application/json", "Host": "evil.example"}, 403),
        (b"{}", {"Content-Type": "application/json"}, 200),
    ],
)
def test_control_answers_this_machine_only_and_no_web_page(silent, body, headers, status):
    connection = http.client.HTTPConnection("127.0.0.1", silent.config.port, timeout=5)
    connection.request("POST", "/_control", body, headers)
    assert connection.getresponse().status == status
    connection.close()
