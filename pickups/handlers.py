"""SESAM2's reports about hämtorder: unpack, then one action."""

from integration import contract
from integration.registry import Unacceptable, handles
from pickups import sesam2
from pickups.actions import reports


@handles("OrderResponse", "H")
def order_response(body: contract.OrderResponse, *, subject: str, sequence: int) -> None:
    reports.record_response(subject, sequence=sequence, response=sesam2.response(body))


@handles("DeliveryDelayed", "H")
def delivery_delayed(body: contract.DeliveryDelayed, *, subject: str, sequence: int) -> None:
    reports.record_delay(subject, sequence=sequence, promised_on=body.promised_date, reason=body.reason, lines=body.lines)


@handles("OrderCancelled", "H")
def order_cancelled(body: contract.OrderCancelled, *, subject: str, sequence: int) -> None:
    reports.record_cancellation(
        subject,
        sequence=sequence,
        reason=body.reason,
        lines=body.lines,
        was_requested=body.reason_code == contract.CancelledReason.REQUESTED,
        is_missing=body.reason_code == contract.CancelledReason.ITEM_MISSING,
        new_order_required=body.new_order_required,
    )


@handles("CancellationRefused", "H")
def cancellation_refused(body: contract.CancellationRefused, *, subject: str, sequence: int) -> None:
    reports.record_cancellation_refused(subject, reason=body.reason)


@handles("DeliveryChangeRefused", "H")
def delivery_change_refused(body: contract.DeliveryChangeRefused, *, subject: str, sequence: int) -> None:
    reports.record_delivery_change_refused(subject, reason=body.reason)


@handles("PickupStatus", "H")
def pickup_status(body: contract.PickupStatus, *, subject: str, sequence: int) -> None:
    try:
        report = sesam2.report(body)
    except sesam2.Contradicts:
        raise Unacceptable("says of an item both that it was found and that it was not") from None
    reports.record_status(subject, sequence=sequence, report=report)
