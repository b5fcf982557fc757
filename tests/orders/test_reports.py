"""SESAM2's reports: what each does, and the same end whatever the order in which they come."""

import datetime
import itertools
import json
import math
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Notice
from core.numbers import order_number
from integration import contract, inbox
from integration.models import IncomingMessage
from integration.registry import Unacceptable, UnknownSubject
from orders.actions import orders, reports
from orders.models import Order, Status
from orders.sesam2 import Answer, AnsweredLine, DeliveredLine, DespatchedLine, Response
from patients.models import Loan
from tests import factories
from tests.sesam2 import incoming, response

pytestmark = pytest.mark.django_db
SOON = datetime.date(2026, 12, 1)
LATER = datetime.date(2026, 12, 8)
LATEST = datetime.date(2026, 12, 15)
REPLACEMENT = {"supplier_gln": factories.SUPPLIER_GLN, "supplier_article_number": "N1", "article_number": "118999", "name": "Rullstol Ny 45 cm"}

Report = Callable[[Order], None]


# --- What is told, each with its sequence -----------------------------------------------------------


def answered(sequence: int, answer: Answer, *lines: AnsweredLine, on: datetime.date | None = None, reason: str = "", erp: str = "S2-1") -> Report:
    return lambda order: reports.record_response(str(order.number), sequence=sequence, response=Response(answer, erp, on, reason, lines))


def received(sequence: int = 1) -> Report:
    return answered(sequence, Answer.RECEIVED)


def accepted(sequence: int = 2, on: datetime.date = SOON) -> Report:
    return answered(sequence, Answer.ACCEPTED, on=on)


def refused(sequence: int = 1) -> Report:
    return answered(sequence, Answer.REFUSED, reason="Kundnumret är spärrat")


def line(
    number: int, *, refused: bool = False, quantity: int | None = None, on: datetime.date | None = None, replacement: Any = None, reason: str = ""
) -> AnsweredLine:
    return AnsweredLine(number, refused, quantity, on, replacement, reason)


def delayed(sequence: int, on: datetime.date | None = LATER, *, lines: list[int] | None = None) -> Report:
    return lambda order: reports.record_delay(str(order.number), sequence=sequence, promised_on=on, reason="Ryggklädsel saknas", lines=lines)


def cancelled(sequence: int, lines: list[int] | None = None, *, was_requested: bool = False) -> Report:
    return lambda order: reports.record_cancellation(str(order.number), sequence=sequence, reason="Slut i lager", lines=lines, was_requested=was_requested)


def despatched(number: str, *lines: DespatchedLine) -> Report:
    return lambda order: reports.record_despatch(
        str(order.number), despatch_number=number, despatched_at=timezone.now(), expected_on=None, carrier="", tracking_url="", lines=lines
    )


def delivered(sequence: int, despatch: str = "", *, lines: Iterable[DeliveredLine] | None = None, receipted: bool = True) -> Report:
    told = None if lines is None else list(lines)
    return lambda order: reports.record_delivery(
        str(order.number), sequence=sequence, despatch_number=despatch, delivered_at=timezone.now(), is_receipted=receipted, signed_by="", lines=told
    )


def sent(number: int, quantity: int = 1, *individuals: str, lot: str = "", udi: str = "") -> DespatchedLine:
    return DespatchedLine(number, quantity, individuals, lot, udi)


def came(number: int, quantity: int = 1, *individuals: str) -> DeliveredLine:
    return DeliveredLine(number, quantity, individuals)


def order_of(*quantities: int) -> Order:
    """A sent order with a line for each quantity."""
    order = factories.order(lines=len(quantities))
    for row, quantity in zip(order.lines.order_by("line"), quantities, strict=True):
        row.quantity = quantity
        row.save(update_fields=["quantity"])
    return order


def tell(order: Order, *told: Report) -> Order:
    for report in told:
        report(order)
    return Order.objects.get(pk=order.pk)


def quantities(order: Order) -> list[tuple[int, int, int, int]]:
    """(delivered, outstanding, cancelled, receipted) of each line."""
    order = Order.objects.get(pk=order.pk)
    rows = order.lines.order_by("line")
    return [(row.delivered, row.outstanding, row.cancelled, row.receipted) for row in _of(order, rows)]


def _of(order: Order, rows: Any) -> Any:
    for row in rows:
        row.order = order
        yield row


def loans(order: Order) -> list[tuple[str, int]]:
    """(individual number, quantity) of what the patient has of the order."""
    return sorted(Loan.objects.current().filter(order_number=order.number).values_list("individual_number", "quantity"))


def events(order: Order) -> list[str]:
    return list(order.history.order_by("id").values_list("event", flat=True))


