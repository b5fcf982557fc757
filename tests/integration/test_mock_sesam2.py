"""The stand-in for SESAM2 over real HTTP, against a portal of a few lines that believes only what is rightly signed."""

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.numbers import order_number
from integration import contract, signature
from integration.mock_sesam2.control import Control
from integration.mock_sesam2.dates import today, weekday, weekdays_ahead
from integration.mock_sesam2.sender import seconds_of
from integration.mock_sesam2.testing import MockSesam2
from integration.sesam2_docs.examples import PORTAL_GLN, SESAM2_GLN, make_examples

ROOT = Path(__file__).resolve().parents[2]
PORTAL_KEY, PORTAL_SECRET = "portal-demo", "demo-secret-of-the-portal"
SESAM2_KEYS = {"sesam2-demo": "demo-secret-of-sesam2"}
EXAMPLES = make_examples()
K = EXAMPLES["CustomerOrder"]["subject"]


class Portal:
    """Stores what SESAM2 sends, once for each messageId, with the project's own code for signature and contract."""

    def __init__(self):
        self.stored, self.arrivals, self.answers, self.delay, self.broken = [], [], [], 0.0, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                outer.put(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def put(self, request):
        raw = request.rfile.read(int(request.headers["Content-Length"]))
        try:
            verified = signature.verify(method="PUT", path_and_query=request.path, headers=dict(request.headers), body=raw, keys=SESAM2_KEYS)
            envelope, body = contract.parse_incoming(raw)
            assert request.path == f"/api/sesam2/v1/messages/{envelope.message_id}"
            assert verified.nonce == str(envelope.message_id)
            assert (envelope.sender, envelope.receiver) == (SESAM2_GLN, PORTAL_GLN)
        except (signature.BadSignature, contract.ContractError, AssertionError) as error:
            self.broken.append(error)
            self.answer(request, getattr(error, "status", 401), {})
            return
        time.sleep(self.delay)
        self.arrivals.append((envelope, body, time.monotonic()))
        status, headers = self.answers.pop(0) if self.answers else (0, {})
        if status == 0:
            status = 200 if envelope.message_id in [known.message_id for known, _ in self.stored] else 202
            if status == 202:
                self.stored.append((envelope, body))
        self.answer(request, status, headers)

    def answer(self, request, status, headers):
        if status == -1:
            request.close_connection = True
            return
        request.send_response(status)
        request.send_header("Content-Length", "0")
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()

    def said(self, subject=K):
        """(messageType, what it says in short) of each message about the subject, by sequence."""
        found = [(envelope.sequence, envelope.message_type, body) for envelope, body in list(self.stored) if envelope.subject == subject]
        found.sort(key=lambda item: item[0])
        return [(name, str(getattr(body, "code", None) or getattr(body, "status", None) or "")) for _, name, body in found]

    def bodies(self, name):
        return [body for envelope, body in self.stored if envelope.message_type == name]

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def portal():
    portal = Portal()
    yield portal
    portal.stop()
    assert portal.broken == []


@pytest.fixture
def sesam2(portal):
    with MockSesam2(portal.url, speed=200) as mock:
        yield mock


@pytest.fixture
def silent():
    """The stand-in without a portal and without lives of its own."""
    with MockSesam2() as mock:
        mock.control(auto=False)
        yield mock


def until(condition, seconds=8.0):
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
    return answer


def example(name="CustomerOrder", running=None, message_id=None, **body):
    """An example under another number and a messageId of its own."""
    message = json.loads(json.dumps(EXAMPLES[name]))
    message["messageId"] = message_id or str(uuid.uuid4())
    message["body"] |= body
    if running is not None:
        message["subject"] = message["body"]["orderNumber"] = order_number(message["subject"][0], 2026, running)
    return message


def ask(mock, method, target, body=b"", headers=None, *, nonce=None, key_id=PORTAL_KEY, secret=PORTAL_SECRET, timestamp=None, content_type="application/json"):
    """One signed request of the portal: status, headers, body."""
    signed = signature.sign(
        method=method, path_and_query=target, nonce=nonce or str(uuid.uuid4()), body=body, key_id=key_id, secret=secret, timestamp=timestamp
    )
    if method == "PUT" and content_type:
        signed["Content-Type"] = content_type
    connection = http.client.HTTPConnection("127.0.0.1", mock.config.port, timeout=10)
    try:
        connection.request(method, target, body or None, signed | (headers or {}))
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def put(mock, message, **changes):
    return ask(mock, "PUT", f"/messages/{message['messageId']}", contract.dump(message), nonce=message["messageId"], **changes)[0]


def get_json(mock, target):
    status, _, body = ask(mock, "GET", target)
    assert status == 200, body
    return json.loads(body)


# --- the door -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", contract.OUTGOING)
def test_every_message_of_the_portal_is_stored(silent, name):
    assert put(silent, EXAMPLES[name]) == 202
    assert silent.received == [EXAMPLES[name]]


def test_the_same_value_again_is_200_and_another_409(silent):
    message = example()
    raw = contract.dump(message)
    target = f"/messages/{message['messageId']}"
    written_otherwise = json.dumps(message, indent=3, sort_keys=True, ensure_ascii=True).encode()
    other = contract.dump(message | {"sequence": 2})
    answers = [ask(silent, "PUT", target, body, nonce=message["messageId"])[0] for body in (raw, raw, written_otherwise, other, raw)]
    assert answers == [202, 200, 200, 409, 200]
    assert silent.received == [message]


@pytest.mark.parametrize("name", ["OrderResponse", "ArticleUpdate"])
def test_messages_of_its_own_are_refused(silent, name):
    assert put(silent, EXAMPLES[name]) == 422


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"sequence": 0}, 422),
        ({"new": 1}, 422),
        ({"sender": SESAM2_GLN}, 422),
        ({"receiver": "7359999900024"}, 422),
        ({"subject": order_number("K", 2026, 9)}, 422),
        ({"messageType": "Nothing"}, 422),
    ],
)
def test_what_breaks_the_contract_is_refused_and_not_stored(silent, change, status):
    message = example() | change
    answer, headers, body = ask(silent, "PUT", f"/messages/{message['messageId']}", contract.dump(message), nonce=message["messageId"])
    assert answer == status
    assert headers["Content-Type"] == "application/problem+json"
    problem = json.loads(body)
    assert problem["errors"]
    assert {"title", "detail"} <= set(problem)
    assert silent.received == []


