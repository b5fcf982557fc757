"""Messages from SESAM2: stored once, acted on once, and one that cannot be acted on stops no other."""

import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.models import Notice
from core.numbers import order_number
from integration import client, contract, inbox, registry, tasks
from integration.inbox import Processed, Received
from integration.models import Cursor, IncomingMessage
from orders.models import Order, OrderHistory, Status
from tests import factories
from tests.sesam2 import answer, answering_server, incoming, response

pytestmark = pytest.mark.django_db
H = order_number("H", 2026, 1)


def receive(message_type: str, subject: str, body: dict[str, Any], **changes: Any) -> IncomingMessage:
    message_id, raw = incoming(message_type, subject, body, **changes)
    assert inbox.receive(raw, message_id=message_id) is Received.STORED
    return IncomingMessage.objects.get(pk=message_id)


def pickup_status(number: str = H) -> dict[str, Any]:
    return {"orderNumber": number, "status": "PICKED_UP"}


def make_due() -> None:
    """The back-off has passed."""
    IncomingMessage.objects.update(next_try_at=timezone.now())


def fate(message: IncomingMessage) -> tuple[str, int, str]:
    message.refresh_from_db()
    return message.state, message.attempts, message.last_error


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Callable[[registry.Handler], registry.Handler]:
    """`handle(function)` makes it the handler of PickupStatus during the test."""
    monkeypatch.setattr(registry, "_handlers", {key: value for key, value in registry._handlers.items() if key[0] != "PickupStatus"})
    return registry.handles("PickupStatus", "H")


# --- Receiving -------------------------------------------------------------------------------------


def test_a_message_is_stored_as_it_came() -> None:
    number = order_number("K", 2026, 1)
    message = receive("OrderResponse", number, response(number, reason="Åska & <b>"), sequence=7)
    assert (message.message_type, message.subject, message.sequence, message.state, message.attempts) == ("OrderResponse", number, 7, "WAITING", 0)
    assert message.payload["body"] == {"orderNumber": number, "erpOrderNumber": "900001", "code": "AB", "reason": "Åska & <b>"}


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda raw: raw,
        lambda raw: json.dumps(json.loads(raw), indent=4).encode(),
        lambda raw: json.dumps(json.loads(raw), sort_keys=True, ensure_ascii=True).encode(),
        lambda raw: b"\n " + raw + b"\r\n",
    ],
)
def test_the_same_id_with_the_same_value_is_known_however_it_is_written(rewrite: Any) -> None:
    message_id, raw = incoming("PickupStatus", H, pickup_status())
    assert inbox.receive(raw, message_id=message_id) is Received.STORED
    assert inbox.receive(rewrite(raw), message_id=message_id.upper()) is Received.KNOWN
    assert IncomingMessage.objects.count() == 1


@pytest.mark.parametrize("changes", [{"sequence": 2}, {"created": "2026-11-22T09:15:02.124+01:00"}, {"body": {"orderNumber": H, "status": "SCHEDULED"}}])
def test_the_same_id_with_another_value_changes_nothing(changes: dict[str, Any]) -> None:
    message_id, raw = incoming("PickupStatus", H, pickup_status())
    inbox.receive(raw, message_id=message_id)
    assert inbox.receive(json.dumps(json.loads(raw) | changes).encode(), message_id=message_id) is Received.OTHER_BODY
    assert IncomingMessage.objects.get().payload == json.loads(raw)


def test_what_was_emptied_is_still_known() -> None:
    message_id, raw = incoming("PickupStatus", H, pickup_status())
    inbox.receive(raw, message_id=message_id)
    IncomingMessage.objects.update(payload=None, state="DONE", done_at=timezone.now())
    assert inbox.receive(raw, message_id=message_id) is Received.KNOWN


def test_a_worker_is_woken_by_what_is_new_alone(django_capture_on_commit_callbacks: Any) -> None:
    message_id, raw = incoming("PickupStatus", H, pickup_status())
    with django_capture_on_commit_callbacks() as first:
        inbox.receive(raw, message_id=message_id)
    with django_capture_on_commit_callbacks() as second:
        inbox.receive(raw, message_id=message_id)
    assert (len(first), len(second)) == (1, 0)


