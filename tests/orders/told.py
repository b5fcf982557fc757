"""What SESAM2 may tell about a kundorder, each as one call; and what is looked at afterwards."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from orders.actions import reports
from orders.models import Order
from orders.sesam2 import Answer, AnsweredLine, DeliveredLine, DespatchedLine, Response
from patients.models import Loan
from tests import factories

SOON = datetime.date(2026, 12, 1)
LATER = datetime.date(2026, 12, 8)
LATEST = datetime.date(2026, 12, 15)
REPLACEMENT = {"supplier_gln": factories.SUPPLIER_GLN, "supplier_article_number": "N1", "article_number": "118999", "name": "Rullstol Ny 45 cm"}

Report = Callable[[Order], None]


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
    return [(row.delivered, row.outstanding, row.cancelled, row.receipted) for row in rows]


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
        for row in order.lines.order_by("line")
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
