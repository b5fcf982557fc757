"""What SESAM2 has told about an order, as facts, and what follows from all of them: quantities, loans, dates, status, what a store waits for.

Nothing is counted up report by report: everything is computed from all facts that there are, so that the end is the same
whatever the order in which they came.
"""

import dataclasses
import datetime
from collections.abc import Iterable
from typing import Any

from accounts.models import Assignment
from buffer import actions as stock
from catalog.models import Article, Individual
from integration.registry import Unacceptable, UnknownSubject
from orders.actions import waiting
from orders.models import ANSWERED, Delivery, DespatchLine, Order, OrderLine, Status
from patients.actions import DeliveredAid, set_loans
from patients.models import Loan

CONFIRMED = 2  # of Order.acknowledged


def open_order(number: str) -> tuple[Order, dict[int, OrderLine]]:
    """The order, locked so that its facts are counted one report at a time, and its lines by number."""
    found = Order.objects.select_for_update(of=("self",)).select_related("unit__provider", "patient", "orderer__unit__provider", "prescriber", "store")
    order = found.filter(number=number).first()
    if order is None:
        raise UnknownSubject
    lines = {line.line: line for line in order.lines.select_related("article__local", "replacement_article").order_by("line")}
    for line in lines.values():
        line.order = order
    return order, lines


def line_of(lines: dict[int, OrderLine], number: int) -> OrderLine:
    """Raises `UnknownSubject` while the answer that may add the line is still to come, `Unacceptable` after it."""
    try:
        return lines[number]
    except KeyError:
        is_answered = any(line.order.acknowledged == CONFIRMED for line in lines.values())
        raise (Unacceptable("names a line that the order does not have") if is_answered else UnknownSubject) from None


def add_line(order: Order, lines: dict[int, OrderLine], *, number: int, quantity: int, article: dict[str, Any]) -> bool:
    """A line that SESAM2 adds. False when the catalogue does not have the article."""
    found = article_of(article)
    if found is None:
        return False
    lines[number] = OrderLine.objects.create(
        order=order, line=number, article=found, article_name=article["name"], article_number=article["article_number"], quantity=quantity
    )
    return True


def article_of(told: dict[str, Any]) -> Article | None:
    """What SESAM2 names, in the catalogue."""
    return Article.objects.select_related("local").filter(supplier__gln=told["supplier_gln"], number=told["supplier_article_number"]).first()


def promise(lines: Iterable[OrderLine], *, sequence: int, on: datetime.date | None, is_delayed: bool) -> bool:
    """Set the date of lines that no later message has set. Returns whether any was set."""
    is_news = False
    for line in lines:
        if line.promised_sequence <= sequence:
            line.promised_sequence, line.promised_on, line.is_delayed = sequence, on, is_delayed
            is_news = True
    return is_news


def cancel(order: Order, lines: dict[int, OrderLine], *, sequence: int, only: list[int] | None) -> None:
    if only is None:
        order.is_cancelled = True
        order.save(update_fields=["is_cancelled"])
        return
    for number in only:
        line = line_of(lines, number)
        line.cancelled_sequence = min(sequence, line.cancelled_sequence or sequence)


def conclude(
    order: Order,
    lines: dict[int, OrderLine],
    *,
    event: str,
    by: Assignment | None = None,
    note: str = "",
    details: dict[str, Any] | None = None,
    status: str = "",
) -> None:
    """Store what follows from the facts, and one history row for the report, with the status if it changed. `by` None is SESAM2."""
    status = status or derive(order, lines)
    promised_on, is_delayed = latest(lines.values()), any(line.is_delayed and line.outstanding for line in lines.values())
    if status != order.status and order.can_move_to(status):
        order.move_to(status, event=event, by=by, note=note, details=details, promised_on=promised_on, is_delayed=is_delayed)
    else:
        Order.objects.filter(pk=order.pk).update(promised_on=promised_on, is_delayed=is_delayed)
        order.promised_on, order.is_delayed = promised_on, is_delayed
        order.tell(event, by=by, note=note, details=details)


@dataclasses.dataclass
class _Arrival:
    """What one delivery brought of one line."""

    delivery: Delivery
    quantity: int
    individuals: list[str]
    is_receipted: bool


