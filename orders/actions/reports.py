"""What SESAM2 tells about a kundorder.

Reports come in any order and any number of times. Each is kept as a fact; quantities and status are computed from all
facts there are (`_derive`), so that the end is the same whatever the order of arrival.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from accounts import actions as accounts
from accounts.models import Assignment, Notice
from core.templatetags.ui import long_day
from integration.registry import Unacceptable, UnknownSubject
from orders.models import Delivery, DeliveryLine, Despatch, DespatchLine, Order, OrderLine, Status
from orders.sesam2 import Answer, DeliveredLine, DespatchedLine, Response
from patients.actions import DeliveredAid, set_loans


def record_response(number: str, *, sequence: int, response: Response) -> None:
    """OrderResponse: received, accepted, accepted with changes, refused.

    Raises `Unacceptable` when it names another order in SESAM2 than before.
    """
    order, lines = _open(number)
    if order.erp_number and order.erp_number != response.erp_number:
        raise Unacceptable("another erpOrderNumber than before")
    if not order.erp_number:
        order.erp_number = response.erp_number
        order.save(update_fields=["erp_number"])
    if response.answer is Answer.REFUSED:
        _cancel(order, lines, sequence=sequence, only=None)
        _conclude(order, lines, event="REFUSED", note=response.reason)
        _notify(order, Notice.Tone.DANGER, "Makulerad", f"{_name(order)} är makulerad", _reason(response.reason, "Centralen tog inte emot beställningen."))
        return
    order.acknowledged = max(order.acknowledged, 1 if response.answer is Answer.RECEIVED else 2)
    order.save(update_fields=["acknowledged"])
    if response.answer is Answer.RECEIVED:
        _conclude(order, lines, event="RECEIVED", note=response.reason)
        return
    promised = response.promised_on
    if promised is not None:
        _promise(lines.values(), sequence=sequence, on=promised, is_delayed=False)
    refused = []
    for answered in response.lines:
        line = _line(lines, answered.line)
        if answered.promised_on is not None:
            _promise([line], sequence=sequence, on=answered.promised_on, is_delayed=False)
        if answered.is_refused:
            _cancel(order, lines, sequence=sequence, only=[line.line])
            refused.append(line)
        elif line.response_sequence < sequence:
            line.response_sequence = sequence
            line.confirmed_quantity = answered.quantity
            line.replacement = answered.replacement
    is_changed = response.answer is Answer.CHANGED
    details = {"on": _iso(promised or _latest(lines.values())), "lines": _names(refused)}
    _conclude(order, lines, event="CHANGED" if is_changed else "CONFIRMED", note=response.reason, details=details)
    if refused:
        reasons = " ".join(answered.reason for answered in response.lines if answered.is_refused and answered.reason)
        _notify_of_cancelled(order, refused, reasons or response.reason)
    elif is_changed:
        _notify(order, Notice.Tone.INFO, "Ändrad", f"{_name(order)} är bekräftad med ändringar", _reason(response.reason, "Se vad centralen har ändrat."))


def record_delay(number: str, *, sequence: int, promised_on: datetime.date | None, reason: str, lines: list[int] | None) -> None:
    """DeliveryDelayed: a new date, or none known. An older report than the one in force goes to the history only."""
    order, all_lines = _open(number)
    concerned = [_line(all_lines, line) for line in lines] if lines is not None else list(all_lines.values())
    was = order.promised_on
    is_news = _promise(concerned, sequence=sequence, on=promised_on, is_delayed=True)
    details = {"on": _iso(promised_on), "was": _iso(was), "lines": _names(concerned) if lines is not None else [], "is_old": not is_news}
    _conclude(order, all_lines, event="DELAYED", note=reason, details=details)
    if not is_news or order.status in {Status.CANCELLED, Status.DELIVERED, Status.RECEIPTED}:
        return
    if promised_on is None:
        text = f"{_sentence(reason)} Nytt leveransdatum är inte känt."
    else:
        earlier = f", tidigare {long_day(was)}" if was and was != promised_on else ""
        text = f"Ny leveransdag {long_day(promised_on)}{earlier}. {_sentence(reason)}"
    _notify(order, Notice.Tone.WARNING, "Försenad", f"{_name(order)} är försenad", text)


def record_cancellation(number: str, *, sequence: int, reason: str, lines: list[int] | None, was_requested: bool) -> None:
    """OrderCancelled, whole or some lines: what isn't delivered will not come."""
    order, all_lines = _open(number)
    concerned = [_line(all_lines, line) for line in lines] if lines is not None else list(all_lines.values())
    _cancel(order, all_lines, sequence=sequence, only=lines)
    details = {"lines": _names(concerned) if lines is not None else [], "was_requested": was_requested}
    _conclude(order, all_lines, event="CANCELLED", note=reason, details=details)
    if order.status == Status.CANCELLED:
        text = "Som du bad om." if was_requested else f"{_sentence(reason)} Allt du fyllde i finns kvar."
        _notify(order, Notice.Tone.DANGER, "Makulerad", f"{_name(order)} är makulerad", text)
    else:
        _notify_of_cancelled(order, concerned, reason)