@pytest.mark.parametrize("raw", [b"{", b"\xff", b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 10_000])
def test_bytes_that_are_no_json_are_refused(silent, raw):
    message_id = str(uuid.uuid4())
    assert ask(silent, "PUT", f"/messages/{message_id}", raw, nonce=message_id)[0] == 400


def test_the_id_in_the_path_is_the_messages_and_the_nonce(silent):
    message, other = example(), str(uuid.uuid4())
    raw = contract.dump(message)
    assert ask(silent, "PUT", f"/messages/{other}", raw, nonce=other)[0] == 422
    assert ask(silent, "PUT", f"/messages/{message['messageId']}", raw, nonce=other)[0] == 401
    assert ask(silent, "PUT", f"/messages/{message['messageId'].upper()}", raw, nonce=message["messageId"].upper())[0] == 202


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml"])
def test_another_content_type_is_refused(silent, content_type):
    assert put(silent, example(), content_type=content_type) == 415


def test_content_type_may_name_its_charset(silent):
    assert put(silent, example(), content_type="application/json; charset=utf-8") == 202


def test_a_body_over_one_mebibyte_is_refused(silent):
    message_id = str(uuid.uuid4())
    assert ask(silent, "PUT", f"/messages/{message_id}", b" " * (1024 * 1024 + 1), nonce=message_id)[0] == 413
    assert ask(silent, "PUT", f"/messages/{message_id}", b" " * (1024 * 1024), nonce=message_id)[0] == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"secret": "another"}, 401),
        ({"key_id": "nobody"}, 401),
        ({"timestamp": int(time.time()) - 400}, 401),
        ({"timestamp": int(time.time()) + 400}, 401),
        ({"headers": {"X-Sesam2-Signature": "v1=" + "0" * 64}}, 401),
        ({"headers": {"X-Sesam2-Nonce": "1"}}, 401),
        ({"headers": {"X-Sesam2-Timestamp": "x"}}, 401),
    ],
)
def test_a_wrong_signature_is_not_let_in(silent, changes, status):
    assert put(silent, example(), **changes) == status
    assert ask(silent, "GET", "/health", **changes)[0] == status


