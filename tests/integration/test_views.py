"""SESAM2's door, with real requests over HTTP: who is let in, what is taken, and that a refusal tells nothing."""

import datetime
import http.client
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from core.numbers import order_number
from integration import client, contract, signature, tasks
from integration.models import IncomingMessage, SeenNonce
from tests.sesam2 import headers, incoming, response

K = order_number("K", 2026, 77)
BASE = "/api/sesam2/v1"
JSON = {"Content-Type": "application/json"}
CANARY = ["Kanariefågel", "191212121212", "0701740605", "Storgatan"]


@pytest.fixture
def http_client() -> Any:
    with httpx.Client(trust_env=False) as made:
        yield made


@pytest.fixture
def put(live_server: Any, http_client: httpx.Client) -> Any:
    """`put(message_id, body)` as SESAM2 does. `signed` is what is signed instead of what is sent: method, path_and_query, body, nonce, at, key."""

    def send(message_id: str, content: bytes, *, path: str = "", extra: dict[str, str] | None = None, **signed: Any) -> httpx.Response:
        path = path or f"{BASE}/messages/{message_id}"
        values = {"method": "PUT", "path_and_query": path, "body": content, "nonce": message_id} | signed
        return http_client.put(live_server.url + path, content=content, headers=JSON | headers(**values) | (extra or {}))

    return send


def message(**changes: Any) -> tuple[str, bytes]:
    return incoming("OrderResponse", K, response(K), **changes)


def is_problem(answer: Any, status: int) -> dict[str, Any]:
    """The answer is a problem of RFC 9457 with this status; returns it."""
    content = answer.content
    assert answer.status_code == status, content
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(content)
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert isinstance(problem["errors"], list)
    for secret in CANARY:
        assert secret not in content.decode()
        assert json.dumps(secret)[1:-1] not in content.decode()
    return problem


def at_the_start_of_a_second() -> int:
    """So that a second does not pass between the signing and the checking."""
    while time.time() % 1 > 0.5:
        time.sleep(0.02)
    return int(time.time())


# --- Let in ----------------------------------------------------------------------------------------


def test_a_message_is_stored_before_it_is_answered_and_again_is_200(put: Any) -> None:
    message_id, body = message()
    first = put(message_id, body)
    assert (first.status_code, first.content) == (202, b"")
    stored = IncomingMessage.objects.get()
    assert (str(stored.pk), stored.message_type, stored.subject, stored.sequence, stored.state) == (message_id, "OrderResponse", K, 1, "WAITING")
    assert "set-cookie" not in first.headers
    assert put(message_id, body).status_code == 200
    assert IncomingMessage.objects.count() == 1


def test_the_same_value_in_other_words_is_200_and_another_value_409(put: Any) -> None:
    message_id, body = message()
    put(message_id, body)
    reordered = json.dumps(dict(reversed(json.loads(body).items())), indent=3, ensure_ascii=True).encode()
    assert put(message_id, reordered).status_code == 200
    is_problem(put(message_id, body.replace(b'"AB"', b'"RE"')), 409)
    assert IncomingMessage.objects.get().payload["body"]["code"] == "AB"


def test_the_messages_id_may_be_in_capitals(put: Any) -> None:
    message_id, body = message()
    assert put(message_id.upper(), body).status_code == 202
    assert put(message_id, body).status_code == 200


def test_a_query_is_part_of_what_is_signed(put: Any) -> None:
    message_id, body = message()
    path = f"{BASE}/messages/{message_id}?a=1&b=%C3%A5"
    assert put(message_id, body, path=path).status_code == 202
    for signed in [path.replace("a=1", "a=2"), path.partition("?")[0], f"{BASE}/messages/{message_id}?b=%C3%A5&a=1", path + "&"]:
        is_problem(put(message_id, body, path=path, path_and_query=signed), 401)


