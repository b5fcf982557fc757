"""What follows from all that SESAM2 has told about a hämtorder, whatever the order in which it came.

Of two reports the one with the higher sequence holds; one that has been deregistered stays so. Of an item the latest message that speaks
of it says whether it was found; what was found has been fetched, also when it was cancelled. A deregistration that names no items
is about all that nothing else has been said of.
"""

import contextlib
import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Sum
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from catalog import individuals
from integration.registry import Unacceptable, UnknownSubject
from patients.actions import mark_loan, set_return
from patients.models import Loan, LoanReturn
from pickups.actions import stores
from pickups.models import OPEN, PickupItem, PickupOrder, Status, StatusReport

Items = dict[int, PickupItem]
Outcome = PickupItem.Outcome


def open_order(number: str) -> tuple[PickupOrder, Items]:
    """The order, locked so that its facts are read and written one report at a time, and its items by line."""
    found = PickupOrder.objects.select_for_update(of=("self",)).select_related("unit__provider", "patient", "store", "orderer", "prescriber")
    order = found.filter(number=number).first()
    if order is None:
        raise UnknownSubject
    return order, items_of(order)


def items_of(order: PickupOrder) -> Items:
    items = {item.line: item for item in order.items.select_related("loan", "article__local", "article__supplier").order_by("line")}
    for item in items.values():
        item.order = order
    return items


def item_of(items: Items, line: int) -> PickupItem:
    """Raises `Unacceptable`: SESAM2 cannot add to what is to be fetched."""
    try:
        return items[line]
    except KeyError:
        raise Unacceptable("names an item that the order does not have") from None


def set_date(order: PickupOrder, *, sequence: int, on: datetime.date | None, is_delay: bool = False) -> bool:
    """Set the day of the pickup unless a later message has. Returns whether it did.

    Raises `Unacceptable` for a day before the order was sent.
    """
    assert order.placed_at is not None  # it has a number
    if on is not None and on < timezone.localtime(order.placed_at).date():
        raise Unacceptable("a pickup date before the order was sent")
    if is_delay:
        order.delayed_sequence = max(order.delayed_sequence, sequence)
    if order.date_sequence > sequence:
        return False
    order.date_sequence, order.promised_on = sequence, on
    return True


def find(item: PickupItem, *, sequence: int, is_found: bool) -> None:
    """Whether the item was there, by the latest message that says so."""
    if sequence > item.found_sequence:
        item.found, item.found_sequence = is_found, sequence


def conclude(order: PickupOrder, items: Items, *, event: str, note: str = "", details: dict[str, Any] | None = None) -> None:
    """Store what follows from the facts, and one history row for the report, with the status if it changed; end the loans of what was found."""
    reports = list(order.reports.order_by("-sequence"))
    _find_the_rest(order, items.values(), reports)
    status = derive(order, items.values(), reports)
    is_delayed = status in OPEN and status != Status.PICKED_UP and _is_delayed(order)
    fields = {
        "promised_on": order.promised_on,
        "date_sequence": order.date_sequence,
        "delayed_sequence": order.delayed_sequence,
        "received_sequence": order.received_sequence,
        "cancelled_sequence": order.cancelled_sequence,
        "cancellation_requested_at": order.cancellation_requested_at,
        "erp_number": order.erp_number,
        "is_delayed": is_delayed,
    }
    if status != order.status and order.can_move_to(status):
        order.move_to(status, event=event, note=note, details=details, **fields)
    else:
        PickupOrder.objects.filter(pk=order.pk).update(**fields)
        order.is_delayed = is_delayed
        order.tell(event, note=note, details=details)
    settle(items.values())


def _find_the_rest(order: PickupOrder, items: Iterable[PickupItem], reports: list[StatusReport]) -> None:
    """A deregistration that names no items is about those that no message names, but for what had been cancelled before it."""
    of_all = [report.sequence for report in reports if report.state == StatusReport.State.DEREGISTERED and not report.is_itemised]
    for item in items:
        if not item.found_sequence:
            cancelled = [sequence for sequence in (order.cancelled_sequence, item.cancelled_sequence) if sequence]
            item.found = True if of_all and not (cancelled and min(cancelled) < max(of_all)) else None