def derive(order: Order, lines: dict[int, OrderLine]) -> str:
    """Add up despatches and deliveries on the lines, make the loans, or settle what the store waits for, and return the status that follows."""
    advised = {(item.despatch.number, item.line_id): item for item in DespatchLine.objects.filter(despatch__order=order).select_related("despatch")}
    deliveries = list(Delivery.objects.filter(order=order).order_by("message_sequence").prefetch_related("lines"))
    is_to_patient = order.patient_id is not None
    loans = Loan.objects.filter(patient=order.patient_id, order_number=order.number)
    sources = set(loans.values_list("source", flat=True)) if deliveries and is_to_patient else set()
    for line in lines.values():
        line.despatched = sum(item.quantity for (_, pk), item in advised.items() if pk == line.pk)
        line.delivered = line.receipted = 0
        signed: set[str] = set()
        arrivals: list[_Arrival] = []
        for delivery in deliveries:
            advice = advised.get((delivery.despatch_number, line.pk))
            has_rest = _is_left(line, delivery) or not any(_is_left(other, delivery) for other in lines.values())
            arrivals.append(_arrival(line, delivery, advice, arrivals, signed, has_rest=has_rest))
        for arrival in arrivals:
            line.delivered += arrival.quantity
            line.receipted += arrival.quantity if arrival.is_receipted else len(signed.intersection(arrival.individuals))
            if is_to_patient:
                _make_loans(order, line, arrival, advised.get((arrival.delivery.despatch_number, line.pk)), sources)
    if order.kind == Order.Kind.STOCK:
        waiting.settle(order, lines, advised)
    OrderLine.objects.bulk_update(
        lines.values(),
        [
            "despatched",
            "delivered",
            "receipted",
            "cancelled_sequence",
            "confirmed_quantity",
            "response_sequence",
            "replacement",
            "replacement_article",
            "promised_on",
            "promised_sequence",
            "is_delayed",
            "on_order",
        ],
    )
    delivered = sum(line.delivered for line in lines.values())
    outstanding = sum(line.outstanding for line in lines.values())
    if outstanding == 0:
        if delivered == 0:
            return Status.CANCELLED
        return Status.RECEIPTED if all(line.receipted == line.delivered for line in lines.values()) else Status.DELIVERED
    if delivered:
        return Status.PARTLY_DELIVERED
    return ANSWERED[order.acknowledged]


def _arrival(line: OrderLine, delivery: Delivery, advice: DespatchLine | None, before: list[_Arrival], signed: set[str], *, has_rest: bool) -> _Arrival:
    """What `delivery` brought of `line` after the arrivals `before` it; their receipt and `signed`, individuals, are kept up.

    An individual arrives once, and so does a despatch as a whole, however often it is confirmed: what is told again adds its
    receipt alone. A delivery of a despatch that is not told of yet counts when the despatch is.
    """
    here = {number for arrival in before for number in arrival.individuals}
    of_despatch = [arrival for arrival in before if arrival.delivery.despatch_number == delivery.despatch_number]
    individuals = advice.individuals if advice else []
    if delivery.is_itemised:
        item = next((item for item in delivery.lines.all() if item.line_id == line.pk), None)
        told = item.individuals if item else []
        quantity = item.quantity - len(here.intersection(told)) if item else 0
        individuals = told or individuals
        receipted: list[_Arrival] = []
        if delivery.is_receipted:
            signed.update(told)
    elif delivery.despatch_number:
        elsewhere = {number for arrival in before if arrival not in of_despatch for number in arrival.individuals}
        quantity = advice.quantity - sum(arrival.quantity for arrival in of_despatch) - len(elsewhere.intersection(individuals)) if advice else 0
        receipted = of_despatch
    else:
        quantity = line.expected - sum(arrival.quantity for arrival in before) if has_rest else 0
        receipted = before
    for arrival in receipted:
        arrival.is_receipted = arrival.is_receipted or delivery.is_receipted
    quantity = max(0, quantity)
    fresh = [number for number in dict.fromkeys(individuals) if number not in here][:quantity]
    return _Arrival(delivery, quantity, fresh, delivery.is_receipted)


def _is_left(line: OrderLine, delivery: Delivery) -> bool:
    """Whether the line was not cancelled before the delivery. Where all were, something has come all the same."""
    return line.cancelled_sequence is None or line.cancelled_sequence > delivery.message_sequence


def _make_loans(order: Order, line: OrderLine, arrival: _Arrival, advice: DespatchLine | None, sources: set[str]) -> None:
    """One loan for each individual number, and one for what has none. `sources` are those of the loans that there are."""
    source = f"{order.number}/{arrival.delivery.message_sequence}/{line.line}"
    if arrival.quantity == 0 and source not in sources:
        return
    lot, udi = (advice.lot, advice.udi) if advice else ("", "")
    # What is taken from a store has no advice, but its label was read when it came there.
    known = Individual.objects.filter(number__in=arrival.individuals) if order.kind == Order.Kind.WITHDRAWAL else ()
    labels = {individual.number: (individual.lot, individual.udi) for individual in known}
    # What came after the answer that replaced the article is the replacement, where the catalogue has it.
    is_replaced = line.replacement_article is not None and arrival.delivery.message_sequence > line.response_sequence
    article = line.replacement_article if is_replaced and line.replacement_article else line.article
    if order.kind == Order.Kind.CUSTOMER:
        stock.leave_for_patient(arrival.individuals, order_number=str(order.number))
    aids = [DeliveredAid(article, number, 1, *labels.get(number, (lot, udi))) for number in arrival.individuals]
    if arrival.quantity > len(arrival.individuals):
        aids.append(DeliveredAid(article=article, quantity=arrival.quantity - len(arrival.individuals), lot=lot, udi=udi))
    set_loans(
        patient=order.patient,
        ordered_by=order.orderer,
        order_number=str(order.number),
        source=source,
        started_at=arrival.delivery.delivered_at,
        aids=aids,
    )


def latest(lines: Iterable[OrderLine]) -> datetime.date | None:
    """The slowest outstanding line's date; None when one of them has none. When nothing is outstanding, the last date there was."""
    all_lines = list(lines)
    waiting = [line for line in all_lines if line.outstanding] or all_lines
    dates = [line.promised_on for line in waiting]
    return max(date for date in dates if date is not None) if dates and None not in dates else None