def state(order: Order) -> tuple[Any, ...]:
    """All that reports set, without the history, which tells in which order they came."""
    order = Order.objects.get(pk=order.pk)
    lines = [
        (row.delivered, row.outstanding, row.cancelled, row.receipted, row.despatched, row.promised_on, row.is_delayed, row.expected)
        for row in _of(order, order.lines.order_by("line"))
    ]
    of_order = Loan.objects.current().filter(order_number=order.number)
    return (
        order.status,
        order.promised_on,
        order.is_delayed,
        order.erp_number,
        lines,
        sorted(of_order.values_list("article_id", "individual_number", "quantity", "lot", "udi", "source")),
    )


# --- Answers to the order ----------------------------------------------------------------------------


def test_received_makes_it_mottagen_with_its_number_in_sesam2() -> None:
    order = tell(order_of(1), received())
    assert (order.status, order.erp_number, order.promised_on) == (Status.RECEIVED, "S2-1", None)
    assert events(order) == ["PLACED", "RECEIVED"]


def test_accepted_makes_it_bekraftad_with_the_date_on_the_order_and_its_lines() -> None:
    order = tell(order_of(1, 1), received(), accepted())
    assert (order.status, order.promised_on, order.is_delayed) == (Status.CONFIRMED, SOON, False)
    assert set(order.lines.values_list("promised_on", flat=True)) == {SOON}


def test_received_that_comes_after_accepted_is_kept_in_the_history_and_changes_nothing() -> None:
    order = tell(order_of(1), accepted(), received())
    assert (order.status, order.promised_on) == (Status.CONFIRMED, SOON)
    assert events(order) == ["PLACED", "CONFIRMED", "RECEIVED"]


def test_a_refused_order_is_cancelled_with_the_reason() -> None:
    order = tell(order_of(2), refused())
    assert (order.status, order.is_cancelled) == (Status.CANCELLED, True)
    assert quantities(order) == [(0, 0, 2, 0)]
    assert order.history.get(event="REFUSED").note == "Kundnumret är spärrat"


def test_a_line_that_is_not_accepted_is_cancelled_alone() -> None:
    order = tell(order_of(2, 3), answered(1, Answer.CHANGED, line(1), line(2, refused=True, reason="Utgått"), on=SOON))
    assert order.status == Status.CONFIRMED
    assert quantities(order) == [(0, 2, 0, 0), (0, 0, 3, 0)]
    assert Notice.objects.get().title == f"En del av Kundorder {order.number} är makulerad"


def test_when_no_line_is_accepted_the_order_is_cancelled_and_the_notice_says_so() -> None:
    order = tell(order_of(2, 1), answered(1, Answer.CHANGED, line(1, refused=True, reason="Utgått"), line(2, refused=True, reason="Slut")))
    assert order.status == Status.CANCELLED
    notice = Notice.objects.get()
    assert (notice.title, notice.text) == (f"Kundorder {order.number} är makulerad", "Utgått. Slut. Allt du fyllde i finns kvar.")
    assert notice.action_text == "Beställ igen"


def test_a_changed_quantity_leaves_the_rest_cancelled() -> None:
    order = tell(order_of(5), answered(1, Answer.CHANGED, line(1, quantity=3), on=SOON))
    assert quantities(order) == [(0, 3, 2, 0)]
    order = tell(order, delivered(2, lines=[came(1, 3)]))
    assert order.status == Status.RECEIPTED
    assert quantities(order) == [(3, 0, 2, 3)]


def test_more_confirmed_than_ordered_does_not_order_more() -> None:
    assert quantities(tell(order_of(2), answered(1, Answer.CHANGED, line(1, quantity=9)))) == [(0, 2, 0, 0)]


def test_more_confirmed_after_all_was_delivered_makes_it_partly_delivered_again() -> None:
    order = tell(order_of(5), answered(1, Answer.CHANGED, line(1, quantity=2)), delivered(2, lines=[came(1, 2)]))
    assert order.status == Status.RECEIPTED
    order = tell(order, answered(3, Answer.CHANGED, line(1, quantity=4)))
    assert order.status == Status.PARTLY_DELIVERED
    assert quantities(order) == [(2, 2, 1, 2)]


def test_a_replacement_is_kept_on_the_line() -> None:
    order = tell(order_of(1), answered(1, Answer.CHANGED, line(1, replacement=REPLACEMENT)))
    assert order.lines.get().replacement == REPLACEMENT
    assert Notice.objects.get().title == f"Kundorder {order.number} är bekräftad med ändringar"


def test_an_older_answer_about_a_line_changes_nothing_of_it() -> None:
    order = tell(order_of(5), answered(4, Answer.CHANGED, line(1, quantity=4)), answered(2, Answer.CHANGED, line(1, quantity=1, replacement=REPLACEMENT)))
    row = order.lines.get()
    assert (row.confirmed_quantity, row.replacement) == (4, None)


def test_each_line_keeps_its_own_date_and_the_order_shows_the_slowest() -> None:
    order = tell(order_of(1, 1), answered(1, Answer.CHANGED, line(1, on=LATER), line(2), on=SOON))
    assert list(order.lines.order_by("line").values_list("promised_on", flat=True)) == [LATER, SOON]
    assert order.promised_on == LATER
    assert tell(order, delivered(2, lines=[came(1)])).promised_on == SOON