def test_a_request_without_signature_is_not_let_in(silent):
    connection = http.client.HTTPConnection("127.0.0.1", silent.config.port, timeout=5)
    for target in ("/health", "/messages", "/open-orders"):
        connection.request("GET", target)
        response = connection.getresponse()
        assert (response.status, response.headers["Content-Type"]) == (401, "application/problem+json")
        response.read()
    connection.close()


def test_the_query_is_signed_too_and_a_nonce_of_get_counts_once(silent):
    nonce = str(uuid.uuid4())
    assert ask(silent, "GET", "/messages?after=&limit=5", nonce=nonce)[0] == 200
    assert ask(silent, "GET", "/messages?after=&limit=5", nonce=nonce)[0] == 401
    signed = signature.sign(method="GET", path_and_query="/messages?limit=5", nonce=str(uuid.uuid4()), body=b"", key_id=PORTAL_KEY, secret=PORTAL_SECRET)
    assert ask(silent, "GET", "/messages?limit=6", headers=signed)[0] == 401


def test_both_signatures_count_during_rotation(silent):
    message = example()
    raw, target = contract.dump(message), f"/messages/{message['messageId']}"
    sign = {"method": "PUT", "path_and_query": target, "nonce": message["messageId"], "body": raw}
    good = signature.sign(**sign, key_id=PORTAL_KEY, secret=PORTAL_SECRET)
    bad = signature.sign(**sign, key_id="portal-next", secret="new", timestamp=int(good[signature.TIMESTAMP]))
    headers = {
        signature.KEY: f"portal-next,{PORTAL_KEY}",
        signature.SIGNATURE: f"{bad[signature.SIGNATURE]},{good[signature.SIGNATURE]}",
        signature.TIMESTAMP: good[signature.TIMESTAMP],
    }
    assert ask(silent, "PUT", target, raw, headers, nonce=message["messageId"])[0] == 202


@pytest.mark.parametrize("target", ["/", "/nothing", "/messages/x/y", "/invoice-bases/none/lines"])
def test_unknown_paths_are_not_found(silent, target):
    assert ask(silent, "GET", target)[0] == 404


def test_health_answers(silent):
    assert get_json(silent, "/health") == {"status": "ok"}


# --- lives ------------------------------------------------------------------------------------------------


def test_a_kundorder_goes_from_received_to_signed_at_home(portal, sesam2):
    put(sesam2, example())
    until(lambda: portal.bodies("DeliveryConfirmation"))
    assert portal.said() == [("OrderResponse", "AB"), ("OrderResponse", "AP"), ("DespatchAdvice", ""), ("DeliveryConfirmation", "")]
    accepted = portal.bodies("OrderResponse")[1]
    assert accepted.promised_date > today()
    assert accepted.promised_date.weekday() < 5
    advice, delivered = portal.bodies("DespatchAdvice")[0], portal.bodies("DeliveryConfirmation")[0]
    assert [(line.line, line.quantity, line.outstanding) for line in advice.lines] == [(1, 1, 0), (2, 1, 0)]
    assert (delivered.place_type, delivered.signed, delivered.despatch_number) == ("RESIDENCE", True, advice.despatch_number)
    assert delivered.lines[0].individual_numbers == [advice.lines[0].individuals[0].individual_number]
    assert len({body.erp_order_number for body in portal.bodies("OrderResponse")}) == 1


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
def test_where_it_is_delivered_decides_how_it_is_signed(portal, sesam2, delivery, place, signed):
    put(sesam2, example(delivery=delivery))
    delivered = until(lambda: portal.bodies("DeliveryConfirmation"))[0]
    assert (delivered.place_type, delivered.signed) == (place, signed)


def test_an_order_to_a_store_ends_at_the_store(portal, sesam2):
    put(sesam2, EXAMPLES["StockOrder"])
    assert until(lambda: portal.bodies("DeliveryConfirmation"))[0].place_type == "STORE"


