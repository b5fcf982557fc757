"""SESAM2's reports about hämtorder: what each does, and that the end is the same whatever the order of arrival."""

import itertools
from collections.abc import Sequence

import pytest
from django.db import transaction

from accounts.models import Notice
from catalog import individuals
from catalog.models import Individual
from integration.registry import Unacceptable, UnknownSubject
from ordering.sesam2 import Answer
from patients.models import Loan
from pickups.actions import changes
from pickups.models import PickupItem, PickupOrder, Status
from pickups.sesam2 import AnsweredItem
from tests import factories
from tests.pickups.told import (
    LATER,
    SOON,
    State,
    Telling,
    accepted,
    answered,
    cancelled,
    changed,
    day,
    delayed,
    deregistered,
    end,
    events,
    fresh,
    items,
    loan,
    loans,
    outcomes,
    picked_up,
    planned,
    received,
    refused,
    sent,
    status,
    tell,
)

pytestmark = pytest.mark.django_db
ALL_FOUND = {1: True, 2: True, 3: True}
ONE_MISSING = {1: True, 2: False, 3: True}


def notices(order: PickupOrder) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(user=order.orderer.user).order_by("id").values_list("word", "title"))


# --- Each report -------------------------------------------------------------------------------------


def test_accepted_stays_mottagen_and_shows_the_date() -> None:
    order = tell(sent(), received(), accepted())
    assert (order.status, order.promised_on, order.erp_number, order.is_delayed) == (Status.RECEIVED, SOON, "S2-1", False)


def test_a_whole_life_ends_the_loans_and_takes_the_marks_away() -> None:
    order = tell(sent(), received(), accepted())
    assert loans(order) == [(0, 1, False), (0, 1, False), (0, 5, False)]
    order = tell(order, planned())
    assert (order.status, order.promised_on) == (Status.PLANNED, SOON)
    order = tell(order, picked_up(found=ALL_FOUND))
    assert (order.status, outcomes(order)) == (Status.PICKED_UP, "RRR")
    assert loans(order) == [(1, 0, True), (1, 0, True), (5, 0, True)]
    order = tell(order, deregistered(found=ALL_FOUND))
    assert (order.status, loans(order)) == (Status.DEREGISTERED, [(1, 0, True), (1, 0, True), (5, 0, True)])
    assert not Individual.objects.filter(is_on_pickup=True).exists()
    assert [word for word, _ in notices(order)] == ["Planerad", "Avregistrerad"]


def test_a_loan_keeps_the_moment_at_which_it_ended() -> None:
    order = tell(sent(), picked_up(found=ALL_FOUND))
    before = list(Loan.objects.order_by("pk").values_list("ended_at", flat=True))
    tell(order, deregistered(found=ALL_FOUND), picked_up(3, found=ALL_FOUND))
    assert list(Loan.objects.order_by("pk").values_list("ended_at", flat=True)) == before


def test_what_was_not_found_is_cancelled_alone_and_its_loan_goes_on() -> None:
    order = tell(sent(), picked_up(found=ONE_MISSING))
    assert (order.status, outcomes(order)) == (Status.PICKED_UP, "RNR")
    assert loans(order) == [(1, 0, True), (0, 0, False), (5, 0, True)]
    assert not Individual.objects.get(number="40-2").is_on_pickup
    [notice] = Notice.objects.filter(user=order.orderer.user)
    assert (notice.word, notice.title) == ("Hittades inte", "Rollator, individ 40-2 hittades inte vid hämtningen")
    assert (notice.action_text, notice.action_url) == ("Gör felrapport", f"/hamtorder/{order.number}/saknas/2/")
    assert tell(order, deregistered(found=ONE_MISSING)).status == Status.DEREGISTERED
    assert len(notices(order)) == 2  # told once, and that the rest is deregistered


def test_what_was_missing_can_be_put_on_another_hamtorder() -> None:
    tell(sent(), picked_up(found=ONE_MISSING))
    again = sent(of=[Loan.objects.get(individual_number="40-2")])
    assert tell(again, picked_up(found={1: True})).status == Status.PICKED_UP
    assert not Loan.objects.current().exists()


def test_many_missing_are_told_in_one_notice() -> None:
    patient = factories.patient()
    order = sent(of=[loan(patient, f"40-{number}") for number in range(1, 8)])
    tell(order, picked_up(found=dict.fromkeys(range(1, 8), False)))
    assert [title for _, title in notices(order)] == [f"7 hjälpmedel på hämtorder {order.number} hittades inte"]
    assert fresh(order).status == Status.CANCELLED


def test_the_latest_word_on_an_item_holds_and_its_loan_follows() -> None:
    order = tell(sent(), picked_up(4, found=ALL_FOUND), cancelled(5, [2], is_missing=True))
    assert (outcomes(order), loans(order)[1]) == ("RNR", (0, 0, False))
    order = tell(order, deregistered(6, found=ALL_FOUND), picked_up(3, found={1: False}))
    assert (outcomes(order), loans(order)[1]) == ("RRR", (1, 0, True))