# --- Acting ----------------------------------------------------------------------------------------


def test_messages_are_acted_on_in_the_order_in_which_they_came(handle: Any) -> None:
    seen: list[int] = []
    handle(lambda body, *, subject, sequence: seen.append(sequence))
    for sequence in (3, 1, 2):
        receive("PickupStatus", H, pickup_status(), sequence=sequence)
    tasks.process_waiting()
    assert seen == [3, 1, 2]
    assert inbox.process_next() is Processed.NOTHING


def test_what_came_at_the_same_moment_is_acted_on_by_sequence(handle: Any) -> None:
    seen: list[int] = []
    handle(lambda body, *, subject, sequence: seen.append(sequence))
    for sequence in (3, 1, 2):
        receive("PickupStatus", H, pickup_status(), sequence=sequence)
    make_due_at = timezone.now()
    IncomingMessage.objects.update(next_try_at=make_due_at)
    tasks.process_waiting()
    assert seen == [1, 2, 3]


def test_an_orders_answer_is_acted_on_once() -> None:
    order = factories.order()
    message = receive("OrderResponse", order.number, response(order.number))
    assert inbox.process_next() is Processed.DONE
    assert fate(message) == ("DONE", 1, "")
    assert message.done_at is not None
    order.refresh_from_db()
    assert (order.status, order.erp_number) == (Status.RECEIVED, "900001")
    assert inbox.process_next() is Processed.NOTHING
    assert OrderHistory.objects.filter(order=order, event="RECEIVED").count() == 1


# --- A subject that is not known yet ---------------------------------------------------------------


def test_a_message_about_an_unknown_order_waits_until_the_order_is_there() -> None:
    number = order_number("K", 2026, 99_999_999)
    message = receive("OrderResponse", number, response(number))
    assert inbox.process_next() is Processed.LATER
    assert fate(message) == ("WAITING", 0, "unknown subject")
    assert inbox.process_next() is Processed.NOTHING
    Order.objects.filter(pk=factories.order().pk).update(number=number)
    make_due()
    assert inbox.process_next() is Processed.DONE
    assert fate(message) == ("DONE", 1, "")


def test_no_app_knows_such_a_subject_yet(handle: Any) -> None:
    """Nothing handles it: it waits, as for an order that is not there."""
    message = receive("PickupStatus", H, pickup_status())
    assert inbox.process_next() is Processed.LATER
    assert fate(message)[2] == "unknown subject"


@pytest.mark.parametrize(("age", "state"), [(datetime.timedelta(hours=23, minutes=59), "WAITING"), (datetime.timedelta(hours=24, minutes=1), "PARKED")])
def test_an_unknown_subject_is_parked_after_24_hours(age: datetime.timedelta, state: str) -> None:
    number = order_number("K", 2026, 99_999_999)
    message = receive("OrderResponse", number, response(number))
    IncomingMessage.objects.update(received_at=timezone.now() - age)
    inbox.process_next()
    assert fate(message) == (state, 0, "unknown subject")


@pytest.mark.parametrize(("age", "least", "most"), [(0, 20, 21), (60, 60, 61), (3600, 900, 901), (23 * 3600, 900, 901)])
def test_an_unknown_subject_is_looked_for_at_least_every_15_minutes(age: int, least: float, most: float) -> None:
    number = order_number("K", 2026, 99_999_999)
    message = receive("OrderResponse", number, response(number))
    IncomingMessage.objects.update(received_at=timezone.now() - datetime.timedelta(seconds=age))
    before = timezone.now()
    inbox.process_next()
    message.refresh_from_db()
    assert least <= (message.next_try_at - before).total_seconds() <= most


def test_waiting_for_its_order_does_not_use_up_a_messages_eight_tries(handle: Any) -> None:
    message = receive("PickupStatus", H, pickup_status())
    for _ in range(20):
        make_due()
        assert inbox.process_next() is Processed.LATER
    handle(fail)
    make_due()
    assert inbox.process_next() is Processed.LATER
    assert fate(message) == ("WAITING", 1, "RuntimeError")


