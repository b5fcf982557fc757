"""SESAM2's reports: the same end, whatever the order in which they come."""

import datetime
import itertools
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import Notice
from orders.actions import reports
from orders.models import Order, Status
from orders.sesam2 import Answer, AnsweredLine, DeliveredLine, DespatchedLine, Response
from patients.models import Loan
from tests import factories

pytestmark = pytest.mark.django_db
SOON = datetime.date(2026, 12, 1)
LATER = datetime.date(2026, 12, 8)


def received(order: Order) -> None:
    reports.record_response(str(order.number), sequence=1, response=Response(Answer.RECEIVED, "S2-1", None, "", ()))


def accepted(order: Order) -> None:
    reports.record_response(str(order.number), sequence=2, response=Response(Answer.ACCEPTED, "S2-1", SOON, "", ()))


def delayed(order: Order) -> None:
    reports.record_delay(str(order.number), sequence=3, promised_on=LATER, reason="Ryggklädsel saknas", lines=None)


def despatched(order: Order) -> None:
    reports.record_despatch(
        str(order.number),
        despatch_number="F1",
        despatched_at=timezone.now(),
        expected_on=None,
        carrier="",
        tracking_url="",
        lines=[DespatchedLine(1, 1, ("40-1",), "", ""), DespatchedLine(2, 1, (), "LOT7", "")],
    )


def delivered(order: Order) -> None:
    reports.record_delivery(
        str(order.number), sequence=5, despatch_number="F1", delivered_at=timezone.now(), is_receipted=True, signed_by="patienten", lines=None
    )


def rest_cancelled(order: Order) -> None:
    reports.record_cancellation(str(order.number), sequence=6, reason="Slut i lager", lines=[2], was_requested=False)


def state(order: Order) -> tuple[object, ...]:
    order.refresh_from_db()
    lines = [(line.delivered, line.outstanding, line.cancelled, line.receipted) for line in order.lines.order_by("line")]
    loans = sorted(Loan.objects.filter(order_number=order.number, ended_at=None).values_list("individual_number", "quantity", "lot"))
    return order.status, order.promised_on, order.is_delayed, order.erp_number, lines, loans


Report = Callable[[Order], None]
LIFE: list[Report] = [received, accepted, delayed, despatched, delivered, rest_cancelled]


def test_every_order_of_arrival_ends_alike() -> None:
    ends = set()
    patient = factories.patient()
    for sequence in itertools.islice(itertools.permutations(LIFE), 0, None, 13):
        order = factories.order(to=patient, lines=2, quantity=2)
        for report in sequence:
            report(order)
        ends.add(repr(state(order)))
    assert len(ends) == 1
    status, promised_on, is_delayed, erp, lines, loans = state(order)
    assert (status, promised_on, is_delayed, erp) == (Status.PARTLY_DELIVERED, LATER, True, "S2-1")
    assert lines == [(1, 1, 0, 1), (1, 0, 1, 1)]
    assert loans == [("", 1, "LOT7"), ("40-1", 1, "")]
