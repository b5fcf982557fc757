"""Incoming messages: stored once, answered, then acted on once (design, section 5)."""

import datetime
import enum
import json

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.after_commit import start_after_commit
from integration import client, contract, registry
from integration.models import Cursor, IncomingMessage, SeenNonce
from integration.outbox import FIRST_WAIT, KEEP_PAYLOAD, LONGEST_WAIT, wait_before

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 8
KEEP_NONCES = datetime.timedelta(days=14)
LONGEST_UNKNOWN = datetime.timedelta(hours=24)
PROCESS_TASK = "integration.process_waiting"
_CATCH_UP = "sesam2-messages"
_PAGE = 500
_LONGEST_CURSOR = 200


class Received(enum.Enum):
    """Value = the HTTP status of the contract's section 1."""

    STORED = 202
    KNOWN = 200
    OTHER_BODY = 409


class Processed(enum.Enum):
    NOTHING = 0
    DONE = 1
    LATER = 2
    PARKED = 3


def receive(raw: bytes, *, message_id: str) -> Received:
    """Check a message and store it; committed when this returns. Raises `contract.ContractError` when it breaks the contract.

    The same messageId again is compared by its JSON value, not its bytes.
    """
    envelope, _ = contract.parse_incoming(raw)
    if str(envelope.message_id) != message_id.lower():
        raise contract.ContractError(422, "Wrong messageId", "It differs from the one in the path.", [{"field": "messageId", "text": "not the path's"}])
    if (envelope.sender, envelope.receiver) != (settings.SESAM2_GLN, settings.PORTAL_GLN):
        raise contract.ContractError(
            422, "Wrong sender or receiver", "They are not this installation's.", [{"field": "receiver", "text": "not this installation's"}]
        )
    digest = contract.fingerprint(raw)
    with transaction.atomic():
        message, is_new = IncomingMessage.objects.get_or_create(
            id=envelope.message_id,
            defaults={
                "message_type": envelope.message_type,
                "subject": envelope.subject,
                "sequence": envelope.sequence,
                "payload": json.loads(raw),
                "payload_sha256": digest,
            },
        )
        if is_new:
            start_after_commit(PROCESS_TASK)
    if is_new:
        log.info("incoming.stored", message_id=message_id, message_type=envelope.message_type, subject=envelope.subject)
        return Received.STORED
    return Received.KNOWN if message.payload_sha256 == digest else Received.OTHER_BODY


def process_next() -> Processed:
    """Lock one due message, run its handler and mark it, in one transaction.

    What the handler did and the mark are committed together. An error undoes the handler alone and is counted:
    8 tries, then parked; a subject that the portal does not know is tried for 24 h. A parked message holds back nobody.
    """
    with transaction.atomic():
        message = IncomingMessage.objects.due().select_for_update(skip_locked=True).order_by("next_try_at", "sequence").first()
        if message is None:
            return Processed.NOTHING
        message.attempts += 1
        error, wait = "", datetime.timedelta()
        try:
            with transaction.atomic():
                body = contract.INCOMING[message.message_type].model_validate_json(contract.dump((message.payload or {})["body"]))
                registry.dispatch(message.message_type, body, subject=message.subject, sequence=message.sequence)
            result = Processed.DONE
        except registry.UnknownSubject:
            # No error of a handler, and none of its 8 tries: that it waits long for its order must not use them up.
            message.attempts -= 1
            error, wait = "unknown subject", _wait_for_subject(message)
            result = Processed.PARKED if timezone.now() - message.received_at > LONGEST_UNKNOWN else Processed.LATER
        except registry.Unacceptable as reason:
            error = str(reason)
            result = Processed.PARKED
        except Exception as problem:
            # Whatever a handler meets, the message must neither be lost nor stop the others.
            log.exception("incoming.failed", message_id=str(message.id))
            error, wait = type(problem).__name__, wait_before(message.attempts)
            result = Processed.PARKED if message.attempts >= MOST_ATTEMPTS else Processed.LATER
        message.last_error = error[:200]
        if result is Processed.DONE:
            message.state = IncomingMessage.State.DONE
            message.done_at = timezone.now()
        elif result is Processed.PARKED:
            message.state = IncomingMessage.State.PARKED
        else:
            message.next_try_at = timezone.now() + wait
        message.save(update_fields=["state", "attempts", "next_try_at", "last_error", "done_at"])
    level = log.error if result is Processed.PARKED else log.info
    level("incoming." + result.name.lower(), message_id=str(message.id), message_type=message.message_type, subject=message.subject, error=error)
    return result


def _wait_for_subject(message: IncomingMessage) -> datetime.timedelta:
    """As long as it has waited already, within the limits of every wait."""
    return min(max(timezone.now() - message.received_at, FIRST_WAIT), LONGEST_WAIT)


def catch_up() -> int:
    """Ask SESAM2 for what it has sent since the last time, and store what is missing. Returns how many were new.

    The cursor moves only past what is stored. A message that breaks the contract was refused when it came and is passed here too.
    """
    cursor, _ = Cursor.objects.get_or_create(name=_CATCH_UP)
    new = 0
    while True:
        answer = client.get_json("/messages", {"after": cursor.value, "limit": str(_PAGE)})
        messages, following = (answer.get("messages"), answer.get("next")) if isinstance(answer, dict) else (None, None)
        if not isinstance(messages, list) or not isinstance(following, str) or len(following) > _LONGEST_CURSOR:
            raise client.NoAnswer("answer breaks the contract")
        for item in messages:
            message_id = str(item.get("messageId", "")) if isinstance(item, dict) else ""
            try:
                new += receive(contract.dump(item), message_id=message_id) is Received.STORED
            except contract.ContractError as error:
                log.error("catch_up.refused", after=cursor.value, error=error.title)
        if following == cursor.value or not messages:
            return new
        cursor.value, cursor.updated_at = following, timezone.now()
        cursor.save(update_fields=["value", "updated_at"])


def empty_old_payloads() -> int:
    """As for outgoing messages: empty what was done more than 90 days ago. Returns how many."""
    before = timezone.now() - KEEP_PAYLOAD
    return IncomingMessage.objects.filter(state=IncomingMessage.State.DONE, done_at__lt=before, payload__isnull=False).update(payload=None)


def forget_old_nonces() -> int:
    """Forget nonces that no accepted timestamp can come with any more, many times over. Returns how many."""
    return SeenNonce.objects.filter(seen_at__lt=timezone.now() - KEEP_NONCES).delete()[0]