def test_another_number_in_sesam2_is_unacceptable_and_changes_nothing() -> None:
    order = tell(order_of(1), received())
    before = state(order)
    with pytest.raises(Unacceptable, match="erpOrderNumber"):
        tell(order, answered(2, Answer.ACCEPTED, on=SOON, erp="S2-2"))
    assert state(order) == before
    assert events(order) == ["PLACED", "RECEIVED"]


# --- Delays -------------------------------------------------------------------------------------------


def test_a_delay_moves_the_date_and_keeps_the_status() -> None:
    order = tell(order_of(1), accepted(), delayed(3))
    assert (order.status, order.promised_on, order.is_delayed) == (Status.CONFIRMED, LATER, True)
    assert order.history.get(event="DELAYED").details["was"] == SOON.isoformat()


def test_a_delay_without_a_date_takes_the_date_away() -> None:
    order = tell(order_of(1), accepted(), delayed(3, None))
    assert (order.promised_on, order.is_delayed) == (None, True)
    assert Notice.objects.get(word="Försenad").text == "Ryggklädsel saknas. Nytt leveransdatum är inte känt."


def test_a_delay_of_one_line_leaves_the_others() -> None:
    order = tell(order_of(1, 1), accepted(), delayed(3, lines=[2]))
    assert list(order.lines.order_by("line").values_list("promised_on", "is_delayed")) == [(SOON, False), (LATER, True)]
    order = tell(order, cancelled(4, [2]))
    assert (order.promised_on, order.is_delayed) == (SOON, False)


def test_an_older_delay_goes_to_the_history_only() -> None:
    order = tell(order_of(1), delayed(5, LATEST), delayed(3, LATER))
    assert (order.promised_on, order.is_delayed) == (LATEST, True)
    assert [row.details["is_old"] for row in order.history.filter(event="DELAYED").order_by("id")] == [False, True]
    assert Notice.objects.filter(word="Försenad").count() == 1


def test_an_older_date_does_not_undo_a_delay_but_the_order_is_confirmed() -> None:
    order = tell(order_of(1), delayed(3), accepted(2))
    assert (order.status, order.promised_on, order.is_delayed) == (Status.CONFIRMED, LATER, True)
    assert order.history.get(event="CONFIRMED").details["is_old"] is True


def test_a_new_confirmation_ends_the_delay() -> None:
    order = tell(order_of(1), accepted(), delayed(3), accepted(4, LATEST))
    assert (order.promised_on, order.is_delayed) == (LATEST, False)


def test_what_was_delayed_is_not_delayed_when_it_has_come() -> None:
    order = tell(order_of(1), accepted(), delayed(3), delivered(4))
    assert (order.status, order.is_delayed) == (Status.RECEIPTED, False)


# --- Cancellations ------------------------------------------------------------------------------------


def test_the_whole_order_is_cancelled() -> None:
    order = tell(order_of(1, 2), accepted(), cancelled(3))
    assert (order.status, order.is_delayed) == (Status.CANCELLED, False)
    assert quantities(order) == [(0, 0, 1, 0), (0, 0, 2, 0)]
    assert order.history.get(event="CANCELLED").note == "Slut i lager"


def test_one_line_is_cancelled_and_the_rest_lives_on() -> None:
    order = tell(order_of(1, 2), accepted(), cancelled(3, [2]))
    assert order.status == Status.CONFIRMED
    assert quantities(order) == [(0, 1, 0, 0), (0, 0, 2, 0)]


def test_the_last_line_that_is_cancelled_cancels_the_order() -> None:
    order = tell(order_of(1, 2), cancelled(3, [2]), cancelled(4, [1]))
    assert order.status == Status.CANCELLED
    assert list(Notice.objects.order_by("id").values_list("word", flat=True)) == ["Delvis makulerad", "Makulerad"]


def test_what_is_left_of_a_partly_delivered_order_is_cancelled_and_what_came_stays() -> None:
    order = tell(order_of(3, 1), delivered(2, lines=[came(1, 1), came(2, 1)]), cancelled(3))
    assert order.status == Status.RECEIPTED
    assert quantities(order) == [(1, 0, 2, 1), (1, 0, 0, 1)]
    assert Notice.objects.get(word="Delvis makulerad").text.startswith("2 Rullstol Allround 45 cm kommer inte.")


def test_a_cancellation_after_all_has_come_changes_nothing_and_tells_nobody() -> None:
    order = tell(order_of(1), delivered(2), cancelled(3))
    assert order.status == Status.RECEIPTED
    assert quantities(order) == [(1, 0, 0, 1)]
    assert list(Notice.objects.values_list("word", flat=True)) == ["Kvitterad"]
    assert events(order)[-1] == "CANCELLED"


def test_a_requested_cancellation_is_answered() -> None:
    order = order_of(1)
    orders.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behövs inte")
    order = tell(order, cancelled(1, was_requested=True))
    assert (order.status, order.cancellation_requested_at) == (Status.CANCELLED, None)
    assert Notice.objects.get().text == "Som du bad om. Allt du fyllde i finns kvar."


