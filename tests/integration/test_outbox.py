"""Messages to SESAM2: stored with the change, sent once, in order, whatever the other side does."""

import datetime
import json
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from core.lifecycle import NotInTransaction
from core.numbers import order_number
from integration import contract, outbox, signature, tasks
from integration.delivery import progress_of
from integration.models import IncomingMessage, OutgoingMessage, SubjectCounter
from integration.outbox import Sent
from orders.actions import orders
from orders.models import Order, Status
from patients.actions import NewAddress, change_details
from tests import factories
from tests.sesam2 import AnsweringServer, answer, answering_server, hang_up, problem
from tests.websesam.processes import wait_until

K1, K2 = order_number("K", 2026, 1), order_number("K", 2026, 2)

DONE, PARKED, WAITING = OutgoingMessage.State.DONE, OutgoingMessage.State.PARKED, OutgoingMessage.State.WAITING


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


# --- Storing ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_message_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        queue()
    assert not OutgoingMessage.objects.exists()
    assert not SubjectCounter.objects.exists()


@pytest.mark.django_db
def test_a_change_that_is_rolled_back_leaves_no_message_and_no_gap() -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert not OutgoingMessage.objects.exists()
    assert [queue().sequence, queue(K2).sequence, queue().sequence] == [1, 1, 2]