def record_cancellation_refused(number: str, *, reason: str) -> None:
    """CancellationRefused: the order lives on as it was, and may be asked for again."""
    order, _ = _open(number)
    order.cancellation_requested_at = None
    order.save(update_fields=["cancellation_requested_at"])
    order.tell("CANCELLATION_REFUSED", note=reason)
    _notify(order, Notice.Tone.WARNING, "Kan inte makuleras", f"{_name(order)} kan inte makuleras", _sentence(reason))


def record_delivery_change_refused(number: str, *, reason: str) -> None:
    order, _ = _open(number)
    order.tell("DELIVERY_CHANGE_REFUSED", note=reason)
    _notify(order, Notice.Tone.WARNING, "Leveransen står kvar", f"Leveransen av {_name(order)} kan inte ändras", _sentence(reason))


def record_despatch(
    number: str,
    *,
    despatch_number: str,
    despatched_at: datetime.datetime,
    expected_on: datetime.date | None,
    carrier: str,
    tracking_url: str,
    lines: Sequence[DespatchedLine],
) -> None:
    """DespatchAdvice: part or all is on its way. A despatch that is known already is not counted twice."""
    order, all_lines = _open(number)
    despatch, is_new = Despatch.objects.get_or_create(
        order=order,
        number=despatch_number,
        defaults={"despatched_at": despatched_at, "expected_on": expected_on, "carrier": carrier, "tracking_url": tracking_url},
    )
    if not is_new:
        order.tell("DESPATCHED", details={"despatch": despatch_number, "is_old": True})
        return
    sent: list[tuple[OrderLine, DespatchedLine]] = [(_line(all_lines, line.line), line) for line in lines]
    for line, told in sent:
        DespatchLine.objects.create(despatch=despatch, line=line, quantity=told.quantity, individuals=list(told.individuals), lot=told.lot, udi=told.udi)
    details = {
        "despatch": despatch_number,
        "on": _iso(expected_on),
        "carrier": carrier,
        "tracking_url": tracking_url,
        "lines": [{"name": line.article.display_name, "quantity": told.quantity} for line, told in sent],
    }
    _conclude(order, all_lines, event="DESPATCHED", details=details)