def test_a_request_that_could_stop_only_a_part_is_answered_and_the_rest_may_be_asked_for_again() -> None:
    order = order_of(1, 1)
    orders.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behövs inte")
    order = tell(order, cancelled(1, [2], was_requested=True))
    assert (order.status, order.can_be_cancelled) == (Status.PLACED, True)


def test_a_refused_cancellation_leaves_the_order_as_it_was_and_it_may_be_asked_for_again() -> None:
    order = tell(order_of(1), accepted())
    orders.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behövs inte")
    assert not Order.objects.get(pk=order.pk).can_be_cancelled
    before = state(order)
    reports.record_cancellation_refused(str(order.number), reason="Redan packad")
    order = Order.objects.get(pk=order.pk)
    assert state(order) == before
    assert order.can_be_cancelled
    assert order.history.order_by("-id")[0].note == "Redan packad"
    orders.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Försöker igen")


def test_a_refused_change_of_delivery_leaves_the_order_as_it_was() -> None:
    order = tell(order_of(1), accepted())
    before = state(order)
    reports.record_delivery_change_refused(str(order.number), reason="Redan packad")
    assert state(order) == before
    assert events(order)[-1] == "DELIVERY_CHANGE_REFUSED"
    assert Notice.objects.get().title == f"Leveransen av Kundorder {order.number} kan inte ändras"


# --- Despatches and deliveries ------------------------------------------------------------------------


def test_a_despatch_is_counted_and_delivers_nothing() -> None:
    order = tell(order_of(2), accepted(), despatched("F1", sent(1, 2)))
    assert (order.status, order.lines.get().despatched) == (Status.CONFIRMED, 2)
    assert quantities(order) == [(0, 2, 0, 0)]
    assert loans(order) == []


def test_the_same_despatch_twice_is_counted_once() -> None:
    order = tell(order_of(2), despatched("F1", sent(1, 1)), despatched("F1", sent(1, 1)))
    assert order.lines.get().despatched == 1
    assert [row.details.get("is_old", False) for row in order.history.filter(event="DESPATCHED").order_by("id")] == [False, True]


def test_two_despatches_are_added_up() -> None:
    assert tell(order_of(2), despatched("F1", sent(1)), despatched("F2", sent(1))).lines.get().despatched == 2


def test_part_of_the_order_makes_it_partly_delivered() -> None:
    order = tell(order_of(2, 1), accepted(), delivered(3, lines=[came(1, 1)]))
    assert order.status == Status.PARTLY_DELIVERED
    assert quantities(order) == [(1, 1, 0, 1), (0, 1, 0, 0)]
    assert loans(order) == [("", 1)]


def test_delivered_and_signed_is_receipted() -> None:
    order = tell(order_of(2, 1), delivered(3))
    assert order.status == Status.RECEIPTED
    assert quantities(order) == [(2, 0, 0, 2), (1, 0, 0, 1)]
    assert loans(order) == [("", 1), ("", 2)]


def test_delivered_without_receipt_ends_at_levererad() -> None:
    order = tell(order_of(2), delivered(3, receipted=False))
    assert order.status == Status.DELIVERED
    assert quantities(order) == [(2, 0, 0, 0)]


def test_one_part_without_receipt_keeps_the_whole_at_levererad() -> None:
    order = tell(order_of(1, 1), delivered(3, lines=[came(1)]), delivered(4, lines=[came(2)], receipted=False))
    assert order.status == Status.DELIVERED
    assert quantities(order) == [(1, 0, 0, 1), (1, 0, 0, 0)]


@pytest.mark.parametrize("order_of_telling", [(0, 1), (1, 0)])
def test_a_delivery_of_a_despatch_counts_when_the_despatch_is_told_before_or_after_it(order_of_telling: tuple[int, int]) -> None:
    told = [despatched("F1", sent(1, 2, "40-1", "40-2")), delivered(5, "F1")]
    order = tell(order_of(3), *(told[i] for i in order_of_telling))
    assert order.status == Status.PARTLY_DELIVERED
    assert quantities(order) == [(2, 1, 0, 2)]
    assert loans(order) == [("40-1", 1), ("40-2", 1)]


def test_the_despatch_that_completes_an_order_whose_delivery_was_told_first_gives_the_notice() -> None:
    order = tell(order_of(1), delivered(5, "F1"))
    assert (order.status, Notice.objects.count()) == (Status.PLACED, 0)
    order = tell(order, despatched("F1", sent(1)))
    assert order.status == Status.RECEIPTED
    assert Notice.objects.get().word == "Kvitterad"


def test_a_despatch_that_is_confirmed_twice_has_come_once() -> None:
    order = tell(order_of(4), despatched("F1", sent(1, 2, "40-1", "40-2")), delivered(5, "F1", receipted=False), delivered(6, "F1"))
    assert quantities(order) == [(2, 2, 0, 2)]
    assert loans(order) == [("40-1", 1), ("40-2", 1)]


