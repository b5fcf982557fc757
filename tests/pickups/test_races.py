"""Two at once with hämtorder; each race with a control that shows it without the guard."""

import threading

import pytest
from django.db import transaction

from core.lifecycle import IllegalMove
from integration.models import OutgoingMessage
from ordering.sending import NotReady
from patients.actions import mark_loan, set_return
from patients.models import Loan, LoanReturn
from pickups.actions import changes, drafts, orders
from pickups.models import OPEN, PickupItem, PickupOrder, Status
from tests import factories
from tests.pickups.told import aids, content, deregistered, fresh, loan, picked_up, planned, sent
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = 5


def two_drafts_of(*of: Loan, quantity: int = 1) -> list[PickupOrder]:
    """By two persons, of the same aids."""
    made = []
    for by in (factories.alice(), factories.bob()):
        order = drafts.start(of[0].patient, by=by)
        drafts.save(order, content=content(order), wanted=[drafts.Wanted(loan=one, quantity=quantity) for one in of])
        made.append(fresh(order))
    return made


def on_open_orders(one: Loan) -> int:
    return PickupItem.objects.filter(loan=one, order__status__in=OPEN).count()


def test_of_two_pickups_of_one_aid_at_once_one_is_refused() -> None:
    patient = factories.patient()
    for run in range(RUNS):
        aid = loan(patient, f"50-{run}")
        first, second = two_drafts_of(aid)
        results = at_once(lambda first=first: orders.place(first, by=first.orderer), lambda second=second: orders.place(second, by=second.orderer))
        assert sorted(type(result).__name__ for result in results) == ["NotReady", "str"]
        aid.refresh_from_db()
        assert (on_open_orders(aid), aid.on_pickup) == (1, 1)
        PickupOrder.objects.filter(status=Status.DRAFT).update(status=Status.CANCELLED)


def test_control_without_the_aid_locked_it_stands_on_both() -> None:
    """Each has looked, and seen that the aid is free."""
    aid = loan(factories.patient(), "50-1")
    both_have_looked = threading.Barrier(2, timeout=10)

    def place_unguarded(order: PickupOrder) -> None:
        with transaction.atomic():
            assert not orders.problems_of(order, orders.items_of(order))
            both_have_looked.wait()
            follows = {"fetch_by": "2026-12-08", "rent_ends_on": "2026-12-02", "deregister_by": "2026-12-08"}
            number = f"H-2026-0000000{order.pk % 10}-0"
            PickupOrder.objects.filter(pk=order.pk).update(status=Status.PLACED, number=number, placed_at=order.created_at, **follows)

    first, second = two_drafts_of(aid)
    assert at_once(lambda: place_unguarded(first), lambda: place_unguarded(second)) == [None, None]
    assert on_open_orders(aid) == 2


def test_of_two_pickups_of_a_part_at_once_both_go_while_there_are_enough() -> None:
    *_, wedges = aids(factories.patient())
    first, second = two_drafts_of(wedges, quantity=2)
    results = at_once(lambda: orders.place(first, by=first.orderer), lambda: orders.place(second, by=second.orderer))
    assert [type(result) for result in results] == [str, str]
    wedges.refresh_from_db()
    assert wedges.on_pickup == 4
    PickupOrder.objects.update(status=Status.PLACED)
    third, fourth = two_drafts_of(wedges, quantity=1)
    results = at_once(lambda: orders.place(third, by=third.orderer), lambda: orders.place(fourth, by=fourth.orderer))
    assert sorted(type(result).__name__ for result in results) == ["NotReady", "str"]


def test_two_pickups_of_the_same_aids_in_other_order_do_not_wait_for_each_other_for_ever() -> None:
    patient = factories.patient()
    for run in range(RUNS):
        one, other = loan(patient, f"60-{run}"), loan(patient, f"61-{run}")
        first, second = two_drafts_of(one, other)
        drafts.save(second, content=content(second), wanted=[drafts.Wanted(loan=other), drafts.Wanted(loan=one)])
        second = fresh(second)
        results = at_once(lambda first=first: orders.place(first, by=first.orderer), lambda second=second: orders.place(second, by=second.orderer))
        assert [type(result) for result in results if not isinstance(result, str)] == [NotReady]
        PickupOrder.objects.filter(status=Status.DRAFT).update(status=Status.CANCELLED)


