"""Two at once. Each race has its control: the same without the guard, which shows what the guard prevents."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Max
from django.test import Client
from django.utils import timezone

from accounts.models import Notice
from core.lifecycle import IllegalMove
from core.numbers import order_number
from integration import client, contract, inbox, outbox, registry
from integration.models import IncomingMessage, OutgoingMessage, SubjectCounter
from integration.numbers import next_number
from integration.tasks import process_waiting, send_waiting
from orders import sesam2 as words
from orders.actions import approvals, changes, orders
from orders.models import DeliveryChange, Order, OrderHistory, Status
from patients import access
from patients.actions import NewAddress, register
from patients.identifiers import Identifier, IdentityType
from patients.models import CareRelation, Patient
from tests import factories
from tests.orders import told
from tests.sesam2 import incoming, response
from tests.workorders import told as work_told
from workorders import sesam2 as work_words
from workorders.actions import orders as work_orders
from workorders.actions import proposals
from workorders.models import CostProposal, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = 5


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Start the jobs together, each in a thread with its own connection; their results or exceptions, in their order."""
    barrier = threading.Barrier(len(jobs), timeout=10)

    def run(job: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return job()
        except Exception as error:  # noqa: BLE001 - handed to the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def cancellation(number: str) -> contract.CancellationRequest:
    return contract.CancellationRequest(order_number=number, reason=contract.CancelReason.NOT_NEEDED, note="Behövs inte längre")


# --- A double click on Skicka ----------------------------------------------------------------------


def test_a_double_click_gives_one_order(client_of: Any) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    for _ in range(RUNS):
        draft = factories.draft(alice, to=patient, lines=1)
        before = set(OutgoingMessage.objects.values_list("pk", flat=True))
        browsers = [client_of(alice), client_of(alice)]
        url = f"/bestallningar/utkast/{draft.public_id}/skicka/"
        answers = at_once(*(lambda browser=browser, url=url: browser.post(url) for browser in browsers))
        sent = Order.objects.get(pk=draft.pk)
        assert [answer.status_code for answer in answers] == [302, 302]
        assert {answer.url for answer in answers} == {f"/bestallningar/{sent.number}/skickad/"}
        message = OutgoingMessage.objects.exclude(pk__in=before).get()
        assert (message.subject, message.sequence) == (sent.number, 1)
        assert list(OrderHistory.objects.filter(order=sent).values_list("event", flat=True)) == ["PLACED"]
    assert Order.objects.sent().count() == RUNS


def test_a_hundred_posts_of_one_form_give_one_order_and_other_words_afterwards_none(client_of: Any) -> None:
    """Ten at a time, from ten browsers; then the form of the draft with other words, which meets the order that exists."""
    alice = factories.alice()
    draft = factories.draft(alice, lines=1)
    url = f"/bestallningar/utkast/{draft.public_id}/"
    browsers = [client_of(alice) for _ in range(10)]

    def ten_times(browser: Client) -> list[str]:
        return [browser.post(f"{url}skicka/", {"version": str(draft.version)}).url for _ in range(10)]

    answers = at_once(*(lambda browser=browser: ten_times(browser) for browser in browsers))
    sent = Order.objects.get(pk=draft.pk)
    assert Counter(url for urls in answers for url in urls) == {f"/bestallningar/{sent.number}/skickad/": 100}
    assert list(OutgoingMessage.objects.values_list("subject", "message_type")) == [(sent.number, "CustomerOrder")]
    assert OrderHistory.objects.filter(order=sent).count() == 1
    response = browsers[0].post(url, {"do": "review", "version": str(draft.version), "instructions": "Något annat", "quantity_1": "9"})
    assert response.status_code == 409
    assert f"/bestallningar/{sent.number}/" in response.content.decode()
    assert (Order.objects.get(pk=draft.pk).instructions, sent.lines.get().quantity) == (draft.instructions, 1)


def test_control_a_double_click_without_the_guard_gives_two_orders() -> None:
    """Check, then write: both have checked before either has written."""
    alice = factories.alice()
    draft = factories.draft(alice, lines=1)
    both_have_checked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def place_unguarded() -> str:
        order = Order.objects.select_related("unit__provider", "customer", "prescriber__user", "patient").get(pk=draft.pk)
        if order.status != Status.DRAFT:
            raise IllegalMove
        both_have_checked.wait()
        number = next_number("K")
        order.number = number
        outbox.queue("CustomerOrder", subject=number, body=words.customer_order(order, orders.lines_of(order)))
        Order.objects.filter(pk=order.pk).update(status=Status.PLACED, number=number, placed_at=timezone.now())
        return number

    numbers = at_once(place_unguarded, place_unguarded)
    assert len(set(numbers)) == 2
    assert set(OutgoingMessage.objects.values_list("subject", flat=True)) == set(numbers)


def test_two_moves_of_one_record_at_once_leave_one_loser() -> None:
    """Compare-and-set alone, without the row lock that `place` takes first."""
    alice = factories.alice()
    patient = factories.patient(alice)
    for _ in range(RUNS):
        order = factories.order(alice, to=patient)
        first, second = (Order.objects.get(pk=order.pk) for _ in range(2))

        def move(mine: Order) -> None:
            with transaction.atomic():
                mine.move_to(Status.RECEIVED, event="RECEIVED")

        results = at_once(lambda first=first: move(first), lambda second=second: move(second))
        assert sorted(type(result).__name__ for result in results) == ["IllegalMove", "NoneType"]
        assert OrderHistory.objects.filter(order=order, event="RECEIVED").count() == 1


def test_control_two_moves_without_compare_and_set_are_both_told() -> None:
    order = factories.order()
    both_have_checked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def move_unguarded() -> None:
        mine = Order.objects.get(pk=order.pk)
        assert mine.can_move_to(Status.RECEIVED)
        both_have_checked.wait()
        Order.objects.filter(pk=mine.pk).update(status=Status.RECEIVED)
        OrderHistory.objects.create(order=mine, event="RECEIVED", old=mine.status, new=Status.RECEIVED)

    assert at_once(move_unguarded, move_unguarded) == [None, None]
    assert OrderHistory.objects.filter(order=order, event="RECEIVED").count() == 2


# --- Approval --------------------------------------------------------------------------------------


def outcome(job: Callable[[], Any]) -> str:
    try:
        job()
    except (orders.AlreadySent, IllegalMove) as lost:
        return type(lost).__name__
    return "did it"


def test_two_approvers_at_once_send_one_order() -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    eva, frida = factories.approver(), factories.approver(name="Frida Fors")
    for _ in range(RUNS):
        waiting = factories.waiting_order(alice, to=patient)
        results = at_once(*(lambda who=who, waiting=waiting: outcome(lambda: approvals.approve(waiting, by=who, seen=waiting.version)) for who in (eva, frida)))
        assert sorted(results) == ["AlreadySent", "did it"]
        sent = Order.objects.get(pk=waiting.pk)
        assert OutgoingMessage.objects.filter(subject=sent.number).count() == 1
        assert list(sent.history.order_by("id").values_list("event", flat=True)) == ["ASKED", "APPROVED", "PLACED"]
    assert OutgoingMessage.objects.count() == RUNS


@pytest.mark.parametrize("other", ["withdraw", "send_back"])
def test_an_order_is_approved_or_a_draft_again_never_both(other: str) -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    eva, frida = factories.approver(), factories.approver(name="Frida Fors")
    for _ in range(RUNS):
        waiting = factories.waiting_order(alice, to=patient)

        def undo(waiting: Order = waiting) -> None:
            if other == "withdraw":
                approvals.withdraw(waiting, by=alice)
            else:
                approvals.send_back(waiting, by=frida, seen=waiting.version, note="Pröva en annan.")

        results = at_once(lambda waiting=waiting: outcome(lambda: approvals.approve(waiting, by=eva, seen=waiting.version)), lambda undo=undo: outcome(undo))
        assert sorted(results) in (["AlreadySent", "did it"], ["IllegalMove", "did it"])
        now = Order.objects.get(pk=waiting.pk)
        is_sent = results[0] == "did it"
        assert (now.status, now.number is not None) == (Status.PLACED if is_sent else Status.DRAFT, is_sent)
        assert OutgoingMessage.objects.filter(subject=now.number or "").count() == is_sent
        assert list(waiting.approvals.values_list("outcome", flat=True)) == ["APPROVED" if is_sent else {"withdraw": "WITHDRAWN"}.get(other, "SENT_BACK")]


def test_control_without_the_lock_two_approvers_send_two_orders() -> None:
    """Look, then send: both have looked before either has sent."""
    waiting = factories.waiting_order()
    eva, frida = factories.approver(), factories.approver(name="Frida Fors")
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def approve_unguarded(by: Any) -> str:
        order = Order.objects.select_related("unit__provider", "customer", "prescriber__user", "orderer__user", "patient").get(pk=waiting.pk)
        assert order.status == Status.WAITING_FOR_APPROVAL
        both_have_looked.wait()
        number = next_number("K")
        order.number = number
        outbox.queue("CustomerOrder", subject=number, body=words.customer_order(order, orders.lines_of(order)))
        Order.objects.filter(pk=order.pk).update(status=Status.PLACED, number=number, placed_at=timezone.now())
        return number

    numbers = at_once(lambda: approve_unguarded(eva), lambda: approve_unguarded(frida))
    assert len(set(numbers)) == 2
    assert set(OutgoingMessage.objects.values_list("subject", flat=True)) == set(numbers)


def test_control_without_the_lock_an_order_is_sent_and_a_draft_again() -> None:
    waiting = factories.waiting_order()
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def move_unguarded(to: str, **fields: Any) -> str:
        assert Order.objects.get(pk=waiting.pk).status == Status.WAITING_FOR_APPROVAL
        both_have_looked.wait()
        Order.objects.filter(pk=waiting.pk).update(status=to, **fields)
        OrderHistory.objects.create(order=waiting, event=to, old=Status.WAITING_FOR_APPROVAL, new=to)
        return to

    at_once(lambda: move_unguarded(Status.PLACED, number=next_number("K"), placed_at=timezone.now()), lambda: move_unguarded(Status.DRAFT))
    assert set(waiting.history.values_list("new", flat=True)) == {Status.WAITING_FOR_APPROVAL, Status.PLACED, Status.DRAFT}


# --- Two people change one order -------------------------------------------------------------------


def test_a_cancellation_asked_for_by_two_at_once_is_asked_once() -> None:
    alice, bob = factories.alice(), factories.bob()
    patient = factories.patient(alice)
    for _ in range(RUNS):
        order = factories.order(alice, to=patient, lines=2)

        def ask(by: Any, line: int, order: Order = order) -> None:
            changes.request_cancellation(Order.objects.get(pk=order.pk), by=by, reason="OTHER", note="Behövs inte", lines=[line])

        results = at_once(lambda ask=ask: ask(alice, 1), lambda ask=ask: ask(bob, 2))
        assert sorted(type(result).__name__ for result in results) == ["IllegalMove", "NoneType"]
        assert OutgoingMessage.objects.filter(subject=order.number, message_type="CancellationRequest").count() == 1
        assert order.lines.filter(is_cancellation_requested=True).count() == 1


# --- A cost proposal that two answer ------------------------------------------------------------------


def with_proposal(number: str) -> CostProposal:
    """Of a specialanpassning of a patient's aid with the number."""
    patient = factories.patient()
    order = work_told.sent_special(patient, of=work_told.loan(patient, number))
    work_told.tell(order, work_told.status(1, work_told.State.WAITING, proposal="4500.00"))
    return order.proposals.select_related("order").get()


def test_a_cost_proposal_answered_by_two_at_once_is_answered_once_and_the_other_sees_it() -> None:
    eva, frida = factories.approver(), factories.approver(name="Frida Fors")
    for run in range(RUNS):
        proposal = with_proposal(f"10030{run}")

        def answer(by: Any, is_approved: bool, proposal: CostProposal = proposal) -> bool:
            try:
                proposals.answer(CostProposal.objects.get(pk=proposal.pk), by=by, is_approved=is_approved)
            except proposals.AlreadyAnswered as stands:
                return stands.proposal.answered_by != by and stands.proposal.is_approved is not is_approved
            return True

        assert at_once(lambda answer=answer: answer(eva, True), lambda answer=answer: answer(frida, False)) == [True, True]
        now = CostProposal.objects.select_related("answered_by", "order").get(pk=proposal.pk)
        [message] = OutgoingMessage.objects.filter(subject=now.order.number, message_type="CostProposalAnswer")
        assert message.payload is not None
        assert message.payload["body"]["approved"] == now.is_approved == (now.answered_by == eva)
        assert now.order.history.filter(event__in=["COST_APPROVED", "COST_REFUSED"]).count() == 1


def test_control_without_the_guard_a_cost_proposal_is_approved_and_refused() -> None:
    """Look, then answer: both have looked before either has answered."""
    proposal = with_proposal("100300")
    eva, frida = factories.approver(), factories.approver(name="Frida Fors")
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def answer_unguarded(by: Any, is_approved: bool) -> None:
        seen = CostProposal.objects.select_related("order").get(pk=proposal.pk)
        assert seen.is_approved is None
        both_have_looked.wait()
        CostProposal.objects.filter(pk=seen.pk).update(is_approved=is_approved, answered_by=by, answered_at=timezone.now())
        seen.is_approved = is_approved
        outbox.queue("CostProposalAnswer", subject=str(seen.order.number), body=work_words.cost_proposal_answer(seen, by=by))

    assert at_once(lambda: answer_unguarded(eva, True), lambda: answer_unguarded(frida, False)) == [None, None]
    told_sesam2 = OutgoingMessage.objects.filter(message_type="CostProposalAnswer").values_list("payload__body__approved", flat=True)
    assert sorted(told_sesam2) == [False, True]


def test_an_arbetsorder_sent_by_two_at_once_is_sent_once() -> None:
    draft = work_told.draft()
    alice, bob = factories.alice(), factories.bob()
    results = at_once(*(lambda by=by: work_orders.place(WorkOrder.objects.get(pk=draft.pk), by=by) for by in (alice, bob)))
    sent = WorkOrder.objects.get(pk=draft.pk)
    assert sorted(getattr(result, "number", result) for result in results) == [sent.number, sent.number]
    assert OutgoingMessage.objects.filter(message_type="WorkOrder").count() == 1


def test_two_changes_of_one_delivery_at_once_send_one() -> None:
    alice, bob = factories.alice(), factories.bob()
    patient = factories.patient(alice)
    for _ in range(RUNS):
        order = factories.order(alice, to=patient)

        def change(by: Any, street: str, order: Order = order) -> None:
            new = changes.NewDelivery(method="HOME", street=street, postal_code="44130", city="Alingsås", door_code="1357")
            changes.change_delivery(Order.objects.get(pk=order.pk), by=by, new=new)

        results = at_once(lambda change=change: change(alice, "Nygatan 1"), lambda change=change: change(bob, "Nygatan 2"))
        assert sorted(type(result).__name__ for result in results) == ["ChangeIsOpen", "NoneType"]
        sent = DeliveryChange.objects.get(order=order)
        assert Order.objects.get(pk=order.pk).street == sent.after["street"] == ["Nygatan 1", "Nygatan 2"][results.index(None)]


def test_control_without_the_order_locked_both_changes_go() -> None:
    """Each has looked, and seen no change that is open."""
    order = factories.order()
    both_have_looked = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def change_unguarded(street: str) -> None:
        assert changes.open_change(order) is None
        both_have_looked.wait()
        DeliveryChange.objects.create(order=order, by=order.orderer, before={}, after={"street": street})

    assert at_once(lambda: change_unguarded("Nygatan 1"), lambda: change_unguarded("Nygatan 2")) == [None, None]
    assert DeliveryChange.objects.filter(order=order).count() == 2


def test_a_despatch_told_while_the_delivery_is_changed_comes_before_or_after_it() -> None:
    """Never in between: either the change is refused, or the despatch is told of an order that goes elsewhere."""
    alice = factories.alice()
    patient = factories.patient(alice)
    new = changes.NewDelivery(method="HOME", street="Nygatan 1", postal_code="44130", city="Alingsås", door_code="1357")
    for run in range(RUNS):
        order = factories.order(alice, to=patient)
        results = at_once(
            lambda order=order: changes.change_delivery(Order.objects.get(pk=order.pk), by=alice, new=new),
            lambda order=order, run=run: told.despatched(f"F{run}", told.sent(1))(order),
        )
        events = list(order.history.order_by("id").values_list("event", flat=True))
        if isinstance(results[0], IllegalMove):
            assert events == ["PLACED", "DESPATCHED"]
            assert Order.objects.get(pk=order.pk).street == "Storgatan 1"
        else:
            assert results == [None, None]
            assert events == ["PLACED", "DELIVERY_CHANGED", "DESPATCHED"]


# --- Two workers, one outbox -----------------------------------------------------------------------


def taken(caplog: pytest.LogCaptureFixture) -> Counter[str]:
    """How often the stand-in took each messageId; it says each time 202 (new) or 200 (known)."""
    return Counter(record.getMessage().split()[-1] for record in caplog.records if record.name == "mock_sesam2" and record.getMessage()[:3] in {"200", "202"})


def test_two_workers_send_200_messages_once_each_in_order(sesam2: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mock_sesam2")
    sesam2.control(auto=False)
    subjects = [order_number("K", 2026, running) for running in range(1, 41)]
    with transaction.atomic():
        for _ in range(5):
            for subject in subjects:
                outbox.queue("CancellationRequest", subject=subject, body=cancellation(subject))
    at_once(send_waiting, send_waiting)
    send_waiting()  # what was locked by one when the other looked last
    assert not OutgoingMessage.objects.exclude(state="DONE", attempts=1).exists()
    assert taken(caplog) == Counter(str(pk) for pk in OutgoingMessage.objects.values_list("pk", flat=True))
    received = sesam2.received
    assert len(received) == 200
    for subject in subjects:
        assert [message["sequence"] for message in received if message["subject"] == subject] == [1, 2, 3, 4, 5]


def test_control_without_the_row_lock_the_same_message_goes_twice(sesam2: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "mock_sesam2")
    sesam2.control(auto=False)
    subject = order_number("K", 2026, 1)
    with transaction.atomic():
        message_id = str(outbox.queue("CancellationRequest", subject=subject, body=cancellation(subject)).pk)
    both_have_chosen = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def send_next_unguarded() -> None:
        message = OutgoingMessage.objects.due().order_by("next_try_at").first()
        assert message is not None
        both_have_chosen.wait()
        assert client.put_message(str(message.pk), contract.dump(message.payload or {})).is_done
        OutgoingMessage.objects.filter(pk=message.pk).update(state="DONE", done_at=timezone.now())

    assert at_once(send_next_unguarded, send_next_unguarded) == [None, None]
    assert taken(caplog) == {message_id: 2}


def test_control_with_a_lock_but_without_skip_locked_the_second_worker_waits_for_the_first(sesam2: Any) -> None:
    """Not twice, but one at a time: a slow answer about one order holds up all others."""
    sesam2.control(auto=False)
    subjects = [order_number("K", 2026, running) for running in (1, 2)]
    with transaction.atomic():
        for subject in subjects:
            outbox.queue("CancellationRequest", subject=subject, body=cancellation(subject))

    def locks_of_a_second_worker(**how: bool) -> list[str]:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '100ms'")
            return list(OutgoingMessage.objects.due().select_for_update(of=("self",), **how).order_by("next_try_at").values_list("subject", flat=True)[:1])

    with transaction.atomic():
        assert OutgoingMessage.objects.due().select_for_update(skip_locked=True, of=("self",)).order_by("next_try_at").first() is not None
        [skipping] = at_once(lambda: locks_of_a_second_worker(skip_locked=True))
        [waiting] = at_once(locks_of_a_second_worker)
    assert skipping == [subjects[1]]
    assert "lock timeout" in str(waiting)


# --- Two messages about one subject ----------------------------------------------------------------


def test_two_messages_about_one_subject_at_once_get_1_and_2() -> None:
    for run in range(1, RUNS + 1):
        subject = order_number("K", 2026, run)

        def queue(subject: str = subject) -> int:
            with transaction.atomic():
                return outbox.queue("CancellationRequest", subject=subject, body=cancellation(subject)).sequence

        assert sorted(at_once(queue, queue)) == [1, 2]
        assert SubjectCounter.objects.get(pk=subject).last_sequence == 2


def test_control_the_highest_sequence_plus_one_clashes() -> None:
    subject = order_number("K", 2026, 1)
    both_have_counted = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def queue_unguarded() -> int:
        sequence = (OutgoingMessage.objects.filter(subject=subject).aggregate(last=Max("sequence"))["last"] or 0) + 1
        both_have_counted.wait()
        OutgoingMessage.objects.create(message_type="CancellationRequest", subject=subject, sequence=sequence, payload={}, payload_sha256="")
        return sequence

    results = at_once(queue_unguarded, queue_unguarded)
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "int"]


# --- The same incoming message twice ---------------------------------------------------------------


def refusal(order: Order) -> tuple[str, bytes]:
    """SESAM2 does not take the order: it becomes makulerad, and its orderer gets a notice."""
    return incoming("OrderResponse", str(order.number), response(str(order.number), code="RE", reason="Dubblett"))


def test_the_same_incoming_message_at_once_is_stored_once_and_acted_on_once() -> None:
    alice = factories.alice()
    patient = factories.patient(alice)
    for _ in range(RUNS):
        order = factories.order(alice, to=patient)
        message_id, raw = refusal(order)
        received = at_once(*[lambda raw=raw, message_id=message_id: inbox.receive(raw, message_id=message_id)] * 2)
        assert sorted(received, key=lambda answer: answer.value) == [inbox.Received.KNOWN, inbox.Received.STORED]
        at_once(process_waiting, process_waiting)
        assert IncomingMessage.objects.get(pk=message_id).state == "DONE"
        assert Notice.objects.filter(url=order.get_absolute_url()).count() == 1
        assert OrderHistory.objects.filter(order=order, event="REFUSED").count() == 1


def test_control_looking_before_storing_stores_twice() -> None:
    """Without the key in the database there would be two rows; with it alone, the second sender would get an error instead of 200."""
    order = factories.order()
    message_id, _ = refusal(order)
    both_have_looked = threading.Barrier(2, timeout=10)

    def receive_unguarded() -> str:
        is_known = IncomingMessage.objects.filter(pk=message_id).exists()
        both_have_looked.wait()
        if not is_known:
            IncomingMessage.objects.create(id=message_id, message_type="OrderResponse", subject=order.number, sequence=1, payload={}, payload_sha256="")
        return "known" if is_known else "stored"

    results = at_once(receive_unguarded, receive_unguarded)
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "str"]


