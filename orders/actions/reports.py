"""What SESAM2 tells about an order.

Reports come in any order and any number of times. Each is kept as a fact; quantities and status follow from all
facts there are (`facts`), so that the end is the same whatever the order of arrival.
"""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import Assignment, Notice
from accounts.permissions import Permission, roles_with
from catalog import individuals
from core.templatetags.ui import long_day
from integration.registry import Unacceptable
from ordering import reports as common
from ordering.reports import refuse_cancellation, sentence
from ordering.sesam2 import Answer
from orders.actions import changes, facts, receiving
from orders.models import Delivery, DeliveryLine, Despatch, DespatchLine, Order, OrderLine, Status
from orders.sesam2 import AnsweredLine, DeliveredLine, DespatchedLine, Response

HAPPENED = {Order.Kind.WITHDRAWAL, Order.Kind.RETURN}
ARRIVED = {Status.PARTLY_DELIVERED, Status.DELIVERED}


@transaction.atomic
def record_response(number: str, *, sequence: int, response: Response) -> None:
    """OrderResponse: received, accepted, accepted with changes, refused.

    Raises `Unacceptable` when it names another order in SESAM2 than before.
    """
    order, lines = facts.open_order(number)
    if order.erp_number and order.erp_number != response.erp_number:
        raise Unacceptable("another erpOrderNumber than before")
    if not order.erp_number:
        order.erp_number = response.erp_number
        order.save(update_fields=["erp_number"])
    if order.kind in HAPPENED:
        _record_answer_to_what_happened(order, response)
        return
    if response.answer is Answer.REFUSED:
        facts.cancel(order, lines, sequence=sequence, only=None)
        facts.conclude(order, lines, event="REFUSED", note=response.reason)
        _notify_of_cancelled(order, lines.values(), _reason(response.reason, "Centralen tog inte emot beställningen."))
        return
    order.acknowledged = max(order.acknowledged, 1 if response.answer is Answer.RECEIVED else 2)
    order.save(update_fields=["acknowledged"])
    if response.answer is Answer.RECEIVED:
        facts.conclude(order, lines, event="RECEIVED", note=response.reason)
        return
    _record_confirmation(order, lines, sequence, response)


def _record_confirmation(order: Order, lines: dict[int, OrderLine], sequence: int, response: Response) -> None:
    """Accepted, or accepted with changes."""
    promised = response.promised_on
    is_old = promised is not None and not facts.promise(lines.values(), sequence=sequence, on=promised, is_delayed=False)
    refused = []
    for answered in response.lines:
        if answered.line not in lines and not _is_added(order, lines, answered):
            continue
        line = lines[answered.line]
        if answered.promised_on is not None:
            facts.promise([line], sequence=sequence, on=answered.promised_on, is_delayed=False)
        if answered.is_refused:
            facts.cancel(order, lines, sequence=sequence, only=[line.line])
            refused.append(line)
        elif line.response_sequence < sequence:
            line.response_sequence = sequence
            line.confirmed_quantity = answered.quantity
            line.replacement = answered.replacement
            line.replacement_article = facts.article_of(answered.replacement) if answered.replacement else None
    is_changed = response.answer is Answer.CHANGED
    reasons = " ".join(sentence(answered.reason) for answered in response.lines if answered.is_refused and answered.reason) or response.reason
    details = {"on": _iso(promised or facts.latest(lines.values())), "is_old": is_old, "lines": _names(refused), "changes": _changes(lines, response)}
    facts.conclude(order, lines, event="CHANGED" if is_changed else "CONFIRMED", note=reasons, details=details)
    if refused:
        _notify_of_cancelled(order, refused, reasons)
    elif is_changed:
        _notify(order, Notice.Tone.INFO, "Ändrad", f"{_name(order)} är bekräftad med ändringar", _reason(response.reason, "Se vad centralen har ändrat."))


def _record_answer_to_what_happened(order: Order, response: Response) -> None:
    """Of a withdrawal or a return, which has happened: the answer changes neither loan nor stock (contract, StockWithdrawal)."""
    not_taken = [line for line in response.lines if line.is_refused]
    if response.answer is not Answer.REFUSED and not not_taken:
        order.acknowledged = max(order.acknowledged, 1 if response.answer is Answer.RECEIVED else 2)
        order.save(update_fields=["acknowledged"])
        order.tell("RECEIVED" if response.answer is Answer.RECEIVED else "NOTED", note=response.reason)
        return
    reason = " ".join(sentence(line.reason) for line in not_taken if line.reason) or response.reason
    order.tell("NOT_TAKEN", note=reason)
    text = f"{sentence(reason)} Lån och saldo står kvar som du registrerade dem. Ring centralen och kom överens om vad som ska gälla."
    _notify(order, Notice.Tone.DANGER, "Inte godtaget", f"Centralen godtar inte {order.kind_word.lower()} {order.number}", text)