def test_a_withdrawal_is_answered_as_already_delivered(portal, sesam2):
    message = EXAMPLES["StockWithdrawal"]
    put(sesam2, message)
    until(lambda: portal.said(message["subject"]))
    assert [(line.line, line.status) for line in portal.bodies("OrderResponse")[0].lines] == [(1, 42)]


def test_an_arbetsorder_waits_for_the_answer_to_its_cost(portal, sesam2):
    message = EXAMPLES["WorkOrder"]
    number = message["subject"]
    before = [("OrderResponse", "AB"), ("OrderResponse", "AP"), ("WorkOrderStatus", "PLANNED"), ("WorkOrderStatus", "WAITING")]
    put(sesam2, message)
    until(lambda: portal.said(number) == before)
    time.sleep(0.3)
    assert portal.said(number) == before
    put(sesam2, EXAMPLES["CostProposalAnswer"])
    until(lambda: portal.said(number) == [*before, ("WorkOrderStatus", "STARTED"), ("WorkOrderStatus", "COMPLETED")])


def test_an_arbetsorder_is_cancelled_when_its_cost_is_refused(portal, sesam2):
    put(sesam2, EXAMPLES["WorkOrder"])
    until(lambda: len(portal.bodies("WorkOrderStatus")) == 2)
    put(sesam2, example("CostProposalAnswer", approved=False))
    until(lambda: portal.bodies("OrderCancelled"))
    time.sleep(0.3)
    assert portal.said(EXAMPLES["WorkOrder"]["subject"])[-1][0] == "OrderCancelled"


def test_an_arbetsorder_sent_again_begins_anew_under_its_number(portal, sesam2):
    message = example("WorkOrder", costProposalWanted=False)
    put(sesam2, message)
    until(lambda: portal.said(message["subject"])[-1:] == [("WorkOrderStatus", "PLANNED")])
    again = example("WorkOrder", costProposalWanted=False) | {"sequence": 2}
    put(sesam2, again)
    until(lambda: portal.said(message["subject"])[-1:] == [("WorkOrderStatus", "COMPLETED")])
    assert len({body.erp_order_number for body in portal.bodies("OrderResponse")}) == 1


def test_a_pickup_is_scheduled_fetched_and_deregistered(portal, sesam2):
    message = EXAMPLES["PickupOrder"]
    put(sesam2, message)
    until(lambda: len(portal.bodies("PickupStatus")) == 3)
    assert [status for _, status in portal.said(message["subject"])] == ["AB", "AP", "SCHEDULED", "PICKED_UP", "DEREGISTERED"]


@pytest.mark.parametrize("wanted", [True, False])
def test_a_fault_report_is_answered_when_an_answer_is_wanted(portal, sesam2, wanted):
    message = example("FaultReport", answerWanted=wanted)
    put(sesam2, message)
    until(lambda: ("FaultReportStatus", "CLOSED") in portal.said(message["subject"]))
    assert len(portal.bodies("FaultReportAnswer")) == wanted


@pytest.mark.parametrize(
    "name", ["ReturnReceipt", "StockCorrection", "PayerChanged", "PatientIdentityChanged", "StockReturn", "LoanChange", "LostAidFound", "GoodsReceipt"]
)
def test_what_needs_no_answer_gets_none(portal, sesam2, name):
    assert put(sesam2, EXAMPLES[name]) == 202
    time.sleep(0.15)
    assert portal.stored == []


def test_a_cancellation_is_granted_before_despatch(portal, sesam2):
    put(sesam2, example())
    put(sesam2, example("CancellationRequest", lines=None))
    cancelled = until(lambda: portal.bodies("OrderCancelled"))[0]
    assert (cancelled.reason_code, cancelled.lines, cancelled.new_order_required) == ("REQUESTED", None, False)
    time.sleep(0.6)
    assert portal.bodies("DespatchAdvice") == []
    assert get_json(sesam2, "/open-orders")["orders"] == []


def test_a_cancelled_line_is_not_despatched(portal, sesam2):
    put(sesam2, example())
    put(sesam2, EXAMPLES["CancellationRequest"])
    advice = until(lambda: portal.bodies("DespatchAdvice"))[0]
    assert portal.bodies("OrderCancelled")[0].lines == [2]
    assert [line.line for line in advice.lines] == [1]