def test_a_part_of_what_the_patient_has_is_fetched_and_the_rest_stays() -> None:
    patient = factories.patient()
    wedges = loan(patient, "", article="Kil", quantity=5)
    from pickups.actions.drafts import Wanted

    order = sent(patient, wanted=[Wanted(loan=wedges, quantity=2)])
    assert loans(order) == [(0, 2, False)]
    order = tell(order, picked_up(found={1: True}))
    wedges.refresh_from_db()
    assert (loans(order), wedges.held) == ([(2, 0, False)], 3)
    other = sent(patient, wanted=[Wanted(loan=wedges, quantity=3)])
    tell(other, picked_up(found={1: True}))
    assert loans(other) == [(5, 0, True)]


def test_a_deregistration_that_names_nothing_is_about_all_that_nothing_else_is_said_of() -> None:
    order = tell(sent(), cancelled(2, [1]), picked_up(4, found={2: False}), deregistered(5))
    assert (order.status, outcomes(order)) == (Status.DEREGISTERED, "CNR")
    assert [ended for *_, ended in loans(order)] == [False, False, True]


def test_what_a_deregistration_leaves_out_is_not_taken_for_found() -> None:
    order = tell(sent(), deregistered(found={1: True}))
    assert (order.status, outcomes(order)) == (Status.DEREGISTERED, "RTT")
    assert loans(order) == [(1, 0, True), (0, 0, False), (0, 0, False)]


def test_an_older_report_goes_to_the_history_and_changes_nothing() -> None:
    order = tell(sent(), picked_up(4), planned(3, LATER))
    assert (order.status, events(order)) == (Status.PICKED_UP, ["PLACED", "PICKED_UP", "PLANNED"])
    assert order.history.last().details["is_old"]
    assert tell(order, status(5, State.PLANNED, on=SOON), planned(4 - 2, LATER)).promised_on == SOON


def test_what_is_deregistered_stays_so() -> None:
    assert tell(sent(), deregistered(4, ALL_FOUND), planned(5, LATER)).status == Status.DEREGISTERED


def test_a_moved_day_is_told() -> None:
    order = tell(sent(), planned(3, SOON), planned(4, LATER))
    assert order.promised_on == LATER
    assert [word for word, _ in notices(order)] == ["Planerad", "Ny dag"]


def test_a_delay_moves_the_day_and_marks_the_order_until_a_new_day_is_planned() -> None:
    order = tell(sent(), planned(3, SOON), delayed(4, None))
    assert (order.status, order.promised_on, order.is_delayed, order.is_late) == (Status.PLANNED, None, True, True)
    order = tell(order, planned(5, LATER))
    assert (order.promised_on, order.is_delayed) == (LATER, False)
    assert tell(order, delayed(2, day(9))).promised_on == LATER


def test_a_day_later_than_what_is_promised_is_a_delay() -> None:
    order = tell(sent(), planned(3, day(40)))
    assert order.is_delayed
    assert not tell(order, picked_up(4)).is_delayed


def test_refused_is_makulerad_with_the_reason_and_a_way_to_order_again() -> None:
    order = tell(sent(), refused())
    notice = Notice.objects.get(user=order.orderer.user)
    assert (order.status, loans(order)) == (Status.CANCELLED, [(0, 0, False)] * 3)
    assert (notice.word, notice.action_text) == ("Makulerad", "Beställ igen")
    assert notice.text == "Kundnumret är spärrat. Hjälpmedlen står kvar på patienten och hyran fortsätter."


def test_some_items_that_are_not_accepted_are_cancelled_and_fewer_may_be_fetched() -> None:
    order = tell(sent(), received(), changed(2, refused=[1], fewer={3: 4}))
    assert (order.status, outcomes(order), loans(order)) == (Status.RECEIVED, "COO", [(0, 0, False), (0, 1, False), (0, 4, False)])
    assert notices(order) == [("Makulerad i del", f"Allt på hämtorder {order.number} hämtas inte")]
    tell(order, picked_up(found={2: True, 3: True}))
    assert loans(order)[2] == (4, 0, False)


def test_a_cancellation_by_the_centre_takes_all_that_was_not_fetched() -> None:
    order = tell(sent(), picked_up(found={1: True}), cancelled(5))
    assert (order.status, outcomes(order), [ended for *_, ended in loans(order)]) == (Status.PICKED_UP, "RCC", [True, False, False])
    assert tell(sent(factories.patient()), cancelled(1)).status == Status.CANCELLED


def test_what_was_found_though_cancelled_has_been_fetched() -> None:
    order = tell(sent(), cancelled(2), picked_up(3, found={1: True, 2: False}))
    assert (order.status, outcomes(order)) == (Status.PICKED_UP, "RNC")