def _is_added(order: Order, lines: dict[int, OrderLine], answered: AnsweredLine) -> bool:
    """Make the line that the answer adds. An article that the catalogue lacks is told of, but cannot be a line."""
    if not answered.is_added or answered.replacement is None:
        raise Unacceptable("names a line that the order does not have")
    return facts.add_line(order, lines, number=answered.line, quantity=answered.quantity or 1, article=answered.replacement)


@transaction.atomic
def record_delay(number: str, *, sequence: int, promised_on: datetime.date | None, reason: str, lines: list[int] | None) -> None:
    """DeliveryDelayed: a new date, or none known. An older report than the one in force goes to the history only."""
    order, all_lines = facts.open_order(number)
    concerned = [facts.line_of(all_lines, line) for line in lines] if lines is not None else list(all_lines.values())
    was = order.promised_on
    is_news = facts.promise(concerned, sequence=sequence, on=promised_on, is_delayed=True)
    details = {"on": _iso(promised_on), "was": _iso(was), "lines": _names(concerned) if lines is not None else [], "is_old": not is_news}
    facts.conclude(order, all_lines, event="DELAYED", note=reason, details=details)
    if not is_news or order.status in {Status.CANCELLED, Status.DELIVERED, Status.RECEIPTED}:
        return
    if promised_on is None:
        text = f"{sentence(reason)} Nytt leveransdatum är inte känt."
    else:
        earlier = f", tidigare {long_day(was)}" if was and was != promised_on else ""
        text = f"Ny leveransdag {long_day(promised_on)}{earlier}. {sentence(reason)}"
    _notify(order, Notice.Tone.WARNING, "Försenad", f"{_name(order)} är försenad", text)


@transaction.atomic
def record_cancellation(number: str, *, sequence: int, reason: str, lines: list[int] | None, was_requested: bool) -> None:
    """OrderCancelled, whole or some lines: what isn't delivered will not come."""
    order, all_lines = facts.open_order(number)
    concerned = [facts.line_of(all_lines, line) for line in lines] if lines is not None else list(all_lines.values())
    facts.cancel(order, all_lines, sequence=sequence, only=lines)
    asked_for = _answer_request(order, all_lines) if was_requested else []
    details = {"lines": _names(concerned) if lines is not None else [], "was_requested": was_requested}
    facts.conclude(order, all_lines, event="CANCELLED", note=reason, details=details)
    # Asked for as a whole, or with more lines: what could not be stopped comes after all.
    coming = [line for line in asked_for if line.outstanding]
    kept = f" {', '.join(f'{line.outstanding} {line.article.display_name}' for line in coming)} kommer som planerat." if coming else ""
    _notify_of_cancelled(order, concerned, f"Som du bad om.{kept}" if was_requested else reason)


def _answer_request(order: Order, lines: dict[int, OrderLine]) -> list[OrderLine]:
    """The request is answered, also where only a part could be stopped. Returns the lines that it was about."""
    asked_for = [line for line in lines.values() if line.is_cancellation_requested]
    order.cancellation_requested_at = None
    order.save(update_fields=["cancellation_requested_at"])
    OrderLine.objects.filter(pk__in=[line.pk for line in asked_for]).update(is_cancellation_requested=False)
    for line in asked_for:
        line.is_cancellation_requested = False
    return asked_for


@transaction.atomic
def record_cancellation_refused(number: str, *, reason: str) -> None:
    """CancellationRefused: the order lives on as it was, and may be asked for again. One that answers no open request is old news."""
    order, lines = facts.open_order(number)
    if refuse_cancellation(order, name=order.kind_word, reason=reason, also=_managers_of(order)):
        _answer_request(order, lines)


@transaction.atomic
def record_delivery_change_refused(number: str, *, reason: str) -> None:
    """DeliveryChangeRefused: the delivery is as it was before. One that answers no change is old news."""
    order, _ = facts.open_order(number)
    if changes.refuse_change(order) is None:
        order.tell("DELIVERY_CHANGE_REFUSED", note=reason, details={"is_old": True})
        return
    order.tell("DELIVERY_CHANGE_REFUSED", note=reason)
    _notify(order, Notice.Tone.WARNING, "Leveransen står kvar", f"Leveransen av {_name(order)} kan inte ändras", sentence(reason))


@transaction.atomic
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
    order, all_lines = facts.open_order(number)
    despatch, is_new = Despatch.objects.get_or_create(
        order=order,
        number=despatch_number,
        defaults={"despatched_at": despatched_at, "expected_on": expected_on, "carrier": carrier, "tracking_url": tracking_url},
    )
    if not is_new:
        order.tell("DESPATCHED", details={"despatch": despatch_number, "is_old": True})
        return
    sent: list[tuple[OrderLine, DespatchedLine]] = [(facts.line_of(all_lines, line.line), line) for line in lines]
    for line, told in sent:
        DespatchLine.objects.create(despatch=despatch, line=line, quantity=told.quantity, individuals=list(told.individuals), lot=told.lot, udi=told.udi)
    individuals.record_serial_numbers(dict(pair for _, told in sent for pair in told.serial_numbers))
    details = {
        "despatch": despatch_number,
        "on": _iso(expected_on),
        "carrier": carrier,
        "tracking_url": tracking_url,
        "lines": [{"name": line.article.display_name, "quantity": told.quantity} for line, told in sent],
    }
    was = order.status
    facts.conclude(order, all_lines, event="DESPATCHED", details=details)
    if order.status != was:
        # Its delivery was told before it, and counts only now.
        _notify_of_delivered(order, all_lines.values())