def test_after_despatch_cancellation_and_change_are_refused(portal, sesam2):
    put(sesam2, example())
    until(lambda: portal.bodies("DespatchAdvice"))
    put(sesam2, EXAMPLES["CancellationRequest"])
    put(sesam2, EXAMPLES["DeliveryChange"])
    until(lambda: portal.bodies("CancellationRefused") and portal.bodies("DeliveryChangeRefused"))


def test_an_unknown_order_cannot_be_cancelled(portal, sesam2):
    put(sesam2, EXAMPLES["CancellationRequest"])
    until(lambda: portal.bodies("CancellationRefused"))


def test_a_changed_delivery_is_where_it_goes(portal, sesam2):
    put(sesam2, example())
    put(sesam2, EXAMPLES["DeliveryChange"])
    assert until(lambda: portal.bodies("DeliveryConfirmation"))[0].place_type == "DELIVERY_POINT"
    assert portal.bodies("DeliveryChangeRefused") == []


# --- _control -----------------------------------------------------------------------------------------------


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


def test_down_closes_every_connection_until_it_is_up_again(portal, sesam2):
    sesam2.control(down=True)
    with pytest.raises(http.client.RemoteDisconnected):
        put(sesam2, example())
    with pytest.raises(http.client.RemoteDisconnected):
        get_json(sesam2, "/health")
    sesam2.send("OrderCancelled", K, EXAMPLES["OrderCancelled"]["body"] | {"orderNumber": K})
    time.sleep(0.3)
    assert portal.arrivals == []
    sesam2.control(down=False)
    assert put(sesam2, example()) == 202
    until(lambda: portal.bodies("OrderCancelled"))


def test_duplicate_sends_everything_several_times(portal, sesam2):
    sesam2.control(duplicate=3)
    put(sesam2, EXAMPLES["StockWithdrawal"])
    until(lambda: len(portal.arrivals) == 3)
    assert len(portal.stored) == 1


def test_reorder_sends_the_next_ones_backwards(portal, sesam2):
    sesam2.control(reorder=3)
    for name in ("IndividualUpdated", "OrderCancelled", "DeliveryDelayed"):
        sesam2.send(name, EXAMPLES[name]["subject"], EXAMPLES[name]["body"])
    until(lambda: len(portal.stored) == 3)
    assert [envelope.message_type for envelope, _ in portal.stored] == ["DeliveryDelayed", "OrderCancelled", "IndividualUpdated"]
    assert sesam2.state()["control"]["reorder"] is False


def test_reorder_breaks_the_order_within_a_subject_while_it_is_on(portal, sesam2):
    sesam2.control(auto=False, reorder=True)
    for _ in range(3):
        sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: len(portal.stored) == 3)
    assert [envelope.sequence for envelope, _ in portal.stored] == [3, 2, 1]


def test_reject_article_refuses_the_line_or_the_whole_order(portal, sesam2):
    sesam2.control(reject_article="AR-BORD")
    put(sesam2, example())
    changed = until(lambda: [body for body in portal.bodies("OrderResponse") if body.code == "CA"])[0]
    assert [(line.line, line.status) for line in changed.lines] == [(1, 5), (2, 7)]
    assert [line.line for line in until(lambda: portal.bodies("DespatchAdvice"))[0].lines] == [1]
    sesam2.control(reject_article=["AR-BORD", "104501"])
    put(sesam2, example(running=500))
    until(lambda: [body for body in portal.bodies("OrderResponse") if body.code == "RE"])


def test_cancel_next_cancels_the_next_order_only(portal, sesam2):
    sesam2.control(cancel_next={"reasonCode": "DISCONTINUED", "reason": "Utgått."})
    first, second = example(running=501), example(running=502)
    put(sesam2, first)
    put(sesam2, second)
    until(lambda: portal.bodies("OrderCancelled") and portal.bodies("DespatchAdvice"))
    assert [name for name, _ in portal.said(first["subject"])] == ["OrderResponse", "OrderCancelled"]
    assert portal.bodies("OrderCancelled")[0].reason_code == "DISCONTINUED"
    assert portal.bodies("DespatchAdvice")[0].order_number == second["subject"]


