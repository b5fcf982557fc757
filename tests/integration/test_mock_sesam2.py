"""The stand-in for SESAM2 over real HTTP: its door, its questions, and how it runs."""

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from core.numbers import order_number
from integration import contract, signature
from integration.mock_sesam2.dates import weekday, weekdays_ahead
from integration.mock_sesam2.testing import MockSesam2
from integration.sesam2_docs.examples import SESAM2_GLN
from tests.integration.mock_portal import EXAMPLES, PORTAL_KEY, PORTAL_SECRET, ROOT, K, ask, example, get_json, put, until


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
        ({"skew": -400}, 401),
        ({"skew": 400}, 401),
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


def test_messages_are_paged_by_cursor_and_new_ones_follow(tiny_portal, stand_in):
    stand_in.control(auto=False)
    ids = [stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"]) for _ in range(5)]
    found, after = [], ""
    while True:
        page = get_json(stand_in, f"/messages?after={after}&limit=2")
        if not page["messages"]:
            assert page["next"] == after
            break
        found += page["messages"]
        after = page["next"]
    assert [message["messageId"] for message in found] == ids
    assert all(contract.parse_incoming(contract.dump(message)) for message in found)
    more = stand_in.send("OrderResponse", K, EXAMPLES["OrderResponse"]["body"])
    assert [message["messageId"] for message in get_json(stand_in, f"/messages?after={after}")["messages"]] == [more]


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=0", "limit=501", "limit=x", "limit="])
def test_a_bad_page_is_refused(silent, query):
    assert ask(silent, "GET", f"/messages?{query}")[0] == 400


def test_open_orders_are_those_that_have_not_ended(tiny_portal, stand_in):
    stand_in.control(speed=0.001)
    for running in (701, 702, 703):
        put(stand_in, example(running=running))
    put(stand_in, EXAMPLES["StockWithdrawal"])
    put(stand_in, EXAMPLES["FaultReport"])
    stand_in.control(cancel_next={"orderNumber": order_number("K", 2026, 702)})
    first = get_json(stand_in, "/open-orders?limit=1")
    second = get_json(stand_in, f"/open-orders?after={first['next']}&limit=5")
    orders = [contract.OpenOrder.model_validate_json(json.dumps(order)) for order in first["orders"] + second["orders"]]
    assert [order.order_number for order in orders] == [order_number("K", 2026, 701), order_number("K", 2026, 703)]
    assert [(line.line, line.outstanding, line.delivered, line.cancelled) for line in orders[0].lines] == [(1, 1, 0, 0), (2, 1, 0, 0)]
    assert get_json(stand_in, f"/open-orders?after={second['next']}")["orders"] == []


@pytest.mark.parametrize("encoding", ["gzip, deflate", "identity", ""])
def test_an_invoice_basis_adds_up_line_by_line(tiny_portal, stand_in, encoding):
    put(stand_in, example())
    said = stand_in.control(invoice_basis={"period": "2026-10", "lines": 2345})["basis"]
    basis = until(lambda: tiny_portal.bodies("InvoiceBasisAvailable"))[0]
    assert (basis.basis_id, basis.period, basis.version, basis.line_count) == (said["basisId"], "2026-10", 1, 2345)
    status, headers, raw = ask(stand_in, "GET", f"/invoice-bases/{basis.basis_id}/lines", headers={"Accept-Encoding": encoding})
    assert (status, headers["Content-Type"]) == (200, "application/x-ndjson")
    assert (headers["Content-Encoding"] == "gzip") == ("gzip" in encoding)
    text = gzip.decompress(raw) if "gzip" in encoding else raw
    lines = [contract.parse_invoice_line(line) for line in text.splitlines()]
    assert [line.line for line in lines] == list(range(1, 2346))
    assert sum(line.amount for line in lines) == basis.total
    assert sum(line.amount for line in lines if line.amount < 0) == basis.credits
    for line in lines:
        assert (line.quantity * line.unit_price).quantize(Decimal("0.01"), ROUND_HALF_UP) == line.amount


def test_a_corrected_basis_has_the_next_version_and_a_wrong_total_can_be_asked_for(tiny_portal, stand_in):
    first = stand_in.control(invoice_basis={"period": "2026-09", "payerNumber": "B1"})["basis"]
    second = stand_in.control(invoice_basis={"period": "2026-09", "payerNumber": "B1", "total": "1.00", "lineCount": 3})["basis"]
    assert (second["version"], second["corrects"], second["total"], second["lineCount"]) == (2, first["basisId"], "1.00", 3)


@pytest.mark.slow
@pytest.mark.parametrize("command", [["-m", "integration.mock_sesam2"], ["manage.py", "mock_sesam2"]])
def test_it_runs_as_a_process_without_a_database_and_ends_on_sigterm(tiny_portal, tmp_path, command):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "ENVIRONMENT"}} | {"PORTAL_URL": tiny_portal.url}
    arguments = ["--port", str(port), "--db", str(tmp_path / "new" / "mock.sqlite3"), "--speed", "100"]
    process = subprocess.Popen([sys.executable, *command, *arguments], cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    client = MockSesam2(tiny_portal.url, port=port)
    try:

        def answers():
            assert process.poll() is None
            try:
                return client.state()
            except OSError:
                return None

        until(answers, 20)
        assert put(client, example()) == 202
        until(lambda: tiny_portal.bodies("DespatchAdvice"))
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
