"""Wakes the outbox and the inbox. What is to be done stands in the tables; a task that is lost is made up by the next sweep."""

import threading
import time

from celery import shared_task

from integration import client, inbox, outbox

# Then the worker is free for others; the sweep or the next message goes on.
_LONGEST_RUN = 25.0


# A SESAM2 that hangs holds each sender for 10 s a message: the worker's other threads are left for its answers.
_senders = threading.BoundedSemaphore(3)


@shared_task(name="integration.send_waiting")
def send_waiting() -> None:
    # The others are at it and will find the message; the second is for one that was just about to stop.
    if not _senders.acquire(timeout=1):
        return
    try:
        until = time.monotonic() + _LONGEST_RUN
        while time.monotonic() < until and outbox.send_next() is not outbox.Sent.NOTHING:
            pass
    finally:
        _senders.release()


@shared_task(name="integration.process_waiting")
def process_waiting() -> None:
    until = time.monotonic() + _LONGEST_RUN
    while time.monotonic() < until and inbox.process_next() is not inbox.Processed.NOTHING:
        pass


@shared_task(name="integration.catch_up", autoretry_for=(client.NoAnswer,), retry_backoff=60, max_retries=3)
def catch_up() -> None:
    inbox.catch_up()


@shared_task(name="integration.empty_old_payloads")
def empty_old_payloads() -> None:
    outbox.empty_old_payloads()
    inbox.empty_old_payloads()
    inbox.forget_old_nonces()
