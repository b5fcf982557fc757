"""SESAM2's reports about kundorder (K), orders to stores (L), withdrawals and returns (U): unpack, then one action."""

from integration import contract
from integration.registry import handles
from orders import sesam2
from orders.actions import reports


@handles("OrderResponse", "K", "L", "U")
def order_response(body: contract.OrderResponse, *, subject: str, sequence: int) -> None:
    reports.record_response(subject, sequence=sequence, response=sesam2.response(body))


@handles("DeliveryDelayed", "K", "L")
def delivery_delayed(body: contract.DeliveryDelayed, *, subject: str, sequence: int) -> None:
    reports.record_delay(subject, sequence=sequence, promised_on=body.promised_date, reason=body.reason, lines=None if body.lines is None else list(body.lines))


@handles("OrderCancelled", "K", "L")
def order_cancelled(body: contract.OrderCancelled, *, subject: str, sequence: int) -> None:
    reports.record_cancellation(
        subject,
        sequence=sequence,
        reason=body.reason,
        lines=None if body.lines is None else list(body.lines),
        was_requested=body.reason_code == contract.CancelledReason.REQUESTED,
    )


@handles("CancellationRefused", "K", "L")
def cancellation_refused(body: contract.CancellationRefused, *, subject: str, sequence: int) -> None:
    reports.record_cancellation_refused(subject, reason=body.reason)


@handles("DeliveryChangeRefused", "K")
def delivery_change_refused(body: contract.DeliveryChangeRefused, *, subject: str, sequence: int) -> None:
    reports.record_delivery_change_refused(subject, reason=body.reason)


@handles("DespatchAdvice", "K", "L")
def despatch_advice(body: contract.DespatchAdvice, *, subject: str, sequence: int) -> None:
    reports.record_despatch(
        subject,
        despatch_number=body.despatch_number,
        despatched_at=body.despatched_at,
        expected_on=body.expected_date,
        carrier=body.carrier or "",
        tracking_url=body.tracking_url or "",
        lines=sesam2.despatched_lines(body),
    )


@handles("DeliveryConfirmation", "K", "L")
def delivery_confirmation(body: contract.DeliveryConfirmation, *, subject: str, sequence: int) -> None:
    reports.record_delivery(
        subject,
        sequence=sequence,
        despatch_number=body.despatch_number or "",
        delivered_at=body.delivered_at,
        is_receipted=sesam2.is_receipted(body),
        signed_by=body.signed_by or "",
        lines=sesam2.delivered_lines(body),
    )