# --- A handler that fails --------------------------------------------------------------------------


def fail(body: Any, *, subject: str, sequence: int) -> None:
    """Writes, and then meets an error that quotes a person."""
    alice = factories.alice()
    Notice.objects.create(user=alice.user, unit=alice.unit, tone="info", word="Klart", title="Halvgjort", url="/")
    raise RuntimeError("Kanariefågel 191212121212")


def test_a_handler_that_fails_is_tried_8_times_and_leaves_nothing(handle: Any, log_lines: Any) -> None:
    handle(fail)
    message = receive("PickupStatus", H, pickup_status())
    for attempt in range(1, 8):
        make_due()
        before = timezone.now()
        assert inbox.process_next() is Processed.LATER
        assert fate(message) == ("WAITING", attempt, "RuntimeError")
        assert message.next_try_at - before >= datetime.timedelta(seconds=16)
    make_due()
    assert inbox.process_next() is Processed.PARKED
    assert fate(message) == ("PARKED", 8, "RuntimeError")
    assert message.done_at is None
    assert not Notice.objects.exists()
    make_due()
    assert inbox.process_next() is Processed.NOTHING
    text = "\n".join(log_lines())
    assert text.count('"incoming.failed"') == 8
    assert "Kanarief" not in text
    assert "191212121212" not in text