@pytest.mark.django_db
def test_what_is_signed_is_the_address_as_it_stood_on_the_wire() -> None:
    """gunicorn hands it over as RAW_URI; Django would write %c3%a5 as %C3%A5."""
    message_id, body = message()
    raw = f"{BASE}/messages/{message_id}?b=%c3%a5&c=~%7e"
    signed = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers("PUT", raw, body, nonce=message_id).items()}
    answer = Client().put(f"{BASE}/messages/{message_id}?b=å&c=~~", body, content_type="application/json", RAW_URI=raw, **signed)
    assert answer.status_code == 202


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_clock_that_is_300_seconds_off_is_let_in(seconds: int, put: Any) -> None:
    message_id, body = message()
    assert put(message_id, body, at=at_the_start_of_a_second() + seconds).status_code == 202


def test_the_charset_may_be_said(put: Any) -> None:
    message_id, body = message()
    assert put(message_id, body, extra={"Content-Type": "application/json; charset=utf-8"}).status_code == 202


# --- Not let in ------------------------------------------------------------------------------------


def is_not_let_in(answer: httpx.Response) -> None:
    """All refusals look the same, and leave nothing."""
    problem = is_problem(answer, 401)
    assert problem == {"type": "about:blank", "status": 401, "title": "Not let in", "detail": "The signature, the clock or the key is wrong.", "errors": []}
    assert not IncomingMessage.objects.exists()
    assert not SeenNonce.objects.exists()


@pytest.mark.parametrize("name", [signature.KEY, signature.TIMESTAMP, signature.NONCE, signature.SIGNATURE])
def test_a_missing_header_is_refused(name: str, live_server: Any, http_client: httpx.Client) -> None:
    message_id, body = message()
    path = f"{BASE}/messages/{message_id}"
    sent = headers("PUT", path, body, nonce=message_id)
    for changed in [{key: value for key, value in sent.items() if key != name}, sent | {name: ""}, sent | {name: sent[name][:-1]}]:
        is_not_let_in(http_client.put(live_server.url + path, content=body, headers=JSON | changed))


def test_a_request_without_any_signature_is_refused(live_server: Any, http_client: httpx.Client) -> None:
    message_id, body = message()
    is_not_let_in(http_client.put(f"{live_server.url}{BASE}/messages/{message_id}", content=body, headers=JSON))
    is_not_let_in(http_client.post(f"{live_server.url}{BASE}/recipients", content=b"{}", headers=JSON))


@pytest.mark.parametrize("changes", [{"secret": "another"}, {"key_id": "portal-demo", "secret": "another"}, {"key_id": "nobody", "secret": "x"}])
def test_the_wrong_key_is_refused(changes: dict[str, str], put: Any) -> None:
    is_not_let_in(put(*message(), **changes))


@pytest.mark.parametrize("seconds", [-301, 301, -(10**6), 10**6])
def test_a_clock_that_is_301_seconds_off_is_refused(seconds: int, put: Any) -> None:
    is_not_let_in(put(*message(), at=at_the_start_of_a_second() + seconds))


def test_one_byte_changed_is_refused(put: Any) -> None:
    message_id, body = message()
    path = f"{BASE}/messages/{message_id}"
    for changed in [body.replace(b'"AB"', b'"AC"'), body + b" ", body[:-1], b""]:
        is_not_let_in(put(message_id, changed, body=body))
    for signed in [path[:-1] + ("0" if path[-1] != "0" else "1"), path.upper(), path + "/", path + "?", "/x" + path]:
        is_not_let_in(put(message_id, body, path_and_query=signed))
    for method in ["POST", "GET", "DELETE", "PATCH"]:
        is_not_let_in(put(message_id, body, method=method))


def test_another_message_under_a_signed_nonce_is_refused(put: Any) -> None:
    """The nonce must be the messageId of the path."""
    message_id, body = message()
    is_not_let_in(put(message_id, body, nonce=str(uuid.uuid4())))
    other_id, other = message()
    is_not_let_in(put(other_id, other, nonce=message_id))