def test_a_despatch_that_comes_in_two_goes_gives_each_individual_once() -> None:
    despatch = despatched("F1", sent(1, 3, "40-1", "40-2"))
    order = tell(order_of(3), despatch, delivered(5, "F1", lines=[came(1, 1)]), delivered(6, "F1", lines=[came(1, 1)]), delivered(7, "F1"))
    assert order.status == Status.RECEIPTED
    assert quantities(order) == [(3, 0, 0, 3)]
    assert loans(order) == [("", 1), ("40-1", 1), ("40-2", 1)]


def test_an_individual_that_is_told_again_has_come_once_and_its_receipt_counts() -> None:
    order = tell(order_of(2), delivered(5, lines=[came(1, 2, "40-1", "40-2")], receipted=False))
    assert order.status == Status.DELIVERED
    order = tell(order, delivered(6, lines=[came(1, 1, "40-2")]))
    assert (order.status, quantities(order)) == (Status.DELIVERED, [(2, 0, 0, 1)])
    order = tell(order, delivered(7, lines=[came(1, 1, "40-1")]))
    assert (order.status, quantities(order)) == (Status.RECEIPTED, [(2, 0, 0, 2)])
    assert loans(order) == [("40-1", 1), ("40-2", 1)]


def test_who_signs_for_all_that_was_left_has_what_came_before() -> None:
    order = tell(order_of(2), delivered(5, lines=[came(1, 1)], receipted=False), delivered(6))
    assert (order.status, quantities(order)) == (Status.RECEIPTED, [(2, 0, 0, 2)])


def test_more_than_was_ordered_is_counted_and_lent() -> None:
    order = tell(order_of(1), delivered(3, lines=[came(1, 3)]))
    assert order.status == Status.RECEIPTED
    assert quantities(order) == [(3, 0, 0, 3)]
    assert loans(order) == [("", 3)]


def test_a_loan_carries_lot_and_udi_of_its_despatch() -> None:
    order = tell(order_of(3), despatched("F1", sent(1, 3, "40-1", lot="LOT7", udi="(01)07359999900017")), delivered(5, "F1"))
    rows = Loan.objects.filter(order_number=order.number).order_by("individual_number").values_list("individual_number", "quantity", "lot", "udi")
    assert list(rows) == [("", 2, "LOT7", "(01)07359999900017"), ("40-1", 1, "LOT7", "(01)07359999900017")]


def test_a_loan_is_the_patients_and_belongs_to_the_unit_that_ordered() -> None:
    order = tell(order_of(1), delivered(3))
    loan = Loan.objects.get()
    row = order.lines.get()
    assert (loan.patient_id, loan.unit_id, loan.provider_id, loan.article_id) == (order.patient_id, order.unit_id, order.unit.provider_id, row.article_id)
    assert loan.source == f"{order.number}/3/1"


@pytest.mark.parametrize("told", [cancelled(3), cancelled(3, [1]), refused(3)], ids=["whole", "by line", "refused"])
def test_a_delivery_after_the_cancellation_still_makes_its_loan(told: Report) -> None:
    order = tell(order_of(2), told)
    assert order.status == Status.CANCELLED
    order = tell(order, delivered(4))
    assert order.status == Status.RECEIPTED
    assert quantities(order) == [(2, 0, 0, 2)]
    assert loans(order) == [("", 2)]


def test_a_line_that_was_cancelled_is_not_among_all_that_was_left() -> None:
    order = tell(order_of(1, 1), cancelled(3, [2]), delivered(4))
    assert quantities(order) == [(1, 0, 0, 1), (0, 0, 1, 0)]
    assert order.status == Status.RECEIPTED


# --- What cannot be true, and what is not known -------------------------------------------------------

UNKNOWN_LINE: dict[str, Report] = {
    "answer": answered(3, Answer.CHANGED, line(1, quantity=1), line(9), on=LATER),
    "delay": delayed(3, lines=[1, 9]),
    "cancellation": cancelled(3, [1, 9]),
    "despatch": despatched("F1", sent(1), sent(9)),
    "delivery": delivered(3, lines=[came(1), came(9)]),
}


@pytest.mark.parametrize("told", UNKNOWN_LINE.values(), ids=UNKNOWN_LINE)
def test_a_line_that_the_order_does_not_have_is_unacceptable_and_changes_nothing(told: Report) -> None:
    order = tell(order_of(2), accepted())
    before = state(order)
    with pytest.raises(Unacceptable, match="line"):
        tell(order, told)
    assert state(order) == before
    assert events(order) == ["PLACED", "CONFIRMED"]
    assert (order.despatches.count(), order.deliveries.count(), Notice.objects.count(), Loan.objects.count()) == (0, 0, 0, 0)


@pytest.mark.parametrize("told", [received(), delayed(1), cancelled(1), despatched("F1", sent(1)), delivered(1)])
def test_an_order_that_the_portal_does_not_know_is_an_unknown_subject(told: Report) -> None:
    with pytest.raises(UnknownSubject):
        told(Order(number=order_number("K", 2026, 99_999_999)))


