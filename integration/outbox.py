"""Outgoing messages: queued in the change's own transaction, sent once each, per subject in order (design, section 5)."""

import datetime
import enum
import random
import uuid
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from core.after_commit import start_after_commit
from core.lifecycle import NotInTransaction
from integration import client, contract
from integration.models import OutgoingMessage

log = structlog.get_logger(__name__)

FIRST_WAIT = datetime.timedelta(seconds=20)
LONGEST_WAIT = datetime.timedelta(minutes=15)
KEEP_PAYLOAD = datetime.timedelta(days=90)
SEND_TASK = "integration.send_waiting"


class Sent(enum.Enum):
    """What `send_next` did: nothing was due, or one message ended so."""

    NOTHING = 0
    DONE = 1
    LATER = 2
    PARKED = 3


def queue(message_type: str, *, subject: str, body: Any) -> OutgoingMessage:
    """Store a message to SESAM2 beside the change that it tells of, and wake a sender after the commit.

    `body` is the contract's model for the messageType. Refused outside a transaction: the change and its
    message are committed together or not at all.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction
    message_id = uuid.uuid4()
    now = timezone.localtime()
    sequence = _next_sequence(subject)
    payload = contract.envelope(
        message_type, subject, sequence, body, message_id=message_id, created=now, sender=settings.PORTAL_GLN, receiver=settings.SESAM2_GLN
    )
    message = OutgoingMessage.objects.create(
        id=message_id,
        message_type=message_type,
        subject=subject,
        sequence=sequence,
        payload=payload,
        # Of the JSON value: the database gives the bytes another order.
        payload_sha256=contract.fingerprint(contract.dump(payload)),
        created_at=now,
        next_try_at=now,
    )
    start_after_commit(SEND_TASK)
    return message


def _next_sequence(subject: str) -> int:
    """Counts 1, 2, 3 … per subject, without gaps: the counter's row stays locked until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integration_subjectcounter (subject, last_sequence) VALUES (%s, 1) "
            "ON CONFLICT (subject) DO UPDATE SET last_sequence = integration_subjectcounter.last_sequence + 1 RETURNING last_sequence",
            [subject],
        )
        return int(cursor.fetchone()[0])


def send_next() -> Sent:
    """Lock one due message, send it, and mark what came of it, in one transaction.

    The row's lock is held during the call (10 s at most): nobody else can take the message, and a worker that is
    killed frees it. What SESAM2 took but could not confirm goes again; SESAM2 acts once per messageId.
    """
    with transaction.atomic():
        message = OutgoingMessage.objects.due().select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at").first()
        if message is None:
            return Sent.NOTHING
        outcome = client.put_message(str(message.id), contract.dump(message.payload or {}))
        message.attempts += 1
        message.last_error = f"{outcome.error} {outcome.title}".strip()
        if outcome.is_done:
            message.state = OutgoingMessage.State.DONE
            message.done_at = timezone.now()
            result = Sent.DONE
        elif outcome.is_final:
            message.state = OutgoingMessage.State.PARKED
            result = Sent.PARKED
        else:
            message.next_try_at = timezone.now() + max(wait_before(message.attempts), outcome.retry_after)
            result = Sent.LATER
        message.save(update_fields=["state", "attempts", "next_try_at", "last_error", "done_at"])
    level = log.info if result is Sent.DONE else log.error if outcome.is_alarm or result is Sent.PARKED else log.warning
    level(
        "outgoing." + result.name.lower(),
        message_id=str(message.id),
        message_type=message.message_type,
        subject=message.subject,
        attempts=message.attempts,
        error=outcome.error,
    )
    return result


def wait_before(attempt: int) -> datetime.timedelta:
    """20 s, 40 s, 80 s … 15 min, ± 20 % so that a backlog does not come back all at once."""
    wait = min(FIRST_WAIT * 2 ** min(attempt - 1, 10), LONGEST_WAIT)
    return wait * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


def empty_old_payloads() -> int:
    """Empty what was done more than 90 days ago; the rows and the hashes stay. Returns how many."""
    before = timezone.now() - KEEP_PAYLOAD
    return OutgoingMessage.objects.filter(state=OutgoingMessage.State.DONE, done_at__lt=before, payload__isnull=False).update(payload=None)
