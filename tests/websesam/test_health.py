"""/healthz says that the process answers, /readyz whether the portal can serve, and what waits."""

import datetime
import json
import os
import subprocess
import sys
import time
import uuid

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core.numbers import order_number
from integration import contract, outbox
from integration.models import IncomingMessage, OutgoingMessage

PROBE = """
import django
django.setup()
from django.test import Client
for url in ("/healthz", "/readyz"):
    response = Client(headers={"Host": "127.0.0.1"}).get(url)
    print(response.status_code, response.content.decode())
"""


def queue(number: int) -> OutgoingMessage:
    subject = order_number("K", 2026, number)
    body = contract.CancellationRequest(order_number=subject, reason=contract.CancelReason.NOT_NEEDED, note="x")
    return outbox.queue("CancellationRequest", subject=subject, body=body)


def test_healthz_asks_no_database(client: Client) -> None:
    """No database mark: a query would fail this test."""
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_readyz_with_nothing_waiting(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok", "oldest_waiting_seconds": 0, "parked": 0, "parked_incoming": 0}


@pytest.mark.django_db
def test_readyz_tells_how_long_the_oldest_message_has_waited_and_what_is_parked(client: Client) -> None:
    ages = {1: ("WAITING", 300), 2: ("WAITING", 900), 3: ("PARKED", 5000), 4: ("DONE", 9000)}
    for number, (state, seconds) in ages.items():
        message = queue(number)
        now = timezone.now()
        done_at = now if state == "DONE" else None
        OutgoingMessage.objects.filter(pk=message.pk).update(state=state, done_at=done_at, created_at=now - datetime.timedelta(seconds=seconds))
    for state in ("PARKED", "PARKED", "WAITING"):
        IncomingMessage.objects.create(id=uuid.uuid4(), message_type="x", subject="x", sequence=1, payload_sha256="", state=state)
    told = client.get("/readyz").json()
    assert 900 <= told.pop("oldest_waiting_seconds") <= 905
    assert told == {"database": "ok", "broker": "ok", "parked": 1, "parked_incoming": 2}


@pytest.mark.django_db
def test_with_the_broker_away_the_portal_is_ready_and_says_so(client: Client, broker_away: None) -> None:
    started = time.monotonic()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"], response.json()["database"]) == (200, "away", "ok")
    assert time.monotonic() - started < 4  # a probe does not wait longer


@pytest.mark.slow
def test_with_the_database_away_the_portal_lives_but_is_not_ready() -> None:
    environment = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "DJANGO_SETTINGS_MODULE": "websesam.settings", "LOG_LEVEL": "CRITICAL"}
    result = subprocess.run([sys.executable, "-c", PROBE], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60, check=True)
    alive, ready = (line.split(" ", 1) for line in result.stdout.splitlines() if line[0].isdigit())
    assert alive == ["200", '{"status": "ok"}']
    assert ready[0] == "503"
    assert json.loads(ready[1]) == {"database": "away", "broker": "ok"}


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_the_probes_only_answer_a_get_and_start_no_session(url: str, client: Client) -> None:
    assert client.post(url).status_code == 405
    response = client.get(url)
    assert not response.cookies
    assert response["Content-Type"] == "application/json"