def record_delivery(
    number: str,
    *,
    sequence: int,
    despatch_number: str,
    delivered_at: datetime.datetime,
    is_receipted: bool,
    signed_by: str,
    lines: Sequence[DeliveredLine] | None,
) -> None:
    """DeliveryConfirmation: what arrived, and whether it was receipted. Without lines: all of the despatch, or all that was left."""
    order, all_lines = _open(number)
    delivery = Delivery.objects.create(
        order=order,
        message_sequence=sequence,
        despatch_number=despatch_number,
        delivered_at=delivered_at,
        is_receipted=is_receipted,
        signed_by=signed_by,
        is_itemised=lines is not None,
    )
    for told in lines or ():
        DeliveryLine.objects.create(delivery=delivery, line=_line(all_lines, told.line), quantity=told.quantity, individuals=list(told.individuals))
    before = {line.line: line.delivered for line in all_lines.values()}
    status = _derive(order, all_lines)
    arrived = [(line, line.delivered - before[line.line]) for line in all_lines.values() if line.delivered > before[line.line]]
    details = {
        "despatch": despatch_number,
        "is_receipted": is_receipted,
        "signed_by": signed_by,
        "lines": [{"name": line.article.display_name, "quantity": quantity} for line, quantity in arrived],
    }
    _conclude(order, all_lines, event="DELIVERED", details=details, status=status)
    if order.status == Status.RECEIPTED:
        _notify(order, Notice.Tone.SUCCESS, "Kvitterad", f"{_name(order)} är levererad och kvitterad", "")
    elif order.status == Status.DELIVERED:
        _notify(order, Notice.Tone.SUCCESS, "Levererad", f"{_name(order)} är levererad", "")


# --- The facts and what follows from them ----------------------------------------------------------


def _open(number: str) -> tuple[Order, dict[int, OrderLine]]:
    """The order, locked so that its facts are counted one report at a time, and its lines by number."""
    order = Order.objects.select_for_update(of=("self",)).select_related("unit__provider", "patient", "orderer__unit__provider", "prescriber").filter(number=number).first()
    if order is None:
        raise UnknownSubject
    lines = {line.line: line for line in order.lines.select_related("article__local").order_by("line")}
    for line in lines.values():
        line.order = order
    return order, lines


def _line(lines: dict[int, OrderLine], number: int) -> OrderLine:
    try:
        return lines[number]
    except KeyError:
        raise Unacceptable("names a line that the order does not have") from None


def _promise(lines: Iterable[OrderLine], *, sequence: int, on: datetime.date | None, is_delayed: bool) -> bool:
    """Set the date of lines that no later message has set. Returns whether any was set."""
    is_news = False
    for line in lines:
        if line.promised_sequence <= sequence:
            line.promised_sequence, line.promised_on, line.is_delayed = sequence, on, is_delayed
            is_news = True
    return is_news


def _cancel(order: Order, lines: dict[int, OrderLine], *, sequence: int, only: list[int] | None) -> None:
    if only is None:
        order.is_cancelled = True
        order.save(update_fields=["is_cancelled"])
        return
    for number in only:
        line = _line(lines, number)
        line.cancelled_sequence = min(sequence, line.cancelled_sequence or sequence)


def _conclude(order: Order, lines: dict[int, OrderLine], *, event: str, note: str = "", details: dict[str, Any] | None = None, status: str = "") -> None:
    """Store what follows from the facts, and one history row for the report, with the status if it changed."""
    status = status or _derive(order, lines)
    values = {"promised_on": _latest(lines.values()), "is_delayed": any(line.is_delayed and line.outstanding for line in lines.values())}
    if status != order.status and order.can_move_to(status):
        order.move_to(status, event=event, note=note, details=details, **values)
    else:
        Order.objects.filter(pk=order.pk).update(**values)
        order.promised_on, order.is_delayed = values["promised_on"], bool(values["is_delayed"])
        order.tell(event, note=note, details=details)