def test_delay_next_moves_the_date_of_the_next_order(portal, sesam2):
    sesam2.control(delay_next={"days": 14, "reason": "Båten är sen."})
    put(sesam2, example())
    late = until(lambda: portal.bodies("DeliveryDelayed"))[0]
    assert late.reason == "Båten är sen."
    assert late.previous_date == portal.bodies("OrderResponse")[1].promised_date
    assert (late.promised_date - late.previous_date).days >= 14
    until(lambda: portal.bodies("DeliveryConfirmation"))


def test_an_order_that_is_there_is_delayed_and_cancelled_at_once(portal, sesam2):
    sesam2.control(speed=1)
    put(sesam2, example())
    sesam2.control(delay_next={"orderNumber": K, "unknown": True, "reason": "Vet inte än."})
    assert until(lambda: portal.bodies("DeliveryDelayed"))[0].promised_date is None
    sesam2.control(cancel_next={"orderNumber": K})
    until(lambda: portal.bodies("OrderCancelled"))
    with pytest.raises(ValueError, match="no such open order"):
        sesam2.control(cancel_next={"orderNumber": K})


def test_split_next_despatches_in_parts_that_add_up(portal, sesam2):
    sesam2.control(split_next=2)
    message = example()
    message["body"]["lines"][0]["quantity"] = 7
    put(sesam2, message)
    until(lambda: len(portal.bodies("DeliveryConfirmation")) == 2)
    despatched, delivered = Counter(), Counter()
    for advice, confirmation in zip(portal.bodies("DespatchAdvice"), portal.bodies("DeliveryConfirmation"), strict=True):
        assert advice.despatch_number == confirmation.despatch_number
        despatched.update({line.line: line.quantity for line in advice.lines})
        delivered.update({line.line: line.quantity for line in confirmation.lines})
    assert despatched == delivered == Counter({1: 7, 2: 1})
    assert [line.outstanding for line in portal.bodies("DespatchAdvice")[0].lines if line.line == 1] == [4]


def test_send_says_anything_that_the_contract_allows(portal, sesam2):
    for name in contract.INCOMING:
        sesam2.send(name, EXAMPLES[name]["subject"], EXAMPLES[name]["body"])
    until(lambda: len(portal.stored) == len(contract.INCOMING))
    assert {envelope.message_type for envelope, _ in portal.stored} == set(contract.INCOMING)


def test_send_refuses_what_the_contract_does_not_allow_and_counts_nothing(portal, sesam2):
    with pytest.raises(ValueError, match="contract does not allow"):
        sesam2.send("OrderResponse", K, {"orderNumber": K})
    sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    assert until(lambda: portal.stored)[0][0].sequence == 1


def test_a_refused_message_is_parked_and_the_next_about_it_goes_with_a_gap(portal, sesam2):
    sesam2.send("OrderResponse", K, {"orderNumber": K}, unchecked=True)
    sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    assert until(lambda: portal.stored)[0][0].sequence == 2
    assert [row["status"] for row in sesam2.state()["parked"]] == [422]
    portal.broken.clear()


def test_without_auto_it_only_stores(portal, sesam2):
    sesam2.control(auto=False)
    put(sesam2, example())
    time.sleep(0.3)
    assert portal.arrivals == []


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


# --- sending ------------------------------------------------------------------------------------------------


def test_what_is_not_taken_is_sent_again_until_it_is(portal, sesam2):
    portal.answers = [(503, {}), (500, {}), (-1, {}), (401, {}), (302, {"Location": "/elsewhere"}), (408, {})]
    sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: portal.stored)
    assert len(portal.arrivals) == 7
    assert len({envelope.message_id for envelope, _, _ in portal.arrivals}) == 1


def test_retry_after_is_honoured(portal, sesam2):
    portal.answers = [(429, {"Retry-After": "1"})]
    sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: portal.stored)
    assert portal.arrivals[1][2] - portal.arrivals[0][2] >= 0.95


@pytest.mark.parametrize("status", [400, 409, 413, 415, 422])
def test_what_is_refused_for_good_is_sent_once(portal, sesam2, status):
    portal.answers = [(status, {})]
    sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    sesam2.wait_for(lambda mock: mock.state()["parked"])
    time.sleep(0.2)
    assert len(portal.arrivals) == 1