def test_a_pickup_is_planned_before_it_is_asked_to_be_cancelled_or_after_never_in_between() -> None:
    patient = factories.patient()
    for run in range(RUNS):
        order = sent(of=[loan(patient, f"70-{run}")])

        def cancel(order: PickupOrder = order) -> None:
            changes.request_cancellation(order, by=order.orderer, reason="NOT_NEEDED", note="Behålls")

        cancelled, told = at_once(cancel, lambda order=order: planned(1)(order))
        assert told is None
        events = list(order.history.order_by("id").values_list("event", flat=True))
        if cancelled is None:
            assert events == ["PLACED", "CANCELLATION_REQUESTED", "PLANNED"]
        else:
            assert isinstance(cancelled, IllegalMove)
            assert events == ["PLACED", "PLANNED"]
        assert OutgoingMessage.objects.filter(subject=order.number, message_type="CancellationRequest").count() == (cancelled is None)


def test_control_without_the_order_locked_a_planned_pickup_is_asked_to_be_cancelled() -> None:
    """The person has looked, and seen that it is not planned; then it is."""
    order = sent(of=[loan(factories.patient(), "70-1")])
    has_looked, is_planned = threading.Event(), threading.Event()

    @transaction.atomic
    def cancel_unguarded() -> None:
        seen = PickupOrder.objects.get(pk=order.pk)
        assert seen.can_be_cancelled
        has_looked.set()
        assert is_planned.wait(10)
        seen.tell("CANCELLATION_REQUESTED", by=order.orderer)

    def plan() -> None:
        assert has_looked.wait(10)
        planned(1)(order)
        is_planned.set()

    assert at_once(cancel_unguarded, plan) == [None, None]
    assert list(order.history.order_by("id").values_list("event", flat=True)) == ["PLACED", "PLANNED", "CANCELLATION_REQUESTED"]


def test_two_reports_of_what_was_found_at_once_end_the_loan_once() -> None:
    patient = factories.patient()
    for run in range(RUNS):
        aid = loan(patient, f"80-{run}")
        order = sent(of=[aid])
        results = at_once(lambda order=order: picked_up(1, {1: True})(order), lambda order=order: deregistered(2, {1: True})(order))
        assert results == [None, None]
        aid.refresh_from_db()
        assert (aid.returned, aid.on_pickup, aid.ended_at is not None, LoanReturn.objects.filter(loan=aid).count()) == (1, 0, True, 1)
        assert fresh(order).status == Status.DEREGISTERED


def test_two_returns_of_parts_of_one_loan_at_once_are_both_counted() -> None:
    *_, wedges = aids(factories.patient())
    at = wedges.started_at.replace(month=6)
    results = at_once(lambda: set_return(wedges, source="H-1/1", quantity=2, at=at), lambda: set_return(wedges, source="H-2/1", quantity=3, at=at))
    assert all(isinstance(result, Loan) for result in results)
    wedges.refresh_from_db()
    assert (wedges.returned, wedges.ended_at) == (5, at)


def test_control_without_the_loan_locked_one_of_the_returns_is_not_counted() -> None:
    """Each adds to what it has read."""
    *_, wedges = aids(factories.patient())
    both_have_read = threading.Barrier(2, timeout=10)

    @transaction.atomic
    def give_back_unguarded(quantity: int) -> None:
        seen = Loan.objects.get(pk=wedges.pk)
        both_have_read.wait()
        Loan.objects.filter(pk=seen.pk).update(returned=seen.returned + quantity)

    assert at_once(lambda: give_back_unguarded(2), lambda: give_back_unguarded(3)) == [None, None]
    wedges.refresh_from_db()
    assert wedges.returned < 5


def test_a_mark_and_a_return_at_once_are_both_kept() -> None:
    aid = loan(factories.patient(), "90-1")
    at = aid.started_at.replace(month=6)
    at_once(lambda: mark_loan(aid, is_under_investigation=True), lambda: set_return(aid, source="H-1/1", quantity=1, at=at))
    aid.refresh_from_db()
    assert (aid.is_under_investigation, aid.returned, aid.ended_at) == (True, 1, at)
