"""What SESAM2's answers mean for a message: the contract's table, and how long it waits."""

import datetime
import email.utils
import time
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from core.numbers import order_number
from integration import client, contract, outbox
from integration.delivery import progress_of
from integration.models import OutgoingMessage
from integration.outbox import Sent
from tests.sesam2 import AnsweringServer, answer, answering_server, drip, hang_up, problem, raw

K1 = order_number("K", 2026, 1)


def queue(subject: str = K1) -> OutgoingMessage:
    body = contract.CancellationRequest(order_number=subject, reason=contract.CancelReason.NOT_NEEDED, note="Åsa behöver den inte längre")
    return outbox.queue("CancellationRequest", subject=subject, body=body)


def make_due() -> None:
    """The back-off has passed."""
    OutgoingMessage.objects.update(next_try_at=timezone.now())


@pytest.fixture
def server() -> Any:
    with answering_server() as running:
        yield running


# --- The contract's table of answers ---------------------------------------------------------------

DONE, PARKED, WAITING = OutgoingMessage.State.DONE, OutgoingMessage.State.PARKED, OutgoingMessage.State.WAITING
ANSWERS = [
    (answer(202, b"{}"), DONE, ""),
    (answer(202, content_type=""), DONE, ""),
    (answer(200, b"{}"), DONE, ""),
    (problem(409, "Another body"), PARKED, "HTTP 409 Another body"),
    (problem(400, "Not JSON"), PARKED, "HTTP 400 Not JSON"),
    (problem(413), PARKED, "HTTP 413 Refused"),
    (problem(415), PARKED, "HTTP 415 Refused"),
    (problem(422), PARKED, "HTTP 422 Refused"),
    (answer(422, b"<html>", "text/html"), PARKED, "HTTP 422"),
    (problem(401, "Not let in"), WAITING, "HTTP 401 Not let in"),
    (problem(403), WAITING, "HTTP 403 Refused"),
    (answer(408), WAITING, "HTTP 408"),
    (answer(425), WAITING, "HTTP 425"),
    (answer(429), WAITING, "HTTP 429"),
    (answer(500), WAITING, "HTTP 500"),
    (answer(503), WAITING, "HTTP 503"),
    (answer(404), WAITING, "HTTP 404"),
    (answer(201), WAITING, "HTTP 201"),
    (answer(204), WAITING, "HTTP 204"),
    (answer(307, location="/elsewhere"), WAITING, "HTTP 307"),
    (answer(301, location="http://127.0.0.1:1/"), WAITING, "HTTP 301"),
    (answer(200, b"<html>It works!</html>", "text/html"), WAITING, "HTTP 200"),
    (answer(202, b"<html>It works!</html>", "Text/HTML; charset=utf-8"), WAITING, "HTTP 202"),
    (answer(200, b"not gzip", content_encoding="gzip"), WAITING, "DecodingError"),
    (hang_up, WAITING, "RemoteProtocolError"),
    (raw(b"220 smtp ready\r\n"), WAITING, "RemoteProtocolError"),
    (raw(b"HTTP/1.1 202 OK\r\nContent-Length: 100\r\n\r\n{"), WAITING, "RemoteProtocolError"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("say", "state", "error"), ANSWERS)
def test_each_answer_means_what_the_contract_says(say: Any, state: str, error: str, server: AnsweringServer) -> None:
    message = queue()
    server.say = say
    before = timezone.now()
    result = outbox.send_next()
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (state, 1, error)
    assert (message.done_at is not None) == (state == DONE)
    assert result is {DONE: Sent.DONE, PARKED: Sent.PARKED, WAITING: Sent.LATER}[state]
    assert len(server.asked) == 1  # redirects are not followed, nothing is tried twice at once
    if state == WAITING:
        assert message.next_try_at - before >= datetime.timedelta(seconds=16)
    assert outbox.send_next() is Sent.NOTHING


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "NUL \\u0000 and \\ud800 and \\u2028"}',
        b'{"title": "' + b"x" * 5000 + b'"}',
        b'{"title": 1}',
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"title": "line\\nfeed"}',
        b"null",
        b"9" * 5000,
    ],
)
def test_a_strange_refusal_parks_and_breaks_nothing(body: bytes, server: AnsweringServer) -> None:
    message = queue()
    server.say = answer(422, body, "application/problem+json")
    assert outbox.send_next() is Sent.PARKED
    message.refresh_from_db()
    assert message.last_error.startswith("HTTP 422")
    assert message.last_error.isprintable()


@pytest.mark.django_db
def test_an_answer_without_end_is_no_answer(server: AnsweringServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.3)  # the clock alone
    message = queue()
    server.say = drip
    assert outbox.send_next() is Sent.LATER
    message.refresh_from_db()
    assert message.last_error == "answer too slow"


@pytest.mark.django_db
def test_an_answer_that_is_too_large_is_no_answer(server: AnsweringServer) -> None:
    server.say = answer(202, b" " * (client.LARGEST_ANSWER + 1))
    queue()
    assert outbox.send_next() is Sent.LATER


@pytest.mark.django_db
def test_nobody_there_is_no_answer() -> None:
    settings.SESAM2_URL, before = "http://127.0.0.1:9", settings.SESAM2_URL
    message = queue()
    assert outbox.send_next() is Sent.LATER
    settings.SESAM2_URL = before
    message.refresh_from_db()
    assert (message.last_error, progress_of(K1).is_slow) == ("ConnectError", True)


# --- Waiting ---------------------------------------------------------------------------------------


def test_the_wait_doubles_from_20_seconds_to_15_minutes_give_or_take_a_fifth() -> None:
    for attempt, seconds in [(1, 20), (2, 40), (3, 80), (4, 160), (5, 320), (6, 640), (7, 900), (8, 900), (1000, 900), (10**9, 900)]:
        waits = [outbox.wait_before(attempt).total_seconds() for _ in range(200)]
        assert seconds * 0.8 <= min(waits) < max(waits) <= seconds * 1.2
        assert len(set(waits)) > 100  # a backlog does not come back all at once


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("120", 119, 121),
        ("1", 16, 25),  # shorter than our own wait
        ("999999999999", 3599, 3601),
        ("-5", 16, 25),
        ("1.5", 16, 25),
        ("soon", 16, 25),
        ("", 16, 25),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3599, 3601),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", 16, 25),
        ("Mon, 01 Jan 0001 00:00:00 -0000", 16, 25),
        ("Mon, 01 Jan 2024 00:00:00 +99999999999", 16, 25),
        ("in five minutes", 240, 301),
        ("Sun, 22 Nov 1970 20:00:00 GMT", 16, 25),
    ],
)
def test_retry_after_is_honoured_for_at_most_an_hour(value: str, least: int, most: int, server: AnsweringServer) -> None:
    message = queue()
    if value == "in five minutes":
        value = email.utils.formatdate(time.time() + 300, usegmt=True)
    server.say = answer(503, retry_after=value)
    before = timezone.now()
    assert outbox.send_next() is Sent.LATER
    message.refresh_from_db()
    assert least <= (message.next_try_at - before).total_seconds() <= most


@pytest.mark.django_db
def test_it_is_tried_for_ever(server: AnsweringServer) -> None:
    message = queue()
    server.say = answer(503)
    OutgoingMessage.objects.update(attempts=5000)
    assert outbox.send_next() is Sent.LATER
    server.say = answer(202)
    make_due()
    assert outbox.send_next() is Sent.DONE
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (DONE, 5002, "")
