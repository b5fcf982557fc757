"""Background work starts when what it needs is committed, and a broker that is away hurts nobody."""

import contextlib
import json
import queue
import uuid
from typing import Any

import pytest
from celery import current_app
from django.db import transaction

from core.after_commit import start_after_commit


class Sent:
    """What reached the broker: the messages of the test's own queue."""

    def __init__(self) -> None:
        self.connection = current_app.connection_for_read()
        self.queue = self.connection.SimpleQueue(current_app.conf.task_default_queue)
        self.all()

    def all(self) -> list[tuple[str, list[Any]]]:
        """What has come since the last time, as (task, arguments)."""
        found = []
        with contextlib.suppress(queue.Empty):
            while message := self.queue.get(block=False):
                message.ack()
                found.append((message.headers["task"], message.payload[0]))
        return found

    def close(self) -> None:
        self.queue.close()
        self.connection.close()


@pytest.fixture
def sent() -> Any:
    before = current_app.conf.task_default_queue
    current_app.conf.task_default_queue = f"test-{uuid.uuid4()}"
    current_app.amqp.__dict__.pop("queues", None)
    current_app.amqp.__dict__.pop("router", None)
    made = Sent()
    yield made
    made.close()
    current_app.conf.task_default_queue = before
    current_app.amqp.__dict__.pop("queues", None)
    current_app.amqp.__dict__.pop("router", None)


@pytest.mark.django_db(transaction=True)
def test_the_task_is_sent_at_the_commit_with_its_ids(sent: Any) -> None:
    with transaction.atomic():
        start_after_commit("tests.nobody_takes_this", 7, "K-2026-00000123-3")
        assert sent.all() == []
    assert sent.all() == [("tests.nobody_takes_this", [7, "K-2026-00000123-3"])]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_starts_nothing(sent: Any) -> None:
    with transaction.atomic():
        start_after_commit("tests.nobody_takes_this")
        transaction.set_rollback(True)
    assert sent.all() == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_is_logged_and_the_next_in_turn_still_runs(broker_away: None, log_lines: Any) -> None:
    done = []
    with transaction.atomic():
        start_after_commit("tests.nobody_takes_this", 7)
        transaction.on_commit(lambda: done.append(True))
    assert done == [True]
    [line] = [json.loads(line) for line in log_lines() if "broker.away" in line]
    assert (line["level"], line["task"]) == ("warning", "tests.nobody_takes_this")