def derive(order: PickupOrder, items: Iterable[PickupItem], reports: list[StatusReport]) -> Status:
    """`reports` the latest first. What has neither been fetched nor is left to fetch is a cancelled order."""
    is_anything_left = not order.cancelled_sequence and any(item.found is None and item.cancelled_sequence is None for item in items)
    if not is_anything_left and not any(item.found for item in items):
        return Status.CANCELLED
    if any(report.state == StatusReport.State.DEREGISTERED for report in reports):
        return Status.DEREGISTERED
    if reports:
        return Status(reports[0].state)
    return Status.RECEIVED if order.received_sequence else Status.PLACED


def _is_delayed(order: PickupOrder) -> bool:
    """The day in force is one that was put off, or is later than what was promised."""
    was_put_off = bool(order.delayed_sequence) and order.delayed_sequence == order.date_sequence
    return was_put_off or (order.promised_on is not None and order.fetch_by is not None and order.promised_on > order.fetch_by)


def settle(items: Iterable[PickupItem]) -> None:
    """Write the items, end the loans of what was found, and take the mark away from what is no longer to be fetched. What is so already is left."""
    rows = list(items)
    was_returned = {pk for pk, found in PickupItem.objects.filter(pk__in=[item.pk for item in rows]).values_list("pk", "found") if found}
    names = ["found", "found_sequence", "cancelled_sequence", "cancelled_reason", "confirmed_quantity", "response_sequence", "is_cancellation_requested"]
    PickupItem.objects.bulk_update(rows, names)
    if rows and rows[0].order.store_id is not None:
        stores.settle(rows)
        return
    of_loans = [item for item in rows if item.loan_id is not None]
    returned = {(one.loan_id, one.source): one.quantity for one in LoanReturn.objects.filter(loan__in=[item.loan_id for item in of_loans])}
    # In the order of the loans, as `orders.place` locks them.
    loans = {loan.pk: loan for loan in Loan.objects.select_for_update().filter(pk__in=[item.loan_id for item in of_loans]).order_by("pk")}
    waiting = on_pickup(loans)
    for item in sorted(of_loans, key=lambda item: item.loan_id or 0):
        loan, source = loans[item.loan_id or 0], f"{item.order.number}/{item.line}"
        quantity = item.expected if item.outcome == Outcome.RETURNED else 0
        if returned.get((loan.pk, source), 0) != quantity:
            set_return(loan, source=source, quantity=quantity, at=_returned_at(item.order))
        if loan.on_pickup != waiting.get(loan.pk, 0):
            mark_loan(loan, on_pickup=waiting.get(loan.pk, 0))
    for item in rows:
        if item.loan_id is None and item.individual_number:
            individuals.mark(item.individual_number, is_on_pickup=item.is_open)
        is_returned = item.outcome == Outcome.RETURNED
        if item.part_of_individual and item.individual_number and is_returned != (item.pk in was_returned):
            _mount(item.individual_number, on=None if is_returned else item.part_of_individual)


def _mount(component: str, *, on: str | None) -> None:
    """A component that was fetched sits on nothing; one that was not after all sits where it sat, if that can be."""
    with contextlib.suppress(individuals.NoSuchIndividual, individuals.GoesInCircles):
        individuals.mount(component, on=on)


def _returned_at(order: PickupOrder) -> datetime.datetime:
    """The day of the pickup, where it is one that has been; else now."""
    now = timezone.localtime()
    if order.promised_on is None or order.promised_on >= now.date():
        return now
    return timezone.make_aware(datetime.datetime.combine(order.promised_on, datetime.time(12)))


def on_pickup(loans: Iterable[int]) -> dict[int, int]:
    """How many of each loan's quantity stand on open hämtorder, and have neither been found nor taken off."""
    waiting = PickupItem.objects.filter(loan__in=list(loans), order__status__in=OPEN, order__cancelled_sequence=0, found=None, cancelled_sequence=None)
    expected = Least(F("quantity"), Coalesce(F("confirmed_quantity"), F("quantity")))
    return dict(waiting.values("loan").annotate(total=Sum(expected)).values_list("loan", "total"))