def test_a_handler_whose_statement_the_database_refuses_does_not_take_the_inbox_with_it(handle: Any) -> None:
    def break_a_rule(body: Any, *, subject: str, sequence: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    handle(break_a_rule)
    broken = receive("PickupStatus", H, pickup_status())
    assert inbox.process_next() is Processed.LATER
    assert fate(broken) == ("WAITING", 1, "DataError")
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


def test_a_parked_message_holds_back_nobody(handle: Any) -> None:
    order = factories.order()
    first = receive("OrderResponse", order.number, response(order.number), sequence=1)
    IncomingMessage.objects.filter(pk=first.pk).update(state="PARKED")
    second = receive("OrderResponse", order.number, response(order.number, code="AP", promisedDate="2026-12-01"), sequence=2)
    handle(fail)
    third = receive("PickupStatus", H, pickup_status())
    fourth = receive("DeliveryDelayed", order.number, {"orderNumber": order.number, "reason": "Snö"}, sequence=3)
    tasks.process_waiting()
    assert [fate(message)[0] for message in (first, second, third, fourth)] == ["PARKED", "DONE", "WAITING", "DONE"]


def test_what_contradicts_the_order_is_parked_at_once_with_nothing_done() -> None:
    """erpOrderNumber is set once (contract, section 5)."""
    order = factories.order()
    receive("OrderResponse", order.number, response(order.number))
    message = receive("OrderResponse", order.number, response(order.number, code="RE") | {"erpOrderNumber": "900002"}, sequence=2)
    tasks.process_waiting()
    assert fate(message) == ("PARKED", 1, "another erpOrderNumber than before")
    order.refresh_from_db()
    assert (order.status, order.erp_number) == (Status.RECEIVED, "900001")
    assert not Notice.objects.exists()


def test_a_line_that_the_order_does_not_have_is_parked_and_its_other_lines_are_untouched() -> None:
    order = factories.order(lines=1)
    receive("OrderResponse", order.number, response(order.number, code="AP", promisedDate="2026-12-01"))
    inbox.process_next()
    lines = [{"line": 1, "quantity": 1, "outstanding": 0}, {"line": 9, "quantity": 1, "outstanding": 0}]
    body = {"orderNumber": order.number, "despatchNumber": "F1", "despatchedAt": "2026-11-22T09:15:02+01:00", "lines": lines}
    message = receive("DespatchAdvice", order.number, body, sequence=2)
    assert inbox.process_next() is Processed.PARKED
    assert fate(message)[2] == "names a line that the order does not have"
    assert not order.despatches.exists()


# --- Catching up -----------------------------------------------------------------------------------


def sends(sesam2: Any, **more: Any) -> str:
    """The stand-in says something that does not arrive: its address for the portal is wrong."""
    return str(sesam2.send("PickupStatus", H, pickup_status(), **more))


def test_what_was_missed_is_fetched_once(sesam2: Any) -> None:
    missed = [sends(sesam2) for _ in range(3)]
    known = IncomingMessage(id=missed[1], message_type="PickupStatus", subject=H, sequence=2, payload={}, payload_sha256="")
    known.save(force_insert=True)
    assert inbox.catch_up() == 2
    assert {str(pk) for pk in IncomingMessage.objects.values_list("pk", flat=True)} == set(missed)
    cursor = Cursor.objects.get().value
    assert cursor
    assert inbox.catch_up() == 0
    assert Cursor.objects.get().value == cursor
    later = sends(sesam2)
    tasks.catch_up()
    assert IncomingMessage.objects.filter(pk=later).exists()
    assert Cursor.objects.get().value != cursor


def test_it_is_fetched_page_by_page(sesam2: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_PAGE", 2)  # a size alone
    missed = [sends(sesam2) for _ in range(5)]
    assert inbox.catch_up() == 5
    assert IncomingMessage.objects.filter(pk__in=missed).count() == 5


def test_what_breaks_the_contract_is_passed_by_and_told(sesam2: Any, log_lines: Any) -> None:
    sesam2.send("PickupStatus", H, {"orderNumber": H, "status": "Kanariefågel 191212121212"}, unchecked=True)
    good = sends(sesam2)
    assert inbox.catch_up() == 1
    assert [str(pk) for pk in IncomingMessage.objects.values_list("pk", flat=True)] == [good]
    assert inbox.catch_up() == 0
    assert any(json.loads(line)["event"] == "catch_up.refused" for line in log_lines())
    assert "Kanarief" not in "\n".join(log_lines())


@pytest.mark.parametrize(
    "say",
    [
        answer(503),
        answer(200, b"<html>", "text/html"),
        answer(200, b"[]"),
        answer(200, b"null"),
        answer(200, b'{"messages": []}'),
        answer(200, b'{"messages": {}, "next": "1"}'),
        answer(200, b'{"messages": [], "next": 1}'),
        answer(200, b'{"messages": [1], "next": "' + b"9" * 201 + b'"}'),
        answer(200, b"[" * 100_000),
        answer(302, location="/messages?after=5"),
    ],
)
def test_what_is_no_answer_leaves_the_cursor_where_it_is(say: Any) -> None:
    Cursor.objects.create(name="sesam2-messages", value="7")
    with answering_server() as server:
        server.say = say
        with pytest.raises(client.NoAnswer):
            inbox.catch_up()
        assert [path for _, path, _, _ in server.asked] == ["/messages?after=7&limit=500"]
    assert Cursor.objects.get().value == "7"


def test_junk_among_the_messages_is_passed_by() -> None:
    junk = [1, None, "x", [], {}, {"messageId": 5}, {"messageId": str(uuid.uuid4())}, {"a": "\ud800"}]
    pages = [json.dumps({"messages": junk, "next": "8"}).encode(), b'{"messages": [], "next": "8"}']
    with answering_server() as server:

        def page_by_page(handler: Any) -> None:
            answer(200, pages.pop(0))(handler)

        server.say = page_by_page
        assert inbox.catch_up() == 0
    assert Cursor.objects.get().value == "8"
    assert not IncomingMessage.objects.exists()


def test_every_report_about_a_kundorder_has_a_handler() -> None:
    number = order_number("K", 2026, 1)
    about_orders = [
        "OrderResponse",
        "DeliveryDelayed",
        "OrderCancelled",
        "CancellationRefused",
        "DeliveryChangeRefused",
        "DespatchAdvice",
        "DeliveryConfirmation",
    ]
    for message_type in about_orders:
        assert registry.handler_for(message_type, number) is not None
    assert set(about_orders) <= set(contract.INCOMING)


def test_two_handlers_for_one_message_are_an_error_at_start(handle: Any) -> None:
    handle(fail)
    with pytest.raises(RuntimeError, match="two handlers"):
        handle(fail)