def test_the_next_about_a_subject_waits_while_other_subjects_go_on(portal, sesam2):
    sesam2.control(auto=False)
    portal.answers = [(503, {"Retry-After": "1"})]
    sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    until(lambda: portal.arrivals)
    sesam2.send("DeliveryDelayed", K, EXAMPLES["DeliveryDelayed"]["body"])
    sesam2.send("IndividualUpdated", "I1045017", EXAMPLES["IndividualUpdated"]["body"])
    until(lambda: len(portal.stored) == 3)
    assert [(envelope.subject, envelope.sequence) for envelope, _ in portal.stored] == [("I1045017", 1), (K, 1), (K, 2)]


def test_each_subject_has_its_own_sequence_without_gaps_and_in_order(portal, sesam2):
    portal.delay = 0.005
    numbers = [order_number("K", 2026, running) for running in range(600, 620)]
    for running in range(600, 620):
        put(sesam2, example(running=running))
    until(lambda: len(portal.bodies("DeliveryConfirmation")) == 20)
    for number in numbers:
        assert [envelope.sequence for envelope, _ in portal.stored if envelope.subject == number] == [1, 2, 3, 4]


def test_a_restart_loses_nothing(portal, tmp_path):
    mock = MockSesam2("http://127.0.0.1:9", speed=1000, db=tmp_path / "x.sqlite3")
    with mock:
        put(mock, example())
        mock.wait_for(lambda mock: mock.state()["waiting"])
    mock.portal_url = portal.url
    with mock:
        assert put(mock, example()) == 202
        assert [message["messageType"] for message in mock.received] == ["CustomerOrder", "CustomerOrder"]
        until(lambda: portal.bodies("DeliveryConfirmation"))
    sequences = [envelope.sequence for envelope, _ in portal.stored]
    assert sequences == list(range(1, len(sequences) + 1))


def test_a_portal_that_is_away_gets_everything_later(portal):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    with MockSesam2(f"http://127.0.0.1:{port}", speed=200) as mock:
        put(mock, example())
        mock.wait_for(lambda mock: any(row["attempts"] > 1 for row in mock.state()["waiting"]))
        mock.portal_url = portal.url
        until(lambda: portal.bodies("DeliveryConfirmation"))


@pytest.mark.parametrize(
    ("value", "least", "most"), [("3", 3, 3), ("", 0, 0), ("soon", 0, 0), ("-1", 0, 0), ("99999999999", 3600, 3600), ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0)]
)
def test_retry_after_is_read_in_both_forms(value, least, most):
    assert least <= seconds_of(value) <= most


# --- questions ------------------------------------------------------------------------------------------------


