"""What follows from all that SESAM2 has told about an arbetsorder, whatever the order in which it came.

Of two reports the one with the higher sequence holds. What has ended stays ended; if it is told both as done and as cancelled,
the later of the two messages holds.
"""

from typing import Any

from integration.registry import UnknownSubject
from workorders.models import Status, StatusReport, WorkOrder

Reports = list[StatusReport]


def open_order(number: str) -> WorkOrder:
    """The order, locked so that its facts are read and written one report at a time."""
    found = WorkOrder.objects.select_for_update(of=("self",)).select_related("unit__provider", "patient", "orderer", "prescriber")
    order = found.filter(number=number).first()
    if order is None:
        raise UnknownSubject
    return order


def conclude(order: WorkOrder, *, event: str, note: str = "", details: dict[str, Any] | None = None) -> None:
    """Store what follows from the facts, and one history row for the report, with the status if it changed."""
    reports = list(order.reports.order_by("-sequence"))
    status, planned_on = derive(order, reports), _planned_on(reports)
    late = next((report for report in reports if report.late_reason), None)
    is_delayed = status not in {Status.COMPLETED, Status.CANCELLED} and (late is not None or order.is_delayed)
    fields = {"planned_on": planned_on, "is_delayed": is_delayed}
    if status != order.status and order.can_move_to(status):
        order.move_to(status, event=event, note=note, details=details, **fields)
        return
    WorkOrder.objects.filter(pk=order.pk).update(**fields)
    order.planned_on, order.is_delayed = planned_on, is_delayed
    order.tell(event, note=note, details=details)


def derive(order: WorkOrder, reports: Reports) -> Status:
    """`reports` the latest first."""
    completed = next((report.sequence for report in reports if report.state == StatusReport.State.COMPLETED), 0)
    if completed or order.cancelled_sequence:
        return Status.COMPLETED if completed > order.cancelled_sequence else Status.CANCELLED
    # What had been told before the completed order went again, it has answered.
    latest = next((report for report in reports if report.sequence > order.sent_again_after), None)
    if latest is not None:
        return Status(latest.state)
    return Status.RECEIVED if order.received_sequence > order.sent_again_after else Status.PLACED


def _planned_on(reports: Reports) -> Any:
    return next((report.planned_on for report in reports if report.planned_on is not None), None)