# --- Through the real door ----------------------------------------------------------------------------


def put(order: Order, sequence: int, body: contract.Body) -> IncomingMessage:
    """The message as SESAM2 sends it, received and acted on."""
    message_id = uuid.uuid4()
    message = contract.envelope(
        type(body).__name__,
        str(order.number),
        sequence,
        body,
        message_id=message_id,
        created=timezone.localtime(),
        sender="7359999900017",
        receiver="7359999900031",
    )
    assert inbox.receive(contract.dump(message), message_id=str(message_id)) is inbox.Received.STORED
    inbox.process_next()
    return IncomingMessage.objects.get(pk=message_id)


def test_a_full_life_through_the_inbox() -> None:
    order = factories.order(lines=2, quantity=2)
    number = str(order.number)
    now = timezone.localtime()
    despatch = partial(contract.DespatchAdvice, order_number=number, despatched_at=now, carrier="Bring", tracking_url="https://spar.example/1")
    individuals = [contract.DespatchedIndividual(individual_number="40-1"), contract.DespatchedIndividual(individual_number="40-2", serial_number="X")]
    life = [
        (contract.OrderResponse(order_number=number, erp_order_number="900001", code=contract.ResponseCode.AB), Status.RECEIVED),
        (contract.OrderResponse(order_number=number, erp_order_number="900001", code=contract.ResponseCode.AP, promised_date=SOON), Status.CONFIRMED),
        (contract.DeliveryDelayed(order_number=number, promised_date=LATER, previous_date=SOON, reason="Tyget är slut"), Status.CONFIRMED),
        (
            despatch(despatch_number="F1", lines=[contract.DespatchLine(line=1, quantity=2, outstanding=0, individuals=individuals, lot="L7")]),
            Status.CONFIRMED,
        ),
        (
            contract.DeliveryConfirmation(
                order_number=number, despatch_number="F1", delivered_at=now, place_type=contract.PlaceType.RESIDENCE, signed=True, signed_by="patienten"
            ),
            Status.PARTLY_DELIVERED,
        ),
        (despatch(despatch_number="F2", lines=[contract.DespatchLine(line=2, quantity=1, outstanding=1)]), Status.PARTLY_DELIVERED),
        (
            contract.DeliveryConfirmation(
                order_number=number,
                despatch_number="F2",
                delivered_at=now,
                place_type=contract.PlaceType.DELIVERY_POINT,
                signed=True,
                lines=[contract.DeliveredLine(line=2, quantity=1)],
            ),
            Status.PARTLY_DELIVERED,
        ),
        (
            contract.OrderCancelled(order_number=number, reason_code=contract.CancelledReason.OUT_OF_STOCK, reason="Slut", lines=[2], new_order_required=True),
            Status.RECEIPTED,
        ),
    ]
    statuses = []
    for sequence, (body, _) in enumerate(life, start=1):
        message = put(order, sequence, body)
        assert (message.state, message.last_error) == (IncomingMessage.State.DONE, "")
        statuses.append(Order.objects.get(pk=order.pk).status)
    assert statuses == [status for _, status in life]
    assert quantities(order) == [(2, 0, 0, 2), (1, 0, 1, 1)]
    assert loans(order) == [("", 1), ("40-1", 1), ("40-2", 1)]
    assert events(order) == ["PLACED", "RECEIVED", "CONFIRMED", "DELAYED", "DESPATCHED", "DELIVERED", "DESPATCHED", "DELIVERED", "CANCELLED"]


@pytest.mark.parametrize("place", ["RESIDENCE", "DELIVERY_POINT", "UNIT", "STORE", "HOSPITAL"])
@pytest.mark.parametrize("signed", [True, False])
def test_kvitterad_only_when_signed_at_the_stay_address_or_a_delivery_point(place: str, signed: bool) -> None:
    order = factories.order()
    body = contract.DeliveryConfirmation(order_number=str(order.number), delivered_at=timezone.localtime(), place_type=contract.PlaceType(place), signed=signed)
    put(order, 1, body)
    is_receipted = signed and place in {"RESIDENCE", "DELIVERY_POINT"}
    assert Order.objects.get(pk=order.pk).status == (Status.RECEIPTED if is_receipted else Status.DELIVERED)
    assert Notice.objects.get().word == ("Kvitterad" if is_receipted else "Levererad")
    assert loans(order) == [("", 1)]


def test_an_answer_with_another_number_in_sesam2_is_parked() -> None:
    order = factories.order()
    number = str(order.number)
    put(order, 1, contract.OrderResponse(order_number=number, erp_order_number="900001", code=contract.ResponseCode.AB))
    message = put(order, 2, contract.OrderResponse(order_number=number, erp_order_number="900002", code=contract.ResponseCode.AP, promised_date=SOON))
    assert (message.state, message.last_error) == (IncomingMessage.State.PARKED, "another erpOrderNumber than before")
    assert (Order.objects.get(pk=order.pk).status, Order.objects.get(pk=order.pk).erp_number) == (Status.RECEIVED, "900001")