def test_messages_are_paged_by_cursor_and_new_ones_follow(portal, sesam2):
    sesam2.control(auto=False)
    ids = [sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"]) for _ in range(5)]
    found, after = [], ""
    while True:
        page = get_json(sesam2, f"/messages?after={after}&limit=2")
        if not page["messages"]:
            assert page["next"] == after
            break
        found += page["messages"]
        after = page["next"]
    assert [message["messageId"] for message in found] == ids
    assert all(contract.parse_incoming(contract.dump(message)) for message in found)
    more = sesam2.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    assert [message["messageId"] for message in get_json(sesam2, f"/messages?after={after}")["messages"]] == [more]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=501", "limit=x", "limit="])
def test_a_bad_page_is_refused(silent, query):
    assert ask(silent, "GET", f"/messages?{query}")[0] == 400


def test_open_orders_are_those_that_have_not_ended(portal, sesam2):
    sesam2.control(speed=0.001)
    for running in (701, 702, 703):
        put(sesam2, example(running=running))
    put(sesam2, EXAMPLES["StockWithdrawal"])
    put(sesam2, EXAMPLES["FaultReport"])
    sesam2.control(cancel_next={"orderNumber": order_number("K", 2026, 702)})
    first = get_json(sesam2, "/open-orders?limit=1")
    second = get_json(sesam2, f"/open-orders?after={first['next']}&limit=5")
    orders = [contract.OpenOrder.model_validate_json(json.dumps(order)) for order in first["orders"] + second["orders"]]
    assert [order.order_number for order in orders] == [order_number("K", 2026, 701), order_number("K", 2026, 703)]
    assert [(line.line, line.outstanding, line.delivered, line.cancelled) for line in orders[0].lines] == [(1, 1, 0, 0), (2, 1, 0, 0)]
    assert get_json(sesam2, f"/open-orders?after={second['next']}")["orders"] == []


@pytest.mark.parametrize("encoding", ["gzip, deflate", "identity", ""])
def test_an_invoice_basis_adds_up_line_by_line(portal, sesam2, encoding):
    put(sesam2, example())
    said = sesam2.control(invoice_basis={"period": "2026-10", "lines": 2345})["basis"]
    basis = until(lambda: portal.bodies("InvoiceBasisAvailable"))[0]
    assert (basis.basis_id, basis.period, basis.version, basis.line_count) == (said["basisId"], "2026-10", 1, 2345)
    status, headers, raw = ask(sesam2, "GET", f"/invoice-bases/{basis.basis_id}/lines", headers={"Accept-Encoding": encoding})
    assert (status, headers["Content-Type"]) == (200, "application/x-ndjson")
    assert (headers["Content-Encoding"] == "gzip") == ("gzip" in encoding)
    text = gzip.decompress(raw) if "gzip" in encoding else raw
    lines = [contract.parse_invoice_line(line) for line in text.splitlines()]
    assert [line.line for line in lines] == list(range(1, 2346))
    assert sum(line.amount for line in lines) == basis.total
    assert sum(line.amount for line in lines if line.amount < 0) == basis.credits
    for line in lines:
        assert (line.quantity * line.unit_price).quantize(Decimal("0.01"), ROUND_HALF_UP) == line.amount


def test_a_corrected_basis_has_the_next_version_and_a_wrong_total_can_be_asked_for(portal, sesam2):
    first = sesam2.control(invoice_basis={"period": "2026-09", "payerNumber": "B1"})["basis"]
    second = sesam2.control(invoice_basis={"period": "2026-09", "payerNumber": "B1", "total": "1.00", "lineCount": 3})["basis"]
    assert (second["version"], second["corrects"], second["total"], second["lineCount"]) == (2, first["basisId"], "1.00", 3)


# --- as a process ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("command", [["-m", "integration.mock_sesam2"], ["manage.py", "mock_sesam2"]])
def test_it_runs_as_a_process_without_a_database_and_ends_on_sigterm(portal, tmp_path, command):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "ENVIRONMENT"}} | {"PORTAL_URL": portal.url}
    arguments = ["--port", str(port), "--db", str(tmp_path / "new" / "mock.sqlite3"), "--speed", "100"]
    process = subprocess.Popen([sys.executable, *command, *arguments], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    client = MockSesam2(portal.url, port=port)
    try:

        def answers():
            assert process.poll() is None
            try:
                return client.state()
            except OSError:
                return None

        until(answers, 20)
        assert put(client, example()) == 202
        until(lambda: portal.bodies("DespatchAdvice"))
        busy = subprocess.run([sys.executable, *command, "--port", str(port)], cwd=ROOT, env=environ, capture_output=True, timeout=30, check=False)
        assert busy.returncode == 1
        assert busy.stderr.decode().strip().splitlines()[-1].startswith("mock_sesam2: 127.0.0.1:")
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=15)
    assert process.returncode == 0
    assert b"Traceback" not in errors
    assert b"Elsa" not in errors


def test_it_knows_the_schemas_and_nothing_else_of_the_project():
    program = "import sys, integration.mock_sesam2.__main__, integration.mock_sesam2.testing; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
    apps = {"accounts", "billing", "catalog", "core", "django", "orders", "patients", "pydantic", "websesam"}
    loaded = set(done.stdout.split())
    assert not {name for name in loaded if name.split(".")[0] in apps}
    assert {name for name in loaded if name.startswith("integration.") and not name.startswith("integration.mock_sesam2")} == set()


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [(date(2026, 11, 20), 1, date(2026, 11, 23)), (date(2026, 11, 21), 1, date(2026, 11, 23)), (date(2026, 11, 23), 5, date(2026, 11, 30))],
)
def test_promises_fall_on_weekdays(start, count, end):
    assert weekdays_ahead(start, count) == end
    assert weekday(end) == end
