"""The HTTP client towards SESAM2: signed, bounded, deaf to proxies and redirects. What answers mean is in test_outbox.py."""

import time
import uuid
from typing import Any

import pytest

from integration import client, signature
from tests.sesam2 import AnsweringServer, answer, answering_server, hang_up, raw


@pytest.fixture
def server() -> Any:
    with answering_server() as running:
        running.say = answer(200, b'{"a": [1]}')
        yield running


def test_a_question_is_signed_as_it_stands_on_the_wire(server: AnsweringServer, settings: Any) -> None:
    assert client.get_json("/messages", {"after": "å/ö +&=", "limit": "5"}) == {"a": [1]}
    [(method, path, headers, body)] = server.asked
    assert (method, body) == ("GET", b"")
    assert path.startswith("/messages?after=")
    verified = signature.verify(method=method, path_and_query=path, headers=headers, body=b"", keys=settings.SESAM2_KEYS)
    assert verified.key_id == settings.SESAM2_KEY_ID
    assert "Content-Type" not in headers


def test_a_path_before_sesam2s_own_is_kept_and_signed(server: AnsweringServer, settings: Any) -> None:
    settings.SESAM2_URL = server.url + "/gateway/v1"
    message_id = str(uuid.uuid4())
    assert client.put_message(message_id, b"{}").error == "HTTP 200" or client.put_message(message_id, b"{}").is_done
    method, path, headers, body = server.asked[0]
    assert path == f"/gateway/v1/messages/{message_id}"
    signature.verify(method=method, path_and_query=path, headers=headers, body=body, keys=settings.SESAM2_KEYS)


def test_the_key_that_signs_is_the_one_of_the_settings(server: AnsweringServer, settings: Any) -> None:
    settings.SESAM2_KEYS = {"old": "winter", "new": "spring"}
    settings.SESAM2_KEY_ID = "new"
    client.put_message(str(uuid.uuid4()), b"{}")
    assert server.asked[0][2][signature.KEY] == "new"


@pytest.mark.parametrize(
    "say",
    [
        answer(202, b"{}"),
        answer(404),
        answer(500),
        answer(302, location="/messages?after=1"),
        answer(200, b"<html>", "text/html"),
        answer(200, b""),
        answer(200, b"\xff"),
        answer(200, b"[" * 200_000),
        hang_up,
        raw(b"junk\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 200_000 + b"\r\n\r\n"),
    ],
)
def test_what_is_no_answer_is_one_exception(say: Any, server: AnsweringServer) -> None:
    server.say = say
    with pytest.raises(client.NoAnswer):
        client.get_json("/messages", {"after": ""})
    assert len(server.asked) == 1


def test_nobody_there_is_no_answer_at_once(settings: Any) -> None:
    settings.SESAM2_URL = "http://127.0.0.1:9"
    started = time.monotonic()
    with pytest.raises(client.NoAnswer):
        client.get_json("/messages", {})
    outcome = client.put_message(str(uuid.uuid4()), b"{}")
    assert (outcome.is_done, outcome.is_final, outcome.is_alarm) == (False, False, False)
    assert time.monotonic() - started < client.CONNECT_SECONDS


def test_a_proxy_of_the_environment_is_not_used(server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert client.get_json("/messages", {}) == {"a": [1]}


def test_what_the_other_side_says_is_kept_apart_from_what_may_be_logged(server: AnsweringServer) -> None:
    server.say = answer(422, b'{"title": "Patient 191212121212"}', "application/problem+json")
    outcome = client.put_message(str(uuid.uuid4()), b"{}")
    assert (outcome.is_final, outcome.error, outcome.title) == (True, "HTTP 422", "Patient 191212121212")