def test_a_report_about_an_unknown_order_waits() -> None:
    number = order_number("K", 2026, 99_999_999)
    message_id, raw = incoming("OrderResponse", number, response(number))
    inbox.receive(raw, message_id=message_id)
    inbox.process_next()
    message = IncomingMessage.objects.get(pk=message_id)
    assert (message.state, message.last_error) == (IncomingMessage.State.WAITING, "unknown subject")


def test_the_same_message_twice_is_acted_on_once() -> None:
    order = factories.order()
    message_id, raw = incoming("OrderResponse", str(order.number), response(str(order.number)))
    assert inbox.receive(raw, message_id=message_id) is inbox.Received.STORED
    assert inbox.receive(json.dumps(json.loads(raw), indent=1).encode(), message_id=message_id) is inbox.Received.KNOWN
    assert [inbox.process_next(), inbox.process_next()] == [inbox.Processed.DONE, inbox.Processed.NOTHING]
    assert events(order) == ["PLACED", "RECEIVED"]


def test_the_longest_that_the_contract_lets_through_is_stored() -> None:
    order = factories.order()
    number = str(order.number)
    despatch, lot, udi, url = "F" * 100, "L" * 100, "U" * 100, "https://spar.example/" + "a" * 1979
    put(order, 1, contract.OrderResponse(order_number=number, erp_order_number="9" * 100, code=contract.ResponseCode.AB, reason="å" * 10_000))
    lines = [contract.DespatchLine(line=1, quantity=1, outstanding=0, lot=lot, udi=udi)]
    advice = contract.DespatchAdvice(
        order_number=number, despatch_number=despatch, despatched_at=timezone.localtime(), carrier="c" * 500, tracking_url=url, lines=lines
    )
    put(order, 2, advice)
    confirmation = contract.DeliveryConfirmation(
        order_number=number, despatch_number=despatch, delivered_at=timezone.localtime(), place_type=contract.PlaceType.UNIT, signed=True, signed_by="s" * 500
    )
    put(order, 3, confirmation)
    assert set(IncomingMessage.objects.values_list("state", flat=True)) == {IncomingMessage.State.DONE}
    assert (order.despatches.get().tracking_url, order.deliveries.get().signed_by, Loan.objects.get().lot) == (url, "s" * 500, lot)


def test_a_line_that_stands_twice_in_a_despatch_or_a_delivery_is_added_up() -> None:
    order = factories.order(quantity=3)
    number = str(order.number)
    lots = [
        contract.DespatchLine(line=1, quantity=2, outstanding=1, lot="L1"),
        contract.DespatchLine(line=1, quantity=1, outstanding=0, lot="L2", individuals=[contract.DespatchedIndividual(individual_number="40-1")]),
    ]
    put(order, 1, contract.DespatchAdvice(order_number=number, despatch_number="F1", despatched_at=timezone.localtime(), lines=lots))
    came_twice = [contract.DeliveredLine(line=1, quantity=2), contract.DeliveredLine(line=1, quantity=1, individual_numbers=["40-1"])]
    confirmation = contract.DeliveryConfirmation(
        order_number=number,
        despatch_number="F1",
        delivered_at=timezone.localtime(),
        place_type=contract.PlaceType.RESIDENCE,
        signed=True,
        lines=came_twice,
    )
    put(order, 2, confirmation)
    assert quantities(order) == [(3, 0, 0, 3)]
    assert loans(order) == [("", 2), ("40-1", 1)]
    assert set(Loan.objects.values_list("lot", flat=True)) == {"L1"}


# --- Any order of arrival -----------------------------------------------------------------------------


def ends_of(order: Order, told: Sequence[Report]) -> Iterator[tuple[Any, ...]]:
    """The state after each permutation of the reports; every report is undone when its turn is over."""
    if not told:
        yield state(order)
    for i, report in enumerate(told):
        before = transaction.savepoint()
        report(order)
        yield from ends_of(order, [*told[:i], *told[i + 1 :]])
        transaction.savepoint_rollback(before)


def end_of(order: Order, told: Iterable[Report]) -> tuple[Any, ...]:
    """The state after these reports, which are undone then."""
    before = transaction.savepoint()
    for report in told:
        report(order)
    end = state(order)
    transaction.savepoint_rollback(before)
    return end


LIVES: dict[str, tuple[tuple[int, ...], list[Report]]] = {
    "a delivered order": ((2,), [received(1), accepted(2), despatched("F1", sent(1, 2, "40-1")), delivered(4, "F1")]),
    "a delayed order in parts": (
        (1, 2),
        [accepted(2), delayed(3, lines=[2]), delivered(5, lines=[came(1), came(2)], receipted=False), cancelled(6, [2])],
    ),
    "a cancelled order that came all the same": ((2,), [cancelled(2), cancelled(3, [1]), delivered(4), delivered(5, lines=[came(1, 1, "40-1")])]),
    "a despatch in two goes": (
        (3,),
        [despatched("F1", sent(1, 3, "40-1")), delivered(3, "F1", lines=[came(1, 1)], receipted=False), delivered(4, "F1"), cancelled(5)],
    ),
    "a changed order": (
        (5, 1),
        [
            answered(1, Answer.CHANGED, line(1, quantity=2), line(2, refused=True), on=SOON),
            answered(3, Answer.CHANGED, line(1, quantity=3), on=LATER),
            delivered(2, lines=[came(1, 2)]),
            delivered(4, receipted=False),
        ],
    ),
}


