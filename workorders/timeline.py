"""What has happened to an arbetsorder, in the words of the profession."""

from collections.abc import Sequence
from decimal import Decimal

from core.templatetags.ui import kr, long_day
from ordering import timeline
from ordering.timeline import Event, Teller, day, join, old, who
from workorders.models import Status, WorkOrder, WorkOrderHistory


def told(history: Sequence[WorkOrderHistory]) -> list[Event]:
    """Newest first, as `history` comes."""
    return timeline.events(history, tell=_TELL, otherwise=_other)


def news(order: WorkOrder, history: Sequence[WorkOrderHistory]) -> Event | None:
    """What the reader must know first: that it was cancelled, must be completed, or is late. None otherwise."""
    if order.status == Status.CANCELLED:
        return timeline.became_cancelled(history, "Arbetsordern är makulerad")
    if order.status == Status.NEEDS_COMPLETION:
        row = next((row for row in history if row.event == Status.NEEDS_COMPLETION and not row.details.get("is_old")), None)
        return None if row is None else Event("Arbetsordern behöver kompletteras", row.at, row.note, "warning")
    if order.is_late:
        row = next((row for row in history if row.event in {"DELAYED", "WAITING", "STARTED", "PLANNED"} and row.note and not row.details.get("is_old")), None)
        return Event("Arbetet är försenat", row.at if row else history[0].at, row.note if row else "Det skulle ha varit påbörjat eller klart.", "warning")
    return None


def _sent_again(row: WorkOrderHistory) -> Event:
    return Event("Kompletterad och skickad igen", row.at, f"Av {who(row)}.")


def _accepted(row: WorkOrderHistory) -> Event:
    on = day(row.details.get("on"))
    return Event((f"Accepterad, klar {long_day(on)}" if on else "Accepterad") + old(row), row.at, row.note, "success")


def _planned(row: WorkOrderHistory) -> Event:
    on = day(row.details.get("on"))
    return Event((f"Planerad {long_day(on)}" if on else "Planerad") + old(row), row.at, row.note)


def _cancelled(row: WorkOrderHistory) -> Event:
    return Event("Makulerad", row.at, row.note, "danger")


def _refused(row: WorkOrderHistory) -> Event:
    return Event("Makulerad: centralen tog inte emot arbetsordern", row.at, row.note, "danger")


def _proposal(row: WorkOrderHistory) -> Event:
    return Event(f"Kostnadsförslag {kr(Decimal(row.details['amount']))}", row.at, row.note, "warning")


def _approved(row: WorkOrderHistory) -> Event:
    return Event("Kostnadsförslaget godkänt", row.at, join(f"Av {who(row)}.", row.note), "success")


def _not_approved(row: WorkOrderHistory) -> Event:
    return Event("Kostnadsförslaget avslaget", row.at, join(f"Av {who(row)}.", row.note), "danger")


def _late(row: WorkOrderHistory) -> Event:
    return Event("Inte klar i tid" if row.details.get("is_begun") else "Inte påbörjad i tid", row.at, row.note, "warning")


def _other(row: WorkOrderHistory) -> Event:
    return Event(Status(row.new).label, row.at, row.note)


_TELL: dict[str, Teller] = {
    "PLACED": timeline.placed,
    "COMPLETED_BY_ORDERER": _sent_again,
    "RECEIVED": timeline.received,
    "ACCEPTED": _accepted,
    "DELAYED": timeline.delayed,
    "PLANNED": _planned,
    "STARTED": timeline.step("Påbörjad"),
    "WAITING": timeline.step("Väntar", "warning"),
    "NEEDS_COMPLETION": timeline.step("Behöver kompletteras", "warning"),
    "COMPLETED": timeline.step("Klar", "success"),
    "CANCELLED": _cancelled,
    "REFUSED": _refused,
    "CANCELLATION_REQUESTED": timeline.cancellation_requested,
    "CANCELLATION_REFUSED": timeline.cancellation_refused,
    "COST_PROPOSAL": _proposal,
    "COST_APPROVED": _approved,
    "COST_REFUSED": _not_approved,
    "LATE": _late,
}