def test_the_signature_is_checked_before_anything_is_read(put: Any) -> None:
    for body in [b"{", b"\xff", b"[" * 10_000, b'{"messageType": "Kanariefugl"}']:
        is_not_let_in(put(str(uuid.uuid4()), body, secret="another"))


def test_two_signatures_let_in_while_keys_are_rotated(put: Any, settings: Any) -> None:
    settings.SESAM2_KEYS = {"old": "winter", "new": "spring"}

    def both(message_id: str, body: bytes) -> dict[str, str]:
        path = f"{BASE}/messages/{message_id}"
        old, new = (headers("PUT", path, body, nonce=message_id, key_id=key_id) for key_id in ("old", "new"))
        return new | {signature.KEY: "old,new", signature.SIGNATURE: f"{old[signature.SIGNATURE]},{new[signature.SIGNATURE]}"}

    for known in [{"old": "winter", "new": "spring"}, {"new": "spring"}, {"old": "winter"}]:
        message_id, body = message()
        extra = both(message_id, body)
        settings.SESAM2_KEYS = known
        assert put(message_id, body, key_id=next(iter(known)), extra=extra).status_code == 202
        settings.SESAM2_KEYS = {"old": "winter", "new": "spring"}


def test_a_key_that_was_withdrawn_is_refused(put: Any, settings: Any) -> None:
    settings.SESAM2_KEYS = {"old": "winter", "new": "spring"}
    message_id, body = message()
    assert put(message_id, body, key_id="old").status_code == 202
    IncomingMessage.objects.all().delete()
    settings.SESAM2_KEYS = {"new": "spring"}
    is_not_let_in(put(message_id, body, key_id="old", secret="winter"))
    assert put(message_id, body, key_id="new").status_code == 202


# --- Replay ----------------------------------------------------------------------------------------


def test_a_replayed_question_is_refused(live_server: Any, http_client: httpx.Client) -> None:
    path, body = f"{BASE}/recipients", b'{"idType": "PERSONNUMMER", "id": "191212121212"}'
    sent = headers("POST", path, body)
    first = http_client.post(live_server.url + path, content=body, headers=JSON | sent)
    is_problem(first, 404)
    again = http_client.post(live_server.url + path, content=body, headers=JSON | sent)
    assert is_problem(again, 401)["title"] == "Not let in"
    assert SeenNonce.objects.count() == 1


def test_a_replayed_get_is_refused_by_the_stand_in(sesam2: Any, http_client: httpx.Client) -> None:
    path = "/messages?after=&limit=10"
    sent = headers("GET", path, key_id=django_settings.SESAM2_KEY_ID)
    assert http_client.get(sesam2.url + path, headers=sent).status_code == 200
    assert http_client.get(sesam2.url + path, headers=sent).status_code == 401
    other = path.replace("10", "11")
    assert http_client.get(sesam2.url + other, headers=headers("GET", path, key_id=django_settings.SESAM2_KEY_ID)).status_code == 401


def test_each_question_of_ours_has_a_nonce_of_its_own(sesam2: Any) -> None:
    for _ in range(3):
        assert client.get_json("/messages", {"after": "", "limit": "10"}) == {"messages": [], "next": ""}


@pytest.mark.django_db
def test_old_nonces_are_forgotten_when_no_timestamp_can_bring_them_back() -> None:
    for days in (0, 13, 15):
        SeenNonce.objects.create(nonce=uuid.uuid4(), seen_at=timezone.now() - datetime.timedelta(days=days))
    tasks.empty_old_payloads()
    assert SeenNonce.objects.count() == 2


# --- Refused for good ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "", "application/jsonx", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]
)
def test_another_media_type_is_415(content_type: str, put: Any) -> None:
    is_problem(put(*message(), extra={"Content-Type": content_type}), 415)
    assert not IncomingMessage.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b'{"messageId": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\\ud800"}',
        b"[" * 50_000 + b"]" * 50_000,
        b"1" * 5000,
        b"Kanariefugl",
        "{'Kanariefågel': 191212121212}".encode(),
    ],
)
def test_what_is_no_json_to_rely_on_is_400(body: bytes, put: Any) -> None:
    is_problem(put(str(uuid.uuid4()), body), 400)