@pytest.mark.django_db
def test_a_sender_is_woken_after_the_commit_and_not_before(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        queue()
        assert callbacks == []
    assert len(callbacks) == 1
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        queue()
        transaction.set_rollback(True)
    assert callbacks == []


@pytest.mark.django_db
def test_a_body_that_breaks_the_contract_is_not_stored() -> None:
    body = contract.CancellationRequest(order_number=K1, reason=contract.CancelReason.NOT_NEEDED, note="nej")
    for wrong in ({"message_type": "CustomerOrder", "subject": K1}, {"message_type": "CancellationRequest", "subject": K2}):
        with pytest.raises(contract.ContractError), transaction.atomic():
            outbox.queue(**wrong, body=body)
    assert not OutgoingMessage.objects.exists()


@pytest.mark.django_db
def test_a_message_tells_what_was_true_when_it_was_queued(server: AnsweringServer) -> None:
    order = factories.order()
    address = NewAddress(street="Nygatan 9", postal_code="44131", city="Alingsås")
    change_details(order.patient, by=order.orderer, phone="", address=address)
    assert outbox.send_next() is Sent.DONE
    [(_, _, _, sent)] = server.asked
    assert json.loads(sent)["body"]["delivery"]["street"] == "Storgatan 1"


@pytest.mark.django_db
def test_what_is_sent_is_the_contracts_and_signed(server: AnsweringServer) -> None:
    message = queue()
    assert outbox.send_next() is Sent.DONE
    [(method, path, headers, sent)] = server.asked
    assert (method, path) == ("PUT", f"/messages/{message.pk}")
    assert headers["Content-Type"] == "application/json"
    verified = signature.verify(method=method, path_and_query=path, headers=headers, body=sent, keys=settings.SESAM2_KEYS)
    assert (verified.key_id, verified.nonce) == (settings.SESAM2_KEY_ID, str(message.pk))
    envelope, body = contract.parse_outgoing(sent)
    assert (envelope.message_id, envelope.subject, envelope.sequence, body.note) == (message.pk, K1, 1, "Åsa behöver den inte längre")
    assert message.payload_sha256 == contract.fingerprint(sent)


# --- Order -----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("say", [problem(422), answer(503)])
def test_what_is_parked_or_waits_holds_back_only_its_own_subject(say: Any, server: AnsweringServer) -> None:
    first, second, other = queue(K1), queue(K1), queue(K2)
    server.say = say
    OutgoingMessage.objects.filter(pk=other.pk).update(next_try_at=timezone.now() + datetime.timedelta(minutes=1))
    outbox.send_next()
    server.say = answer(202)
    OutgoingMessage.objects.filter(pk__in=[second.pk, other.pk]).update(next_try_at=timezone.now())
    assert outbox.send_next() is Sent.DONE
    assert outbox.send_next() is Sent.NOTHING
    states = {message.pk: message.state for message in OutgoingMessage.objects.all()}
    assert states[first.pk] in {PARKED, WAITING}
    assert (states[second.pk], states[other.pk]) == (WAITING, DONE)


@pytest.mark.django_db
def test_a_subjects_messages_go_in_their_order_even_when_a_later_one_is_due_earlier(server: AnsweringServer) -> None:
    messages = [queue() for _ in range(3)]
    for number, message in enumerate(messages):
        OutgoingMessage.objects.filter(pk=message.pk).update(next_try_at=timezone.now() - datetime.timedelta(minutes=number))
    assert [outbox.send_next() for _ in range(4)] == [Sent.DONE] * 3 + [Sent.NOTHING]
    assert [json.loads(sent)["sequence"] for _, _, _, sent in server.asked] == [1, 2, 3]


@pytest.mark.django_db
def test_the_orders_page_tells_how_far_its_message_has_come(server: AnsweringServer) -> None:
    assert progress_of(K1) is None
    queue()
    assert (progress_of(K1).is_waiting, progress_of(K1).is_slow) == (True, False)
    server.say = problem(422)
    outbox.send_next()
    queue()
    assert progress_of(K1).is_parked  # the oldest unfinished one counts
    OutgoingMessage.objects.filter(state=PARKED).update(state=DONE, done_at=timezone.now())
    server.say = answer(202)
    outbox.send_next()
    assert progress_of(K1).done_at == OutgoingMessage.objects.get(sequence=2).done_at


# --- Things that break -----------------------------------------------------------------------------

WORKER = """
import sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"], settings.SESAM2_URL = sys.argv[1:]
django.setup()
from integration import outbox
outbox.send_next()
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_in_the_middle_leaves_its_message_due_at_once(server: AnsweringServer) -> None:
    with transaction.atomic():
        message = queue()
    answer_now = threading.Event()

    def slowly(handler: Any) -> None:
        answer_now.wait(20)
        answer(202)(handler)

    server.say = slowly
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(connection.settings_dict["NAME"]), server.url], cwd=settings.BASE_DIR)
    try:
        assert wait_until(lambda: server.asked, 20)
        assert outbox.send_next() is Sent.NOTHING  # the dead-to-be holds it
        with pytest.raises(OperationalError), transaction.atomic():
            OutgoingMessage.objects.select_for_update(nowait=True).get()
    finally:
        worker.kill()
        worker.wait()
        answer_now.set()
    server.say = answer(202)
    assert wait_until(lambda: outbox.send_next() is Sent.DONE, 5)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (DONE, 1)
    assert len(server.asked) == 2  # SESAM2 may get it twice and acts once, by its messageId


@pytest.mark.django_db
def test_what_sesam2_took_but_could_not_confirm_goes_again_and_is_stored_once(sesam2: Any) -> None:
    order = factories.order()
    sesam2.control(auto=False, drop_reply=1)
    assert outbox.send_next() is Sent.LATER
    assert len(sesam2.received) == 1
    make_due()
    assert outbox.send_next() is Sent.DONE
    assert [message["subject"] for message in sesam2.received] == [order.number]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("control", "error"), [({"fail": {"status": 503}}, "HTTP 503 Told to fail"), ({"garbage_200": 1}, "HTTP 200"), ({"down": True}, "RemoteProtocolError")]
)
def test_the_stand_in_misbehaves_and_then_behaves(control: dict[str, Any], error: str, sesam2: Any) -> None:
    factories.order()
    sesam2.control(auto=False, **control)
    assert outbox.send_next() is Sent.LATER
    assert OutgoingMessage.objects.get().last_error == error
    assert sesam2.received == []
    sesam2.control(down=False)
    make_due()
    assert outbox.send_next() is Sent.DONE
    assert len(sesam2.received) == 1


@pytest.mark.django_db
def test_sesam2_is_down_and_comes_back(sesam2: Any) -> None:
    sesam2.stop()
    order = factories.order()
    assert outbox.send_next() is Sent.LATER
    progress = progress_of(order.number)
    assert (progress.is_waiting, progress.is_slow) == (True, True)
    sesam2.start()
    sesam2.control(auto=False)
    assert outbox.send_next() is Sent.NOTHING  # not yet
    make_due()
    tasks.send_waiting()
    assert [message["subject"] for message in sesam2.received] == [order.number]
    assert progress_of(order.number).done_at is not None


@pytest.mark.django_db(transaction=True)
def test_with_the_broker_away_the_order_is_saved_and_the_sweep_sends_it(broker_away: None, client_of: Any, sesam2: Any, log_lines: Any) -> None:
    sesam2.control(auto=False)
    alice = factories.alice()
    draft = factories.draft(alice)
    started = time.monotonic()
    response = client_of(alice).post(f"/bestallningar/utkast/{draft.public_id}/skicka/")
    assert time.monotonic() - started < 3  # a click does not wait for a broker that is away
    order = Order.objects.get(pk=draft.pk)
    assert (response.status_code, response.url) == (302, f"/bestallningar/{order.number}/skickad/")
    assert order.status == Status.PLACED
    assert OutgoingMessage.objects.get().state == WAITING
    assert any(json.loads(line)["event"] == "broker.away" for line in log_lines())
    tasks.send_waiting()
    assert [message["subject"] for message in sesam2.received] == [order.number]


def test_the_sweep_comes_at_least_every_half_minute() -> None:
    schedule = settings.CELERY_BEAT_SCHEDULE
    for name in ("integration.send_waiting", "integration.process_waiting"):
        assert [entry["schedule"] for entry in schedule.values() if entry["task"] == name] == [settings.SWEEP_SECONDS]
    assert settings.SWEEP_SECONDS <= 30


@pytest.mark.django_db
def test_one_wake_up_sends_everything_that_is_due(server: AnsweringServer) -> None:
    for subject in (K1, K2, K1):
        queue(subject)
    tasks.send_waiting()
    assert set(OutgoingMessage.objects.values_list("state", flat=True)) == {DONE}


# --- What is kept, and what is told ----------------------------------------------------------------


@pytest.mark.django_db
def test_a_payload_is_emptied_after_90_days_and_its_hash_stays(server: AnsweringServer) -> None:
    messages = {name: queue(order_number("K", 2026, number)) for number, name in enumerate(["old", "young", "waiting", "parked"], start=1)}
    ages = {"old": (91, DONE), "young": (89, DONE), "waiting": (None, WAITING), "parked": (None, PARKED)}
    for name, (days, state) in ages.items():
        done_at = timezone.now() - datetime.timedelta(days=days) if days else None
        OutgoingMessage.objects.filter(pk=messages[name].pk).update(state=state, done_at=done_at, created_at=timezone.now() - datetime.timedelta(days=400))
    IncomingMessage.objects.create(
        id=messages["old"].pk,
        message_type="x",
        subject=K1,
        sequence=1,
        payload={"a": 1},
        payload_sha256="h",
        state="DONE",
        done_at=timezone.now() - datetime.timedelta(91),
    )
    tasks.empty_old_payloads()
    kept = {name: OutgoingMessage.objects.get(pk=message.pk) for name, message in messages.items()}
    assert {name: message.payload is not None for name, message in kept.items()} == {"old": False, "young": True, "waiting": True, "parked": True}
    assert kept["old"].payload_sha256 == messages["old"].payload_sha256 != ""
    incoming = IncomingMessage.objects.get()
    assert (incoming.payload, incoming.payload_sha256) == (None, "h")


@pytest.mark.django_db
def test_nothing_of_a_message_is_in_the_logs(server: AnsweringServer, log_lines: Any) -> None:
    patient = factories.patient(given_name="Kanariefågel", family_name="Loggsson")
    identity = patient.identity
    quoting = f"Patient {identity.value} Kanariefågel Loggsson, {identity.shown}, Storgatan 1"
    for say in [answer(202), answer(503), hang_up, problem(422, quoting, quoting), problem(401, quoting), answer(200, quoting.encode(), "text/html")]:
        server.say = say
        factories.order(to=patient)
        outbox.send_next()
    lines = log_lines()
    assert {json.loads(line)["event"] for line in lines} == {"outgoing.done", "outgoing.later", "outgoing.parked"}
    assert {json.loads(line)["level"] for line in lines if "HTTP 401" in line} == {"error"}
    assert {json.loads(line)["level"] for line in lines if '"outgoing.parked"' in line} == {"error"}
    text = "\n".join(lines) + "\n".join(json.loads(line).get("error", "") for line in lines)
    for secret in [identity.value, identity.shown, identity.value[2:], "Kanarief", "Loggsson", "Storgatan"]:
        assert secret not in text


@pytest.mark.django_db
def test_an_order_that_cannot_be_written_down_for_sesam2_is_not_sent_at_all() -> None:
    """The message is part of the change: no message, no change."""
    draft = factories.draft()
    draft.customer.payer_number = ""
    draft.customer.save()
    with pytest.raises(ValueError, match="payer_number"), transaction.atomic():
        orders.place(draft, by=draft.orderer)
    draft.refresh_from_db()
    assert (draft.status, draft.number) == (Status.DRAFT, None)
    assert not OutgoingMessage.objects.exists()
    assert not draft.history.exists()