def test_a_request_to_cancel_is_answered_in_part_or_not_at_all() -> None:
    order = sent()
    changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behålls", lines=[1, 2])
    order = tell(order, cancelled(1, [1], was_requested=True))
    assert (order.cancellation_requested_at, outcomes(order), order.status) == (None, "COO", Status.PLACED)
    text = Notice.objects.get(user=order.orderer.user).text
    assert text == "118201, individ 40-1. Som du bad om. Rollator, individ 40-2 hämtas som planerat. Lån och hyra fortsätter."
    changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behålls")
    from pickups.actions import reports

    reports.record_cancellation_refused(str(order.number), reason="Bilen har gått")
    order = fresh(order)
    assert (order.cancellation_requested_at, PickupItem.objects.filter(is_cancellation_requested=True).count()) == (None, 0)
    reports.record_cancellation_refused(str(order.number), reason="Bilen har gått")
    assert order.history.last().details == {"is_old": True}


def test_a_component_that_was_fetched_sits_on_nothing_and_does_again_if_it_was_not() -> None:
    patient = factories.patient()
    loan(patient, "40-1")
    armrest = loan(patient, "40-9", article="Armstöd")
    individuals.register(armrest.article, [("40-1", "", ""), ("40-9", "", "")])
    individuals.mount("40-9", on="40-1")
    order = sent(of=[armrest])
    assert items(order)[0].part_of_individual == "40-1"
    tell(order, picked_up(4, found={1: True}))
    assert Individual.objects.get(number="40-9").parent is None
    tell(order, picked_up(5, found={1: False}))
    assert Individual.objects.get(number="40-9").parent.number == "40-1"


# --- What is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "telling",
    [
        planned(3, day(-1)),
        delayed(3, day(-1)),
        accepted(3, day(-1)),
        picked_up(4, found={1: True, 7: True}),
        cancelled(4, [7]),
        delayed(4, lines=[7]),
        changed(4, lines=[1, 2, 3, 4]),
        answered(4, Answer.CHANGED, items=[AnsweredItem(9, is_refused=False, is_added=True, quantity=1, reason="")]),
        answered(4, Answer.ACCEPTED, on=SOON, erp="S2-2"),
    ],
)
def test_what_contradicts_the_order_is_unacceptable_and_leaves_nothing_behind(telling: Telling) -> None:
    order = tell(sent(), received())
    before, told = end(order), events(order)
    with pytest.raises(Unacceptable), transaction.atomic():
        tell(order, telling)
    assert (end(order), events(order)) == (before, told)
    assert not fresh(order).reports.exists()


def test_an_order_that_the_portal_does_not_know_is_an_unknown_subject() -> None:
    order = sent()
    order.number = "H-2026-99999999-9"
    with pytest.raises(UnknownSubject):
        received()(order)


# --- Any order of arrival -----------------------------------------------------------------------------

LIVES: dict[str, Sequence[Telling]] = {
    "fetched": [received(1), accepted(2), planned(3), picked_up(4, ALL_FOUND), deregistered(5, ALL_FOUND)],
    "one missing": [planned(2), picked_up(3, ONE_MISSING), deregistered(4, ONE_MISSING)],
    "missed at the registration": [picked_up(3, ALL_FOUND), cancelled(4, [2], is_missing=True), deregistered(5, {1: True, 3: True})],
    "found later": [picked_up(2, ONE_MISSING), deregistered(3, {1: True, 3: True}), deregistered(4, {2: True})],
    "moved": [accepted(1), planned(2), delayed(3), planned(4, day(8))],
    "some cancelled": [received(1), cancelled(2, [1]), picked_up(4, {2: True, 3: True}), deregistered(5)],
    "cancelled": [received(1), planned(2), delayed(3, None), cancelled(4)],
    "cancelled though fetched": [planned(2), picked_up(3, {1: True}), cancelled(4), deregistered(5, {1: True})],
    "cancelled after it names nothing": [planned(1), deregistered(3), cancelled(4, [2]), cancelled(2, [1])],
    "nothing there": [planned(1), picked_up(2, dict.fromkeys((1, 2, 3), False)), deregistered(3, dict.fromkeys((1, 2, 3), False))],
    "refused": [received(1), delayed(2), refused(3)],
    "changed": [changed(2, refused=[1], fewer={3: 2}), planned(3), picked_up(4, {2: True, 3: True}), deregistered(5)],
}


@pytest.mark.parametrize("name", LIVES)
def test_every_order_of_arrival_ends_alike(name: str) -> None:
    order = sent()
    ends = []
    for arrival in itertools.permutations(LIVES[name]):
        point = transaction.savepoint()
        tell(order, *arrival)
        ends.append(end(order))
        transaction.savepoint_rollback(point)
    assert all(found == ends[0] for found in ends[1:])
    assert ends[0]["status"] != Status.PLACED
