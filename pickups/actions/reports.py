"""What SESAM2 tells about a hämtorder. Reports come in any order and any number of times (see `facts`)."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.models import Notice
from core.templatetags.ui import long_day
from integration.registry import Unacceptable
from ordering.reports import notify, refuse_cancellation, sentence
from ordering.sesam2 import Answer
from pickups.actions import changes, facts
from pickups.actions.drafts import RESOURCE
from pickups.models import OPEN, PickupItem, PickupOrder, Status
from pickups.sesam2 import Report, Response

# So many notices at most, each with its own button; more are told in one.
MOST_NOTICES = 5


@transaction.atomic
def record_response(number: str, *, sequence: int, response: Response) -> None:
    """OrderResponse: received, accepted with a day, accepted with changes, refused. An accepted hämtorder stays mottagen and shows the day.

    Raises `Unacceptable` when it names another order in SESAM2 than before, an item that the order does not have, or a day before the order.
    """
    order, items = facts.open_order(number)
    if order.erp_number and order.erp_number != response.erp_number:
        raise Unacceptable("another erpOrderNumber than before")
    order.erp_number = response.erp_number
    if response.answer is Answer.REFUSED:
        _cancel_all(order, sequence)
        _conclude_cancelled(order, items, event="REFUSED", reason=response.reason or "Centralen tog inte emot hämtordern.")
        return
    order.received_sequence = max(order.received_sequence, sequence)
    promised = response.promised_on
    is_old = promised is not None and not facts.set_date(order, sequence=sequence, on=promised)
    refused = []
    for answered in response.items:
        item = facts.item_of(items, answered.line)
        if answered.is_refused:
            refused.append(item)
            _cancel(item, sequence=sequence, reason=answered.reason or response.reason)
        elif item.response_sequence < sequence:
            item.response_sequence, item.confirmed_quantity = sequence, answered.quantity
    event = {Answer.RECEIVED: "RECEIVED", Answer.ACCEPTED: "ACCEPTED", Answer.CHANGED: "CHANGED"}[response.answer]
    fewer = [item for item in items.values() if item.expected < item.quantity]
    details = {"on": _iso(promised), "is_old": is_old, "lines": _names(refused), "fewer": _names(fewer, expected=True)}
    reason = " ".join(sentence(item.cancelled_reason) for item in refused if item.cancelled_reason) or response.reason
    facts.conclude(order, items, event=event, note=reason, details=details)
    if refused:
        _notify_of_items(order, refused, reason)
    elif response.answer is Answer.CHANGED:
        notify(order, Notice.Tone.INFO, "Ändrad", f"{_name(order)} är accepterad med ändringar", sentence(response.reason) or "Se vad centralen har ändrat.")


@transaction.atomic
def record_delay(number: str, *, sequence: int, promised_on: datetime.date | None, reason: str, lines: list[int] | None) -> None:
    """DeliveryDelayed: another day, or none known. All of an order is fetched at once, so that what is said of some items moves it all."""
    order, items = facts.open_order(number)
    concerned = [facts.item_of(items, line) for line in lines] if lines is not None else []
    was = order.promised_on
    is_news = facts.set_date(order, sequence=sequence, on=promised_on, is_delay=True)
    details = {"on": _iso(promised_on), "was": _iso(was), "lines": _names(concerned), "is_old": not is_news}
    facts.conclude(order, items, event="DELAYED", note=reason, details=details)
    if is_news and order.status in OPEN:
        on = f"Ny hämtdag {long_day(promised_on)}." if promised_on else "Ny hämtdag är inte känd."
        notify(order, Notice.Tone.WARNING, "Försenad", f"{_name(order)} är försenad", f"{on} {sentence(reason)}")


@transaction.atomic
def record_cancellation(
    number: str, *, sequence: int, reason: str, lines: list[int] | None, was_requested: bool, is_missing: bool, new_order_required: bool
) -> None:
    """OrderCancelled, whole or some items: they are not fetched, and their loans and rent go on. `is_missing`: they were not found."""
    order, items = facts.open_order(number)
    concerned = [facts.item_of(items, line) for line in lines] if lines is not None else list(items.values())
    before = _outcomes(items)
    if is_missing:
        for item in concerned:
            facts.find(item, sequence=sequence, is_found=False)
    elif lines is None:
        _cancel_all(order, sequence)
    else:
        for item in concerned:
            _cancel(item, sequence=sequence, reason=reason)
    asked_for = answer_request(order, items) if was_requested else []
    details = {"lines": _names(concerned) if lines is not None else [], "was_requested": was_requested, "new_order_required": new_order_required}
    if lines is None and not is_missing:
        # Asked for as a whole: what has been fetched already is not stopped.
        _conclude_cancelled(order, items, event="CANCELLED", reason="Som du bad om." if was_requested else reason, details=details, note=reason)
        return
    facts.conclude(order, items, event="NOT_FOUND" if is_missing else "CANCELLED", note=reason, details=details)
    if is_missing:
        _notify_of_missing(order, items, before)
        return
    coming = [item for item in asked_for if item.is_open]
    kept = f" {_list(coming)} hämtas som planerat." if coming else ""
    _notify_of_items(order, [item for item in concerned if not item.found], f"Som du bad om.{kept}" if was_requested else reason, is_asked_for=was_requested)


@transaction.atomic
def record_cancellation_refused(number: str, *, reason: str) -> None:
    """CancellationRefused: the order lives on as it was. One that answers no open request is old news."""
    order, items = facts.open_order(number)
    if refuse_cancellation(order, name=RESOURCE, reason=reason):
        PickupItem.objects.filter(pk__in=[item.pk for item in items.values()]).update(is_cancellation_requested=False)


@transaction.atomic
def record_delivery_change_refused(number: str, *, reason: str) -> None:
    """DeliveryChangeRefused: place and contact are as they were. One that answers no change is old news."""
    order, _ = facts.open_order(number)
    if changes.refuse_change(order) is None:
        order.tell("DELIVERY_CHANGE_REFUSED", note=reason, details={"is_old": True})
        return
    order.tell("DELIVERY_CHANGE_REFUSED", note=reason)
    notify(order, Notice.Tone.WARNING, "Platsen står kvar", f"Hämtplatsen för {_name(order, 'hämtorder')} kan inte ändras", sentence(reason))


@transaction.atomic
def record_status(number: str, *, sequence: int, report: Report) -> None:
    """PickupStatus: the day, what was fetched, what has been deregistered. The loan of an item that was found ends, that of one that was not goes on.

    Raises `Unacceptable` for a day before the order was sent and for an item that the order does not have.
    """
    order, items = facts.open_order(number)
    told = {facts.item_of(items, line): is_found for line, is_found in (report.found or {}).items()}
    newest = order.reports.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    before, was, was_status = _outcomes(items), order.promised_on, order.status
    order.reports.create(sequence=sequence, state=report.state, pickup_on=report.pickup_on, is_itemised=report.found is not None)
    is_news = report.pickup_on is not None and facts.set_date(order, sequence=sequence, on=report.pickup_on)
    for item, is_found in told.items():
        facts.find(item, sequence=sequence, is_found=is_found)
    details = {
        "on": _iso(report.pickup_on),
        "was": _iso(was) if is_news and was != report.pickup_on else None,
        "lines": _names(item for item, is_found in told.items() if is_found),
        "missing": _names(item for item, is_found in told.items() if not is_found),
        "is_old": sequence < newest,
    }
    facts.conclude(order, items, event=report.state, details=details)
    _notify_of_missing(order, items, before)
    if order.status == Status.PLANNED and is_news and (was_status != Status.PLANNED or was != report.pickup_on):
        _notify_of_day(order, was if was_status == Status.PLANNED else None)
    if order.status == Status.DEREGISTERED != was_status:
        where = "borta ur förrådet" if order.store_id else "borta från patientens lista"
        notify(order, Notice.Tone.SUCCESS, "Avregistrerad", f"{_name(order)} är avregistrerad", f"Hjälpmedlen är {where}.")


# --- Cancelling ------------------------------------------------------------------------------------


def _cancel(item: PickupItem, *, sequence: int, reason: str) -> None:
    """The first message that cancels it counts."""
    if item.cancelled_sequence is None or sequence < item.cancelled_sequence:
        item.cancelled_sequence, item.cancelled_reason = sequence, reason[:500]


def _cancel_all(order: PickupOrder, sequence: int) -> None:
    order.cancelled_sequence = min(sequence, order.cancelled_sequence or sequence)


def answer_request(order: PickupOrder, items: facts.Items) -> list[PickupItem]:
    """The request is answered, also where only a part could be stopped. Returns the items that it was about."""
    asked_for = [item for item in items.values() if item.is_cancellation_requested]
    order.cancellation_requested_at = None
    for item in asked_for:
        item.is_cancellation_requested = False
    return asked_for


def _conclude_cancelled(order: PickupOrder, items: facts.Items, *, event: str, reason: str, details: dict[str, Any] | None = None, note: str = "") -> None:
    was = order.status
    facts.conclude(order, items, event=event, note=note or reason, details=details)
    if order.status != Status.CANCELLED or was == Status.CANCELLED:
        return
    kept = "Hjälpmedlen ligger kvar i förrådet." if order.store_id else "Hjälpmedlen står kvar på patienten och hyran fortsätter."
    again, text = _again(order), f"{sentence(reason)} {kept}"
    notify(order, Notice.Tone.DANGER, "Makulerad", f"{_name(order)} är makulerad", text, action=again)


def _again(order: PickupOrder) -> tuple[str, str]:
    return reverse(f"pickups:{'store_' if order.store_id else ''}again", args=[order.number]), "Beställ igen"


# --- Notices ---------------------------------------------------------------------------------------


def _outcomes(items: facts.Items) -> dict[int, PickupItem.Outcome]:
    return {line: item.outcome for line, item in items.items()}


def _notify_of_missing(order: PickupOrder, items: facts.Items, before: dict[int, PickupItem.Outcome]) -> None:
    """What was not there, each with its way to say that it was handed over."""
    missing = [item for line, item in items.items() if item.outcome == item.Outcome.NOT_FOUND != before[line]]
    goes_on = "Den ligger kvar i förrådet." if order.store_id else "Lånet och hyran fortsätter."
    text = f"Den är borttagen från hämtordern. {goes_on} Är den lämnad: gör en felrapport."
    if len(missing) > MOST_NOTICES:
        notify(order, Notice.Tone.WARNING, "Hittades inte", f"{len(missing)} hjälpmedel på {_name(order, 'hämtorder')} hittades inte", _list(missing))
        return
    for item in missing:
        report = (reverse("pickups:report_missing", args=[order.number, item.line]), "Gör felrapport")
        notify(order, Notice.Tone.WARNING, "Hittades inte", f"{item.full_name} hittades inte vid hämtningen", text, action=report)


def _notify_of_items(order: PickupOrder, items: list[PickupItem], reason: str, *, is_asked_for: bool = False) -> None:
    if order.status == Status.CANCELLED:
        again = _again(order)
        notify(order, Notice.Tone.DANGER, "Makulerad", f"{_name(order)} är makulerad", sentence(reason), action=again)
    elif items:
        tone = Notice.Tone.INFO if is_asked_for else Notice.Tone.DANGER
        text = f"{_list(items)}. {sentence(reason)}{'' if order.store_id else ' Lån och hyra fortsätter.'}"
        notify(order, tone, "Makulerad i del", f"Allt på {_name(order, 'hämtorder')} hämtas inte", text)


def _notify_of_day(order: PickupOrder, was: datetime.date | None) -> None:
    if was is None:
        notify(order, Notice.Tone.INFO, "Planerad", f"{_name(order)} hämtas {long_day(order.promised_on)}", "Se till att hjälpmedlen är på plats.")
    else:
        text = f"Tidigare {long_day(was)}."
        notify(order, Notice.Tone.WARNING, "Ny dag", f"{_name(order)} har fått en ny hämtdag, {long_day(order.promised_on)}", text)


def _name(order: PickupOrder, word: str = "Hämtorder") -> str:
    return f"{word} {order.number}"


def _names(items: Iterable[PickupItem], *, expected: bool = False) -> list[dict[str, Any]]:
    """For the history, as `ordering.timeline.what` reads it."""
    return [{"line": item.line, "name": item.full_name, "quantity": item.expected if expected else item.quantity} for item in items]


def _list(items: Iterable[PickupItem]) -> str:
    return ", ".join(item.full_name for item in items)


def _iso(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None