@pytest.mark.parametrize("name", LIVES)
def test_every_order_of_arrival_ends_alike(name: str) -> None:
    ordered, told = LIVES[name]
    order = order_of(*ordered)
    ends = [repr(end) for end in ends_of(order, told)]
    assert len(ends) == math.factorial(len(told))
    assert len(set(ends)) == 1


_LINE = st.integers(1, 2)
_QUANTITY = st.integers(1, 3)
_INDIVIDUALS = st.lists(st.sampled_from(["40-1", "40-2", "40-3"]), max_size=2, unique=True)
_SOME = st.lists(_LINE, min_size=1, max_size=2, unique=True)


def _for_lines(make: Callable[[int, int, list[str]], Any]) -> st.SearchStrategy[list[Any]]:
    """Quantities and individuals for one or both lines; the second line's individuals are others than the first's."""
    one = st.tuples(_LINE, _QUANTITY, _INDIVIDUALS)
    rows = st.lists(one, min_size=1, max_size=2, unique_by=lambda row: row[0])
    return rows.map(lambda found: [make(number, quantity, [f"{number}-{text}" for text in individuals]) for number, quantity, individuals in found])


_despatch_lines = _for_lines(lambda number, quantity, individuals: sent(number, quantity, *individuals))
_delivery_lines = _for_lines(lambda number, quantity, individuals: came(number, quantity, *individuals))
FACTS = st.one_of(
    st.just(("received",)),
    st.tuples(st.just("accepted"), st.sampled_from([SOON, LATER])),
    st.tuples(st.just("changed"), _LINE, st.one_of(st.none(), _QUANTITY)),
    st.tuples(st.just("delayed"), st.sampled_from([None, LATER, LATEST]), st.one_of(st.none(), _SOME)),
    st.tuples(st.just("cancelled"), st.one_of(st.none(), _SOME)),
    st.tuples(st.just("despatched"), _despatch_lines),
    st.tuples(st.just("delivered"), st.sampled_from(["", "F1", "F2"]), st.one_of(st.none(), _delivery_lines), st.booleans()),
)


def as_reports(told: list[tuple[Any, ...]]) -> list[Report]:
    """Each fact with its sequence; the despatches are F1, F2, … in the order in which they were sent."""
    found: list[Report] = []
    despatches = itertools.count(1)
    for sequence, (kind, *values) in enumerate(told, start=1):
        match kind:
            case "received":
                found.append(received(sequence))
            case "accepted":
                found.append(accepted(sequence, values[0]))
            case "changed":
                found.append(answered(sequence, Answer.CHANGED, line(values[0], refused=values[1] is None, quantity=values[1])))
            case "delayed":
                found.append(delayed(sequence, values[0], lines=values[1]))
            case "cancelled":
                found.append(cancelled(sequence, values[0]))
            case "despatched":
                found.append(despatched(f"F{next(despatches)}", *values[0]))
            case _:
                found.append(delivered(sequence, values[0], lines=values[1], receipted=values[2]))
    return found


@given(told=st.lists(FACTS, min_size=1, max_size=4), data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_told_in_whatever_order_adds_up(told: list[tuple[Any, ...]], data: st.DataObject) -> None:
    order = Order.objects.sent().first() or order_of(2, 3)
    facts = as_reports(told)
    end = end_of(order, facts)
    assert end == end_of(order, data.draw(st.permutations(facts)))
    status, _, _, _, lines, lent = end
    ordered = list(order.lines.order_by("line").values_list("quantity", flat=True))
    for quantity, (here, outstanding, gone, receipted, *_) in zip(ordered, lines, strict=True):
        assert here + outstanding + gone == max(quantity, here)
        assert receipted <= here
    # Kvitterad only when all that came was receipted, and nothing is to come.
    all_here = sum(row[0] for row in lines)
    to_come = sum(row[1] for row in lines)
    all_receipted = all(row[0] == row[3] for row in lines)
    if to_come:
        assert status == Status.PARTLY_DELIVERED if all_here else status in {Status.PLACED, Status.RECEIVED, Status.CONFIRMED}
    elif all_here:
        assert status == (Status.RECEIPTED if all_receipted else Status.DELIVERED)
    else:
        assert status == Status.CANCELLED
    # Each aid is one loan.
    individuals = [(article, number) for article, number, *_ in lent if number]
    assert len(individuals) == len(set(individuals))
    assert sum(quantity for _, _, quantity, *_ in lent) == all_here
