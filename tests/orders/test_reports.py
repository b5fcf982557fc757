"""SESAM2's reports: what each does."""

import pytest

from accounts.models import Notice
from core.numbers import order_number
from integration.registry import Unacceptable, UnknownSubject
from orders.actions import changes, reports
from orders.models import Order, Status
from orders.sesam2 import Answer
from patients.models import Loan
from tests.orders.told import (
    LATER,
    LATEST,
    REPLACEMENT,
    SOON,
    Report,
    accepted,
    answered,
    came,
    cancelled,
    delayed,
    delivered,
    despatched,
    events,
    line,
    loans,
    order_of,
    quantities,
    received,
    refused,
    sent,
    state,
    tell,
)

pytestmark = pytest.mark.django_db


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
    changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behövs inte")
    order = tell(order, cancelled(1, was_requested=True))
    assert (order.status, order.cancellation_requested_at) == (Status.CANCELLED, None)
    assert Notice.objects.get().text == "Som du bad om. Allt du fyllde i finns kvar."


def test_a_request_that_could_stop_only_a_part_is_answered_and_the_rest_may_be_asked_for_again() -> None:
    order = order_of(1, 1)
    changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behövs inte")
    order = tell(order, cancelled(1, [2], was_requested=True))
    assert (order.status, order.can_be_cancelled) == (Status.PLACED, True)


def test_a_refused_cancellation_leaves_the_order_as_it_was_and_it_may_be_asked_for_again() -> None:
    order = tell(order_of(1), accepted())
    changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behövs inte")
    assert not Order.objects.get(pk=order.pk).can_be_cancelled
    before = state(order)
    reports.record_cancellation_refused(str(order.number), reason="Redan packad")
    order = Order.objects.get(pk=order.pk)
    assert state(order) == before
    assert order.can_be_cancelled
    assert order.history.order_by("-id")[0].note == "Redan packad"
    changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Försöker igen")


def test_a_refused_change_of_delivery_leaves_the_order_as_it_was() -> None:
    order = tell(order_of(1), accepted())
    before, where = state(order), order.street
    changes.change_delivery(order, by=order.orderer, new=changes.NewDelivery(method="UNIT"))
    assert Order.objects.get(pk=order.pk).street != where
    reports.record_delivery_change_refused(str(order.number), reason="Redan packad")
    assert state(order) == before
    assert Order.objects.get(pk=order.pk).street == where
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
