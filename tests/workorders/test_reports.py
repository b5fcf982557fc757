"""SESAM2's reports about arbetsorder: what each does, and that the end is the same whatever the order of arrival."""

import itertools
from collections.abc import Sequence

import pytest
from django.db import transaction

from accounts.models import Notice
from integration.registry import Unacceptable, UnknownSubject
from ordering.sesam2 import Answer
from tests import factories
from tests.workorders.told import LATER, SOON, State, Telling, accepted, answered, cancelled, delayed, end, events, received, refused, sent, status, tell
from workorders.actions import orders
from workorders.models import Status

pytestmark = pytest.mark.django_db


def test_accepted_stays_mottagen_and_shows_the_date() -> None:
    order = tell(sent(), received(), accepted())
    assert (order.status, order.promised_on, order.erp_number) == (Status.RECEIVED, SOON, "S2-1")


def test_each_status_is_shown_with_its_planned_day() -> None:
    order = tell(sent(), received(1), accepted(2), status(3, State.PLANNED, on=SOON))
    assert (order.status, order.planned_on) == (Status.PLANNED, SOON)
    assert tell(order, status(4, State.STARTED)).status == Status.STARTED
    assert tell(order, status(5, State.WAITING)).status == Status.WAITING
    assert tell(order, status(6, State.STARTED)).status == Status.STARTED
    assert tell(order, status(7, State.COMPLETED, summary="Bytt vajer.")).status == Status.COMPLETED


def test_an_older_report_goes_to_the_history_and_changes_nothing() -> None:
    order = tell(sent(), status(4, State.STARTED), status(3, State.PLANNED, on=SOON))
    assert order.status == Status.STARTED
    assert events(order) == ["PLACED", "STARTED", "PLANNED"]
    assert order.history.last().details["is_old"]


def test_what_is_done_is_not_begun_again() -> None:
    assert tell(sent(), status(3, State.COMPLETED), status(4, State.PLANNED, on=LATER)).status == Status.COMPLETED


def test_an_answer_with_another_number_in_sesam2_is_unacceptable() -> None:
    order = tell(sent(), received())
    with pytest.raises(Unacceptable):
        tell(order, answered(2, Answer.ACCEPTED, on=SOON, erp="S2-2"))


def test_an_order_that_the_portal_does_not_know_is_an_unknown_subject() -> None:
    order = sent()
    order.number = "A-2026-99999999-9"
    with pytest.raises(UnknownSubject):
        received()(order)


def test_refused_is_makulerad_with_the_reason_and_a_way_to_order_again() -> None:
    order = tell(sent(), refused())
    notice = Notice.objects.get(user=order.orderer.user)
    assert order.status == Status.CANCELLED
    assert (notice.word, notice.text, notice.action_text) == ("Makulerad", "Kundnumret är spärrat.", "Beställ igen")


def test_needs_completion_tells_the_sender_what_is_missing() -> None:
    order = tell(sent(), received(), status(2, State.NEEDS_COMPLETION, summary="Vilken sida gäller det?"))
    notice = Notice.objects.get(user=order.orderer.user)
    assert order.status == Status.NEEDS_COMPLETION
    assert (notice.word, notice.text) == ("Behöver kompletteras", "Vilken sida gäller det?")


def test_a_completed_order_goes_again_under_its_number_and_what_was_told_before_is_answered() -> None:
    order = tell(sent(), received(), status(2, State.NEEDS_COMPLETION, summary="Vilken sida?"))
    assert orders.place(order, by=factories.alice()) == order.number
    order.refresh_from_db()
    assert (order.status, order.sent_again_after) == (Status.PLACED, 2)
    assert tell(order, received(3)).status == Status.RECEIVED
    assert tell(order, status(4, State.PLANNED, on=SOON)).status == Status.PLANNED


def test_a_late_reason_marks_it_and_gives_a_notice() -> None:
    order = tell(sent(), status(3, State.WAITING, late="Reservdel är beställd från Tyskland"))
    assert order.is_delayed
    assert Notice.objects.get(user=order.orderer.user).text == "Reservdel är beställd från Tyskland."
    assert not tell(order, status(4, State.COMPLETED)).is_delayed


def test_finished_gives_a_notice_once() -> None:
    order = tell(sent(), status(3, State.COMPLETED, summary="Bytt vajer."), status(2, State.STARTED))
    assert [notice.word for notice in Notice.objects.filter(user=order.orderer.user)] == ["Klar"]


LIVES: dict[str, Sequence[Telling]] = {
    "done": [received(1), accepted(2), status(3, State.PLANNED, on=SOON), status(4, State.STARTED), status(5, State.COMPLETED, summary="Klart.")],
    "late and replanned": [
        accepted(1),
        delayed(2),
        status(3, State.PLANNED, on=SOON),
        status(4, State.WAITING, late="Del saknas"),
        status(5, State.PLANNED, on=LATER),
    ],
    "proposal": [received(1), status(2, State.WAITING, proposal="4500.00"), status(3, State.WAITING, proposal="5200.00"), status(4, State.STARTED)],
    "cancelled": [received(1), status(2, State.PLANNED, on=SOON), delayed(3, None), cancelled(4)],
    "cancelled and done": [received(1), cancelled(2), status(3, State.COMPLETED, summary="Var redan gjort.")],
    "refused": [received(1), delayed(2), refused(3)],
    "completion": [received(1), accepted(2), status(3, State.NEEDS_COMPLETION, summary="Sida?"), delayed(4, LATER)],
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
        order.refresh_from_db()
    assert all(found == ends[0] for found in ends[1:])
    assert ends[0]["status"] != Status.PLACED
