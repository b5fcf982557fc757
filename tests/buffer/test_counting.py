"""Inventering: several people at once, against what the ledger said at that moment, booked with reasons."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Notice
from buffer import actions
from buffer.actions import counting, reminders
from buffer.actions.counting import differences
from buffer.models import Count, CountEntry, Movement, StockLine
from catalog.models import Individual
from core.lifecycle import IllegalMove
from integration.models import OutgoingMessage
from tests import factories
from tests.buffer.stores import RECEIVED, fresh, maja, marked_article, nils, numbers_in, stocked, store, take

pytestmark = pytest.mark.django_db
UNREGISTERED, MISCOUNTED = CountEntry.Reason.UNREGISTERED, CountEntry.Reason.MISCOUNTED


def enter(count: Count, line: StockLine, counted: int, numbers: tuple[str, ...] = (), **facts: Any) -> CountEntry:
    return counting.enter(count, line, by=facts.pop("by", None) or maja(), counted=counted, individual_numbers=numbers, **facts)


def book(count: Count, reason: str = MISCOUNTED, note: str = "") -> str:
    found = differences(count)
    reasons = {one.entry.line_id: (reason, note) for one in found if one.differs}
    return counting.book(count, by=maja(), reasons=reasons, seen={one.entry.line_id: one.change for one in found})


def change_of(count: Count, line: StockLine) -> int:
    return next(one.change for one in differences(count) if one.entry.line_id == line.pk)


# --- Begun and entered -----------------------------------------------------------------------------


def test_a_second_one_joins_the_count_that_is_under_way() -> None:
    count = counting.start(store(), by=maja())
    assert counting.start(store(), by=nils()) == count
    assert list(count.history.values_list("event", flat=True)) == ["STARTED"]


def test_a_colleagues_number_is_not_written_over_unseen() -> None:
    line = stocked(10)
    count = counting.start(line.store, by=maja())
    enter(count, line, 9)
    with pytest.raises(counting.CountedBySomebody) as refused:
        enter(count, line, 8, by=nils())
    assert (refused.value.entry.counted, refused.value.entry.counted_by.user.name) == (9, "Maja Mo")
    assert enter(count, line, 8, by=nils(), seen=1).version == 2
    assert [row.details["was"]["counted"] for row in count.history.filter(event="COUNTED_ANEW")] == [9]
    with pytest.raises(IllegalMove):
        enter(count, stocked(1), 1, seen=1)


def test_nothing_is_entered_when_the_count_has_ended() -> None:
    line = stocked(1)
    count = counting.start(line.store, by=maja())
    counting.cancel(count, by=maja())
    for step in (lambda: enter(count, line, 1), lambda: counting.cancel(count, by=maja()), lambda: book(count)):
        with pytest.raises(IllegalMove):
            step()
    assert not count.entries.exists()
    assert counting.start(line.store, by=maja()) != count


def test_a_line_of_another_store_is_not_counted() -> None:
    count = counting.start(store(), by=maja())
    with pytest.raises(StockLine.DoesNotExist):
        enter(count, stocked(1, at=store("4102", of=factories.carol())), 1)


def test_an_individual_that_is_somewhere_else_is_told_when_it_is_counted() -> None:
    line = stocked(1, ("I1",))
    count = counting.start(line.store, by=maja())
    stocked(1, ("I2",), at=store("4102", of=factories.carol()), article=line.article)
    order = factories.order()
    factories.loan(order, "I3")
    Individual.objects.filter(number="I3").update(article=line.article)
    stocked(1, ("I4",))
    for number, error in [("I2", actions.IndividualElsewhere), ("I3", actions.IndividualElsewhere), ("I4", actions.WrongArticle)]:
        with pytest.raises(error):
            enter(count, line, 1, (number,))
    with pytest.raises(actions.SameNumberTwice):
        enter(count, line, 2, ("I1", "I1"))
    assert not count.entries.exists()


# --- Differences -----------------------------------------------------------------------------------


def test_what_is_moved_after_a_line_was_counted_makes_no_difference() -> None:
    line = stocked(10)
    count = counting.start(line.store, by=maja())
    enter(count, line, 9)
    take(line, 3)
    actions.receive(line.store, line.article, by=maja(), order_number=RECEIVED, quantity=5)
    assert change_of(count, line) == -1
    book(count)
    assert fresh(line).on_hand == 11


def test_control_against_the_balance_of_now_the_same_count_differs_falsely() -> None:
    line = stocked(10)
    count = counting.start(line.store, by=maja())
    entry = enter(count, line, 10)
    take(line, 3)
    assert entry.counted - fresh(line).on_hand == 3
    assert change_of(count, line) == 0


def test_what_was_taken_before_it_was_counted_and_registered_since_makes_the_difference_less() -> None:
    line = stocked(10)
    before = timezone.now()
    count = counting.start(line.store, by=maja())
    enter(count, line, 7)
    assert change_of(count, line) == -3
    take(line, 2, happened_at=before)
    assert change_of(count, line) == -1
    book(count)
    assert fresh(line).on_hand == 7


def test_individuals_that_are_missing_new_or_read_for_the_first_time() -> None:
    line = stocked(4, ("I1", "I2", "I3"))  # and one without a number
    count = counting.start(line.store, by=maja())
    enter(count, line, 4, ("I1", "I2", "I8", "I9"))  # I3 is gone; one of I8 and I9 is the one without
    [one] = differences(count)
    assert (one.change, one.missing, len(one.found), len(one.readings), one.without_number) == (0, ("I3",), 1, 1, 0)
    number = book(count, note="Etiketterna lästes om")
    assert (fresh(line).on_hand, numbers_in(line)) == (4, ["I1", "I2", "I8", "I9"])
    said = OutgoingMessage.objects.get(subject=number).payload["body"]["lines"]
    assert sorted((row["individualNumber"], row["difference"]) for row in said) == [("I3", -1), (one.found[0], 1)]


def test_an_individual_that_came_or_went_after_the_counting_is_neither_missing_nor_new() -> None:
    line = stocked(2, ("I1", "I2"))
    count = counting.start(line.store, by=maja())
    enter(count, line, 2, ("I1", "I2"))
    take(line, numbers=("I1",))
    actions.receive(line.store, line.article, by=maja(), order_number=RECEIVED, individual_numbers=["I5"])
    [one] = differences(count)
    assert not one.differs
    assert book(count) == ""
    assert (fresh(line).on_hand, numbers_in(line), OutgoingMessage.objects.count()) == (2, ["I2", "I5"], 0)


def test_a_withdrawn_individual_that_is_registered_afterwards_was_not_missing() -> None:
    line = stocked(2, ("I1", "I2"))
    before = timezone.now()
    count = counting.start(line.store, by=maja())
    enter(count, line, 1, ("I1",))
    assert differences(count)[0].missing == ("I2",)
    take(line, numbers=("I2",), happened_at=before)
    assert not differences(count)[0].differs


def test_differences_cost_the_same_however_many_lines_there_are(django_assert_num_queries: Any) -> None:
    count = counting.start(store(), by=maja())
    for number in range(3):
        line = stocked(1, (f"J{number}",))
        enter(count, line, 1, (f"J{number}",))
    with django_assert_num_queries(5):
        assert len(differences(count)) == 3


# --- Booked ----------------------------------------------------------------------------------------


def test_booking_is_one_correction_with_all_that_differs() -> None:
    lines = [stocked(10), stocked(5), stocked(3)]
    count = counting.start(store(), by=maja())
    for line, counted in zip(lines, (9, 5, 4), strict=True):
        enter(count, line, counted, by=nils())
    number = book(count, note="Se listan")
    assert [fresh(line).on_hand for line in lines] == [9, 5, 4]
    message = OutgoingMessage.objects.get(message_type="StockCorrection")
    assert message.subject == number
    assert [(said["difference"], said["reason"], said["note"]) for said in message.payload["body"]["lines"]] == [
        (-1, "COUNT", "Felräknat vid leverans eller förra inventeringen: Se listan"),
        (1, "COUNT", "Felräknat vid leverans eller förra inventeringen: Se listan"),
    ]
    count.refresh_from_db()
    assert (count.status, count.correction_number) == ("BOOKED", number)
    assert all(fresh(line).last_counted_at for line in lines)
    assert list(CountEntry.objects.order_by("line").values_list("difference", flat=True)) == [-1, 0, 1]
    assert Movement.objects.filter(kind="COUNT").count() == 2


def test_what_is_not_counted_keeps_its_balance() -> None:
    counted, left = stocked(4), stocked(7)
    count = counting.start(store(), by=maja())
    enter(count, counted, 3)
    book(count)
    assert (fresh(left).on_hand, fresh(left).last_counted_at) == (7, None)


def test_nothing_is_booked_that_was_not_shown_nor_without_a_reason() -> None:
    line = stocked(10)
    count = counting.start(line.store, by=maja())
    enter(count, line, 8)
    with pytest.raises(counting.DifferencesChanged):
        counting.book(count, by=maja(), reasons={line.pk: (MISCOUNTED, "")}, seen={line.pk: -1})
    with pytest.raises(counting.ReasonNeeded) as refused:
        counting.book(count, by=maja(), reasons={}, seen={line.pk: -2})
    assert refused.value.lines == [line.pk]
    assert (fresh(line).on_hand, OutgoingMessage.objects.count(), Count.objects.get().status) == (10, 0, "OPEN")


def test_a_line_that_cannot_be_what_was_counted_is_counted_anew() -> None:
    """More has been taken since than was counted."""
    line = stocked(10)
    count = counting.start(line.store, by=maja())
    enter(count, line, 2)
    take(line, 9)
    with pytest.raises(counting.CannotBook) as refused:
        book(count)
    assert refused.value.line == line
    assert (fresh(line).on_hand, OutgoingMessage.objects.count()) == (1, 0)


def test_an_individual_that_has_got_a_patient_meanwhile_is_counted_anew() -> None:
    line = stocked(1, ("I1",))
    count = counting.start(line.store, by=maja())
    enter(count, line, 2, ("I1", "I2"))
    factories.loan(factories.order(), "I2")
    Individual.objects.filter(number="I2").update(article=line.article)
    with pytest.raises(counting.CannotBook):
        book(count)
    assert numbers_in(line) == ["I1"]


# --- Taken, not registered -------------------------------------------------------------------------


def test_what_was_booked_as_not_registered_is_asked_for_and_given_back_when_it_is() -> None:
    line, alice = stocked(10), factories.alice()
    taken_at = timezone.now()
    count = counting.start(line.store, by=maja())
    enter(count, line, 7)
    book(count, UNREGISTERED)
    assert fresh(line).on_hand == 7
    notice = Notice.objects.get(user=alice.user)
    assert (notice.title, notice.url) == ("3 hjälpmedel saknas i Buffertförrådet", "/buffertforrad/4101/inte-registrerade/")
    assert actions.available(fresh(line), taken_at=taken_at) == 10
    take(line, 2, happened_at=taken_at)
    entry = CountEntry.objects.get()
    assert (fresh(line).on_hand, entry.registered, entry.unexplained) == (7, 2, 1)
    said = [message.payload["body"]["lines"] for message in OutgoingMessage.objects.order_by("created_at")]
    assert [(row["difference"], row["reason"]) for rows in said for row in rows] == [(-3, "COUNT"), (2, "COUNT")]
    take(line, 2, happened_at=taken_at)
    assert (fresh(line).on_hand, CountEntry.objects.get().unexplained) == (6, 0)


def test_what_was_taken_after_the_count_is_not_what_was_missing() -> None:
    line = stocked(10)
    count = counting.start(line.store, by=maja())
    enter(count, line, 7)
    book(count, UNREGISTERED)
    take(line, 1)
    assert (fresh(line).on_hand, CountEntry.objects.get().registered) == (6, 0)


def test_the_last_one_can_be_registered_though_the_count_has_emptied_the_line() -> None:
    line = stocked(1, ("I1",))
    taken_at = timezone.now()
    count = counting.start(line.store, by=maja())
    enter(count, line, 0)
    book(count, UNREGISTERED)
    assert fresh(line).on_hand == 0
    take(line, numbers=("I1",), happened_at=taken_at)
    assert (fresh(line).on_hand, numbers_in(line), CountEntry.objects.get().registered) == (0, [], 1)
    assert [movement.change for movement in Movement.objects.filter(individual__number="I1").order_by("pk")] == [1, -1, 1, -1]


def test_control_without_the_giving_back_the_same_piece_is_gone_twice() -> None:
    line = stocked(10)
    taken_at = timezone.now()
    count = counting.start(line.store, by=maja())
    enter(count, line, 9)
    book(count, MISCOUNTED)  # nobody said that it was taken
    take(line, 1, happened_at=taken_at)
    assert fresh(line).on_hand == 8  # nine lie there


def test_a_later_count_is_not_misled_by_what_is_given_back() -> None:
    line = stocked(10)
    taken_at = timezone.now()
    first = counting.start(line.store, by=maja())
    enter(first, line, 9)
    book(first, UNREGISTERED)
    second = counting.start(line.store, by=maja())
    enter(second, line, 9)
    take(line, 1, happened_at=taken_at)
    assert change_of(second, line) == 0


# --- Reminded --------------------------------------------------------------------------------------


def test_a_store_that_has_not_been_counted_for_a_quarter_is_reminded_of_every_two_weeks() -> None:
    line, by = stocked(1), maja()
    now = timezone.now()
    assert reminders.remind_of_counts(now + datetime.timedelta(days=91)) == 0
    late = now + datetime.timedelta(days=93)
    assert [reminders.remind_of_counts(late + datetime.timedelta(days=days)) for days in (0, 1, 13, 14)] == [1, 0, 0, 1]
    assert list(Notice.objects.filter(user=by.user).values_list("title", flat=True)) == ["Det är dags att inventera Buffertförrådet"] * 2
    count = counting.start(line.store, by=by)
    assert reminders.remind_of_counts(late + datetime.timedelta(days=40)) == 0
    enter(count, line, 1)
    book(count)
    assert reminders.remind_of_counts(now + datetime.timedelta(days=60)) == 0


def test_a_store_where_nothing_has_ever_lain_is_not_reminded_of() -> None:
    stocked(levels=(1, 2))
    assert reminders.due_on(store()) is None
    assert reminders.remind_of_counts(timezone.now() + datetime.timedelta(days=400)) == 0


def test_an_article_that_carries_numbers_is_counted_without_them_too() -> None:
    line = stocked(3, article=marked_article())
    count = counting.start(line.store, by=maja())
    enter(count, line, 3, ("I1", "I2"))
    assert book(count) == ""
    assert (fresh(line).on_hand, numbers_in(line)) == (3, ["I1", "I2"])