@transaction.atomic
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
    order, all_lines = facts.open_order(number)
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
        DeliveryLine.objects.create(delivery=delivery, line=facts.line_of(all_lines, told.line), quantity=told.quantity, individuals=list(told.individuals))
    before = {line.line: line.delivered for line in all_lines.values()}
    status = facts.derive(order, all_lines)
    arrived = [(line, line.delivered - before[line.line]) for line in all_lines.values() if line.delivered > before[line.line]]
    details = {
        "despatch": despatch_number,
        "is_receipted": is_receipted,
        "signed_by": signed_by,
        "lines": [{"name": line.article.display_name, "quantity": quantity} for line, quantity in arrived],
    }
    facts.conclude(order, all_lines, event="DELIVERED", details=details, status=status)
    _notify_of_delivered(order, all_lines.values())


# --- Telling ---------------------------------------------------------------------------------------


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def _names(lines: Iterable[OrderLine]) -> list[dict[str, Any]]:
    return [{"name": line.article.display_name, "quantity": line.quantity} for line in lines]


def _changes(lines: dict[int, OrderLine], response: Response) -> list[str]:
    """What is confirmed otherwise than it was ordered, in words."""
    found = []
    for answered in response.lines:
        line = lines.get(answered.line)
        if line is None:
            found.append(f"{answered.replacement['name'] if answered.replacement else 'En artikel'} läggs till men finns inte i katalogen.")
            continue
        if answered.is_refused:
            continue
        if answered.is_added:
            found.append(f"{line.quantity} {line.article_name} läggs till.")
            continue
        if answered.quantity is not None and answered.quantity != line.quantity:
            found.append(f"{line.article.display_name}: {answered.quantity} i stället för {line.quantity}.")
        if answered.replacement:
            found.append(f"{line.article.display_name} ersätts med {answered.replacement['name']}.")
    return found


def _name(order: Order) -> str:
    return f"{order.kind_word} {order.number}"


def _reason(text: str, otherwise: str) -> str:
    return sentence(text) or otherwise


def _notify_of_cancelled(order: Order, lines: Iterable[OrderLine], reason: str) -> None:
    """What of `lines` will not come. Nothing is told when all of it has come already."""
    missing = [line for line in lines if line.cancelled]
    if order.status == Status.CANCELLED:
        kept = "Den automatiska påfyllningen av artiklarna är stoppad." if order.is_automatic else "Allt du fyllde i finns kvar."
        _notify(order, Notice.Tone.DANGER, "Makulerad", f"{_name(order)} är makulerad", f"{sentence(reason)} {kept}", action=_again(order))
    elif missing:
        stopped = " Den automatiska påfyllningen av det är stoppad." if order.is_automatic else ""
        names = ", ".join(f"{line.cancelled} {line.article.display_name}" for line in missing)
        _notify(
            order,
            Notice.Tone.DANGER,
            "Delvis makulerad",
            f"En del av {_name(order)} är makulerad",
            f"{names} kommer inte. {sentence(reason)}{stopped}",
            action=_again(order),
        )


def _notify_of_delivered(order: Order, lines: Iterable[OrderLine]) -> None:
    if order.kind == Order.Kind.STOCK:
        if order.status in ARRIVED and any(line.on_order for line in lines):
            text = "Ta emot den i förrådet, så bokförs den i saldot."
            _notify(order, Notice.Tone.INFO, "Ta emot", f"{_name(order)} är levererad", text, url=receiving.to_receive_url(order))
    elif order.status == Status.RECEIPTED:
        _notify(order, Notice.Tone.SUCCESS, "Kvitterad", f"{_name(order)} är levererad och kvitterad", "")
    elif order.status == Status.DELIVERED:
        _notify(order, Notice.Tone.SUCCESS, "Levererad", f"{_name(order)} är levererad", "")


def _notify(order: Order, tone: str, word: str, title: str, text: str, **more: Any) -> None:
    """As `ordering.reports.notify`; about an order to a store also to those who manage stores at the unit."""
    common.notify(order, tone, word, title, text, also=_managers_of(order), **more)


def _managers_of(order: Order) -> Sequence[Assignment]:
    """Those who manage the store that the order goes to; nobody for an order to a patient."""
    if order.kind != Order.Kind.STOCK:
        return ()
    return list(Assignment.objects.current().filter(unit=order.unit_id, role__in=roles_with(Permission.MANAGE_STORE)))


def _again(order: Order) -> tuple[str, str]:
    """The button of a notice about something cancelled; what came by itself is let go elsewhere."""
    if order.is_automatic:
        return "", ""
    return reverse("stock:again" if order.kind == Order.Kind.STOCK else "orders:again", args=[order.number]), "Beställ igen"