def _derive(order: Order, lines: dict[int, OrderLine]) -> str:
    """Add up despatches and deliveries on the lines, make the loans, and return the status that follows."""
    despatched = {
        number: list(DespatchLine.objects.filter(despatch__order=order, despatch__number=number))
        for number in Despatch.objects.filter(order=order).values_list("number", flat=True)
    }
    for line in lines.values():
        line.despatched = sum(item.quantity for items in despatched.values() for item in items if item.line_id == line.pk)
        line.delivered = line.receipted = 0
    for delivery in Delivery.objects.filter(order=order).order_by("message_sequence").prefetch_related("lines"):
        arrived = _arrived(delivery, lines, despatched)
        for line in lines.values():
            quantity, individuals = arrived.get(line.pk, (0, []))
            line.delivered += quantity
            if delivery.is_receipted:
                # Who signs for all that was left has what came before, too.
                line.receipted = line.receipted + quantity if delivery.is_itemised or delivery.despatch_number else line.delivered
            _make_loans(order, line, delivery, quantity, individuals, despatched.get(delivery.despatch_number, []))
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
            "promised_on",
            "promised_sequence",
            "is_delayed",
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
    return [Status.PLACED, Status.RECEIVED, Status.CONFIRMED][order.acknowledged]


def _arrived(delivery: Delivery, lines: dict[int, OrderLine], despatched: dict[str, list[DespatchLine]]) -> dict[int, tuple[int, list[str]]]:
    """Quantity and individual numbers by line. A delivery of a despatch that is not told of yet counts when the despatch is."""
    if delivery.is_itemised:
        return {item.line_id: (item.quantity, item.individuals) for item in delivery.lines.all()}
    if delivery.despatch_number:
        return {item.line_id: (item.quantity, item.individuals) for item in despatched.get(delivery.despatch_number, [])}
    return {
        line.pk: (max(0, line.expected - line.delivered), [])
        for line in lines.values()
        if line.cancelled_sequence is None or line.cancelled_sequence > delivery.message_sequence
    }


def _make_loans(order: Order, line: OrderLine, delivery: Delivery, quantity: int, individuals: list[str], despatched: list[DespatchLine]) -> None:
    """One loan for each individual number, and one for what has none; numbers come from the despatch where the delivery has none."""
    told = next((item for item in despatched if item.line_id == line.pk), None)
    numbers = list(dict.fromkeys(individuals or (told.individuals if told else [])))[:quantity]
    lot, udi = (told.lot, told.udi) if told else ("", "")
    aids = [DeliveredAid(article=line.article, individual_number=number, lot=lot, udi=udi) for number in numbers]
    if quantity > len(numbers):
        aids.append(DeliveredAid(article=line.article, quantity=quantity - len(numbers), lot=lot, udi=udi))
    set_loans(
        patient=order.patient,
        ordered_by=order.orderer,
        order_number=str(order.number),
        source=f"{order.number}/{delivery.message_sequence}/{line.line}",
        started_at=delivery.delivered_at,
        aids=aids,
    )


# --- Telling ---------------------------------------------------------------------------------------


def _latest(lines: Iterable[OrderLine]) -> datetime.date | None:
    """The slowest outstanding line's date; None when one of them has none. When nothing is outstanding, the last date there was."""
    all_lines = list(lines)
    waiting = [line for line in all_lines if line.outstanding] or all_lines
    dates = [line.promised_on for line in waiting]
    return max(date for date in dates if date is not None) if dates and None not in dates else None


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def _names(lines: Iterable[OrderLine]) -> list[dict[str, Any]]:
    return [{"name": line.article.display_name, "quantity": line.quantity} for line in lines]


def _name(order: Order) -> str:
    return f"Kundorder {order.number}"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


def _reason(text: str, otherwise: str) -> str:
    return _sentence(text) or otherwise


def _notify_of_cancelled(order: Order, lines: Sequence[OrderLine], reason: str) -> None:
    names = ", ".join(line.article.display_name for line in lines)
    _notify(order, Notice.Tone.DANGER, "Delvis makulerad", f"En del av {_name(order)} är makulerad", f"{names} kommer inte. {_sentence(reason)}")


def _notify(order: Order, tone: str, word: str, title: str, text: str) -> None:
    people: list[Assignment] = [order.orderer, order.prescriber]
    action = (reverse("orders:again", args=[order.number]), "Beställ igen") if order.status == Status.CANCELLED else ("", "")
    accounts.notify(people, unit=order.unit, tone=tone, word=word, title=title, text=text.strip(), url=order.get_absolute_url(), action=action)
