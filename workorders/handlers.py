"""SESAM2's reports about arbetsorder: unpack, then one action."""

from integration import contract
from integration.registry import handles
from ordering.sesam2 import Answer
from workorders import sesam2
from workorders.actions import reports


@handles("OrderResponse", "A")
def order_response(body: contract.OrderResponse, *, subject: str, sequence: int) -> None:
    reports.record_response(
        subject,
        sequence=sequence,
        answer=Answer(body.code.value),
        erp_number=body.erp_order_number,
        promised_on=body.promised_date,
        reason=body.reason or "",
    )


@handles("DeliveryDelayed", "A")
def delivery_delayed(body: contract.DeliveryDelayed, *, subject: str, sequence: int) -> None:
    reports.record_delay(subject, sequence=sequence, promised_on=body.promised_date, reason=body.reason)


@handles("OrderCancelled", "A")
def order_cancelled(body: contract.OrderCancelled, *, subject: str, sequence: int) -> None:
    reports.record_cancellation(
        subject,
        sequence=sequence,
        reason=body.reason,
        was_requested=body.reason_code == contract.CancelledReason.REQUESTED,
        new_order_required=body.new_order_required,
    )


@handles("CancellationRefused", "A")
def cancellation_refused(body: contract.CancellationRefused, *, subject: str, sequence: int) -> None:
    reports.record_cancellation_refused(subject, reason=body.reason)


@handles("WorkOrderStatus", "A")
def work_order_status(body: contract.WorkOrderStatus, *, subject: str, sequence: int) -> None:
    reports.record_status(subject, sequence=sequence, report=sesam2.report(body))