def test_a_body_above_1_mib_is_413_without_being_read(live_server: Any, put: Any) -> None:
    parts = urlsplit(live_server.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.putrequest("PUT", f"{BASE}/messages/{uuid.uuid4()}")
    connection.putheader("Content-Length", str(contract.MAX_BODY_BYTES + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["title"]) == (413, "Too large")
    connection.close()
    message_id, body = message()
    assert put(message_id, body + b" " * (contract.MAX_BODY_BYTES - len(body))).status_code == 202


@pytest.mark.django_db
@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "١٢", "9" * 400])
def test_a_strange_length_is_refused(length: str) -> None:
    answer = Client().put(f"{BASE}/messages/{uuid.uuid4()}", b"{}", content_type="application/json", CONTENT_LENGTH=length)
    assert answer.status_code in {400, 413}


WRONG = [
    ({"messageType": "Kanariefågel"}, "messageType"),
    ({"messageType": "CustomerOrder"}, "messageType"),
    ({"schemaVersion": "2"}, "schemaVersion"),
    ({"created": "191212121212"}, "created"),
    ({"created": "2026-11-22T09:15:02"}, "created"),
    ({"sender": "0701740605"}, "sender"),
    ({"sender": "7359999900031"}, "receiver"),
    ({"receiver": "7359999900017"}, "receiver"),
    ({"subject": "191212121212"}, "subject"),
    ({"subject": order_number("K", 2026, 78)}, "(message)"),
    ({"sequence": 0}, "sequence"),
    ({"sequence": 10**30}, "sequence"),
    ({"sequence": "1"}, "sequence"),
    ({"messageId": str(uuid.uuid4())}, "messageId"),
    ({"messageId": "191212121212"}, "messageId"),
    ({"patient": "Kanariefågel Storgatan 0701740605"}, "patient"),
    ({"body": response(K, Kanariefågel="191212121212")}, "body.?"),
    ({"body": response(K, reason="Storgatan\x00")}, "body.reason"),
    ({"body": response(K, code="Kanariefågel")}, "body.code"),
    ({"body": response(K, code="AP")}, "body"),
    ({"body": response(K, promisedDate="191212121212")}, "body.promisedDate"),
    ({"body": "Storgatan"}, "body"),
    ({"body": None}, "body"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("changes", "field"), WRONG)
def test_what_the_message_itself_shows_to_be_wrong_is_422_and_names_the_field_alone(changes: dict[str, Any], field: str, log_lines: Any) -> None:
    message_id, right = message()
    body = json.dumps(json.loads(right) | changes, ensure_ascii=False).encode()
    path = f"{BASE}/messages/{message_id}"
    signed = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers("PUT", path, body, nonce=message_id).items()}
    problem = is_problem(Client().put(path, body, content_type="application/json", **signed), 422)
    assert field in [error["field"] for error in problem["errors"]]
    assert not IncomingMessage.objects.exists()
    for secret in CANARY:
        assert secret not in "\n".join(log_lines())


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "delete", "patch", "head", "options"])
def test_other_methods_are_405(method: str) -> None:
    answer = getattr(Client(), method)(f"{BASE}/messages/{uuid.uuid4()}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "PUT")


@pytest.mark.django_db
def test_the_log_of_a_refusal_says_why_and_nothing_else(put: Any, log_lines: Any) -> None:
    message_id, body = incoming("OrderCancelled", K, {"reason": "Kanariefågel 191212121212 Storgatan"})
    put(message_id, body, secret="another")
    [line] = [json.loads(line) for line in log_lines() if "not_let_in" in line]
    assert (line["event"], line["level"], line["reason"]) == ("sesam2.not_let_in", "error", "signature does not match")
    assert not any(secret in "\n".join(log_lines()) for secret in CANARY)