def test_control_without_the_row_lock_two_workers_act_on_one_message() -> None:
    order = factories.order()
    message_id, raw = refusal(order)
    inbox.receive(raw, message_id=message_id)
    both_have_chosen = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def process_unguarded() -> None:
        message = IncomingMessage.objects.due().get(pk=message_id)
        both_have_chosen.wait()
        body = contract.INCOMING[message.message_type].model_validate_json(contract.dump((message.payload or {})["body"]))
        registry.dispatch(message.message_type, body, subject=message.subject, sequence=message.sequence)
        IncomingMessage.objects.filter(pk=message.pk).update(state="DONE", done_at=timezone.now())

    assert at_once(process_unguarded, process_unguarded) == [None, None]
    assert Notice.objects.filter(url=order.get_absolute_url()).count() == 2


# --- The same person registered twice ---------------------------------------------------------------


def test_registering_one_number_at_once_makes_one_patient() -> None:
    units = [factories.alice(), factories.dan()]
    for number in factories.test_numbers()[:RUNS]:

        def registered(by: Any, number: str = number) -> Patient:
            address = NewAddress(street="Storgatan 1", postal_code="44130", city="Alingsås")
            identifier = Identifier(IdentityType.PERSONNUMMER, number)
            return register(by=by, identifier=identifier, given_name="Tolvan", family_name="Tolvansson", phone="", address=address, contact=None)

        results = at_once(*(lambda by=by, registered=registered: registered(by) for by in units))
        assert sorted(type(result).__name__ for result in results) == ["AlreadyRegistered", "Patient"]
    assert Patient.objects.count() == CareRelation.objects.count() == RUNS


def test_control_looking_before_registering_lets_both_go_on() -> None:
    """Both have looked and found nobody; only the database's constraint stands between them and two patients."""
    number = factories.test_numbers()[0]
    by = factories.alice()
    both_have_looked = threading.Barrier(2, timeout=10)

    def register_unguarded() -> Patient:
        assert access.find_by_number(by, Identifier(IdentityType.PERSONNUMMER, number)) is None
        both_have_looked.wait()
        return Patient.objects.create(given_name="Tolvan", family_name="Tolvansson")

    assert [type(result) for result in at_once(register_unguarded, register_unguarded)] == [Patient, Patient]
    assert Patient.objects.count() == 2
