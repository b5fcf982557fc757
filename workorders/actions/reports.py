"""What SESAM2 tells about an arbetsorder. Reports come in any order and any number of times (see `facts`)."""

import datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from accounts.models import Notice
from core.templatetags.ui import kr, long_day
from integration.registry import Unacceptable
from ordering.reports import notify, refuse_cancellation, sentence
from ordering.sesam2 import Answer
from workorders.actions import facts, proposals
from workorders.actions.drafts import RESOURCE
from workorders.models import CostProposal, Status, WorkOrder
from workorders.sesam2 import Report

_ENDED = {Status.COMPLETED, Status.CANCELLED}


@transaction.atomic
def record_response(number: str, *, sequence: int, answer: Answer, erp_number: str, promised_on: datetime.date | None, reason: str) -> None:
    """OrderResponse: received, accepted with a date, refused. An accepted arbetsorder stays mottagen and shows the date.

    Raises `Unacceptable` when it names another order in SESAM2 than before.
    """
    order = facts.open_order(number)
    if order.erp_number and order.erp_number != erp_number:
        raise Unacceptable("another erpOrderNumber than before")
    order.erp_number = erp_number
    if answer is Answer.REFUSED:
        order.cancelled_sequence = max(order.cancelled_sequence, sequence)
        order.save(update_fields=["erp_number", "cancelled_sequence"])
        _cancelled(order, event="REFUSED", reason=reason or "Centralen tog inte emot arbetsordern.", new_order_required=True)
        return
    order.received_sequence = max(order.received_sequence, sequence)
    is_news = promised_on is not None and _promise(order, sequence, promised_on)
    order.save(update_fields=["erp_number", "received_sequence", "promised_on", "promised_sequence"])
    event = "RECEIVED" if answer is Answer.RECEIVED else "ACCEPTED"
    facts.conclude(order, event=event, note=reason, details={"on": promised_on and promised_on.isoformat(), "is_old": promised_on is not None and not is_news})


@transaction.atomic
def record_delay(number: str, *, sequence: int, promised_on: datetime.date | None, reason: str) -> None:
    """DeliveryDelayed: a new date, or none known."""
    order = facts.open_order(number)
    was = order.promised_on
    is_news = _promise(order, sequence, promised_on)
    if is_news:
        order.is_delayed = True
        order.save(update_fields=["promised_on", "promised_sequence", "is_delayed"])
    details = {"on": promised_on and promised_on.isoformat(), "was": was and was.isoformat(), "is_old": not is_news}
    facts.conclude(order, event="DELAYED", note=reason, details=details)
    if is_news and order.status not in _ENDED:
        on = f"Nytt datum {long_day(promised_on)}." if promised_on else "Nytt datum är inte känt."
        notify(order, Notice.Tone.WARNING, "Försenad", f"{_name(order)} är försenad", f"{on} {sentence(reason)}")


@transaction.atomic
def record_cancellation(number: str, *, sequence: int, reason: str, was_requested: bool, new_order_required: bool) -> None:
    """OrderCancelled: nothing more is done."""
    order = facts.open_order(number)
    order.cancelled_sequence = max(order.cancelled_sequence, sequence)
    if was_requested:
        order.cancellation_requested_at = None
    order.save(update_fields=["cancelled_sequence", "cancellation_requested_at"])
    _cancelled(order, event="CANCELLED", reason="Som du bad om." if was_requested else reason, new_order_required=new_order_required)


@transaction.atomic
def record_cancellation_refused(number: str, *, reason: str) -> None:
    """CancellationRefused: the order lives on as it was, and may be asked for again. One that answers no open request is old news."""
    refuse_cancellation(facts.open_order(number), name=RESOURCE, reason=reason)


@transaction.atomic
def record_status(number: str, *, sequence: int, report: Report) -> None:
    """WorkOrderStatus. A lower sequence than the last applied goes to the history alone, except what it adds: a cost proposal is still to be answered."""
    order = facts.open_order(number)
    before = order.status
    newest = order.reports.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    order.reports.create(
        sequence=sequence,
        state=report.state,
        planned_on=report.planned_on,
        late_reason=report.late_reason,
        summary=report.summary,
        hours=report.hours,
        parts=report.parts,
        by_name=report.by_name,
    )
    is_old = sequence < max(newest, order.sent_again_after)
    details = {"state": report.state, "on": report.planned_on and report.planned_on.isoformat(), "is_old": is_old}
    facts.conclude(order, event=report.state, note=report.late_reason or report.summary, details=details)
    if report.proposal is not None:
        _record_proposal(order, sequence=sequence, proposal=report.proposal)
    if is_old:
        return
    if report.late_reason and order.status not in _ENDED:
        notify(order, Notice.Tone.WARNING, "Försenad", f"{_name(order)} blir försenad", sentence(report.late_reason))
    if order.status == before:
        return
    if order.status == Status.NEEDS_COMPLETION:
        text = sentence(report.summary or report.late_reason) or "Öppna arbetsordern för att se vad som saknas."
        notify(order, Notice.Tone.WARNING, "Behöver kompletteras", f"{_name(order)} behöver kompletteras", text)
    elif order.status == Status.COMPLETED:
        notify(order, Notice.Tone.SUCCESS, "Klar", f"{_name(order)} är klar", "Öppna arbetsordern för att läsa vad som är gjort.")


def _record_proposal(order: WorkOrder, *, sequence: int, proposal: tuple[Decimal, str]) -> None:
    """A proposal is answered once. A later one takes the place of one that nobody has answered yet."""
    amount, text = proposal
    _, is_new = CostProposal.objects.get_or_create(order=order, sequence=sequence, defaults={"amount": amount, "text": text})
    if not is_new or order.status in _ENDED or order.proposals.filter(sequence__gt=sequence).exists():
        return
    order.tell("COST_PROPOSAL", note=text, details={"amount": f"{amount:.2f}"})
    title, text = f"Kostnadsförslag för arbetsorder {order.number}", f"{kr(amount)} exklusive moms. Godkänn eller avslå i arbetsordern."
    notify(order, Notice.Tone.WARNING, "Att besluta", title, text, also=proposals.cost_owners(order))


def _promise(order: WorkOrder, sequence: int, on: datetime.date | None) -> bool:
    """Set the date unless a later message has. Returns whether it did."""
    if order.promised_sequence > sequence:
        return False
    order.promised_sequence, order.promised_on = sequence, on
    return True


def _cancelled(order: WorkOrder, *, event: str, reason: str, new_order_required: bool) -> None:
    before = order.status
    facts.conclude(order, event=event, note=reason, details={"new_order_required": new_order_required})
    if order.status != Status.CANCELLED or before == Status.CANCELLED:
        return
    again = (reverse("workorders:again", args=[order.number]), "Beställ igen")
    notify(order, Notice.Tone.DANGER, "Makulerad", f"{_name(order)} är makulerad", sentence(reason), action=again)


def _name(order: WorkOrder) -> str:
    return f"{RESOURCE} {order.number}"
