"""The dictionary between orders and the contract (sections 4 and 5). Foreign words stand only here."""

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from buffer.models import Store
from buffer.sesam2 import store_ref
from integration import contract
from integration.models import Attachment
from ordering import sesam2 as common
from ordering.sesam2 import Answer, attachment, party, person
from orders.models import Order, OrderLine, Receipt, ReceiptLine
from patients.sesam2 import patient_ref

# --- Ours → SESAM2 --------------------------------------------------------------------------------


def customer_order(order: Order, lines: Sequence[OrderLine], attachments: Sequence[Attachment] = ()) -> contract.CustomerOrder:
    """The order as it is at this moment. Of a protected person only the number goes out, and the unit as contact."""
    customer = order.customer
    assert customer is not None  # a sent order has one: constraint sent_order_is_complete
    return contract.CustomerOrder(
        order_number=str(order.number),
        patient=patient_ref(order.patient),
        orderer=person(order.orderer),
        prescriber=person(order.prescriber),
        party=party(order.unit, customer),
        purpose=contract.Purpose(order.purpose),
        ends_on=order.ends_on,
        urgent=order.is_urgent,
        requested_date=order.requested_on,
        accept_equivalent=order.accepts_equivalent,
        deliver_together=order.deliver_together,
        delivery=delivery(order),
        lines=[_line(line) for line in lines],
        attachments=[attachment(file) for file in attachments],
    )


def delivery(order: Order) -> contract.Delivery:
    """Where it goes, and who is told."""
    where = common.delivery(order)
    if order.patient.is_protected or order.method == Order.Method.MANUAL_CONTACT:
        return where
    return where.model_copy(update={"notify": notify(order) or None})


def notify(order: Order) -> dict[contract.NotifyBy, str]:
    """Way → address or number; a letter goes where the delivery goes."""
    letter = ", ".join(filter(None, (order.recipient_name, order.street, f"{order.postal_code} {order.city}".strip()))) if order.notify_by_letter else ""
    ways = {
        contract.NotifyBy.EMAIL: order.notify_email,
        contract.NotifyBy.SMS: order.notify_sms,
        contract.NotifyBy.LETTER: letter,
        contract.NotifyBy.PHONE: order.notify_phone,
    }
    return {way: value for way, value in ways.items() if value}


def _note(line: OrderLine) -> str:
    """The reasons that the orderer gave, which the contract has no fields of their own for."""
    reasons = (("Passar ändå", line.misfit_reason if line.main_id or line.individual_number else ""), ("Byts inte", line.exception_reason))
    return ". ".join(f"{word}: {reason}" for word, reason in reasons if reason)


def _article(line: OrderLine) -> dict[str, Any]:
    """What every kind of line begins with."""
    article = line.article
    return {
        "line": line.line,
        "supplier_gln": article.supplier.gln,
        "supplier_article_number": article.number,
        "article_number": article.sesam_number,
        "name": article.display_name,
        "quantity": line.quantity,
    }


def _line(line: OrderLine) -> contract.CustomerOrderLine:
    return contract.CustomerOrderLine(
        **_article(line),
        main_line=line.main.line if line.main else None,
        individual_number=line.individual_number or None,
        configuration=[contract.NamedValue(**choice) for choice in line.configuration] or None,
        unit_price=line.unit_price,
        note=_note(line) or None,
    )


def loan_change(order: Order, *, lines: Sequence[int], purpose: str, ends_on: datetime.date | None) -> contract.LoanChange:
    return contract.LoanChange(order_number=str(order.number), lines=list(lines), purpose=contract.Purpose(purpose), ends_on=ends_on)


def _store_of(order: Order) -> Store:
    assert order.store is not None  # all but a kundorder has one: constraint customer_order_alone_has_no_store
    return order.store


def stock_order(order: Order, lines: Sequence[OrderLine]) -> contract.StockOrder:
    """An order to a buffer store: a person's, or that of the automatic top-up, which nobody has ordered."""
    customer = order.customer
    assert customer is not None  # as above
    return contract.StockOrder(
        order_number=str(order.number),
        store=store_ref(_store_of(order)),
        orderer=None if order.is_automatic else person(order.orderer),
        party=party(order.unit, customer),
        reason=contract.StockReason.REPLENISHMENT if order.is_automatic else contract.StockReason.MANUAL,
        requested_date=order.requested_on,
        lines=[contract.OrderLine(**_article(line), unit_price=line.unit_price) for line in lines],
    )


def _quantity_line(line: OrderLine, individual_number: str) -> contract.QuantityLine:
    return contract.QuantityLine(**_article(line), individual_number=individual_number or None)


def stock_withdrawal(order: Order, lines: Sequence[tuple[OrderLine, str]]) -> contract.StockWithdrawal:
    """What was handed over to a patient from a store; each line with its individual number, or ""."""
    customer = order.customer
    assert customer is not None  # as above
    assert order.happened_at is not None  # constraint what_happened_has_a_time
    return contract.StockWithdrawal(
        order_number=str(order.number),
        store=store_ref(_store_of(order)),
        patient=patient_ref(order.patient),
        orderer=person(order.orderer),
        prescriber=person(order.prescriber),
        party=party(order.unit, customer),
        withdrawn_at=timezone.localtime(order.happened_at),
        lines=[_quantity_line(line, number) for line, number in lines],
    )


def stock_return(order: Order, lines: Sequence[tuple[OrderLine, str]]) -> contract.StockReturn:
    """What a patient gave back to a store; each line with its individual number, or ""."""
    assert order.happened_at is not None  # as above
    return contract.StockReturn(
        order_number=str(order.number),
        store=store_ref(_store_of(order)),
        patient=patient_ref(order.patient),
        returned_at=timezone.localtime(order.happened_at),
        received_by=person(order.orderer),
        lines=[_quantity_line(line, number) for line, number in lines],
    )


def goods_receipt(receipt: Receipt, lines: Sequence[ReceiptLine]) -> contract.GoodsReceipt:
    """What a store found in a delivery."""
    return contract.GoodsReceipt(
        order_number=str(receipt.order.number),
        despatch_number=receipt.despatch_number,
        received_at=timezone.localtime(receipt.at),
        received_by=person(receipt.by),
        lines=[
            contract.ReceivedLine(
                line=line.line.line,
                received=line.received,
                missing=line.missing,
                damaged=line.damaged,
                individual_numbers=list(line.individuals) or None,
                note=line.note or None,
            )
            for line in lines
        ],
    )


def delivery_change(order: Order) -> contract.DeliveryChange:
    """The delivery as the order has it now."""
    return contract.DeliveryChange(order_number=str(order.number), delivery=delivery(order))


# --- SESAM2 → ours --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class AnsweredLine:
    """`is_refused`: the line is cancelled. `quantity` None: as ordered."""

    line: int
    is_refused: bool
    quantity: int | None
    promised_on: datetime.date | None
    replacement: dict[str, Any] | None
    reason: str
    is_added: bool = False


@dataclasses.dataclass(frozen=True)
class Response:
    answer: Answer
    erp_number: str
    promised_on: datetime.date | None
    reason: str
    lines: tuple[AnsweredLine, ...]


@dataclasses.dataclass(frozen=True)
class DespatchedLine:
    line: int
    quantity: int
    individuals: tuple[str, ...]
    lot: str
    udi: str
    # Serial numbers by individual number; one without an individual number is nobody's.
    serial_numbers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class DeliveredLine:
    line: int
    quantity: int
    individuals: tuple[str, ...]


def response(body: contract.OrderResponse) -> Response:
    return Response(
        answer=Answer(body.code.value),
        erp_number=body.erp_order_number,
        promised_on=body.promised_date,
        reason=body.reason or "",
        lines=tuple(
            AnsweredLine(
                line=line.line,
                is_refused=line.status == contract.LineStatus.NOT_ACCEPTED,
                is_added=line.status == contract.LineStatus.ADDED,
                quantity=line.quantity,
                promised_on=line.promised_date,
                replacement=line.replacement.model_dump(mode="json", by_alias=False) if line.replacement else None,
                reason=line.reason or "",
            )
            for line in body.lines or []
        ),
    )


def despatched_lines(body: contract.DespatchAdvice) -> list[DespatchedLine]:
    """A line that stands several times, as when it comes of two lots, is added up; the first lot that is told is kept."""
    found: dict[int, DespatchedLine] = {}
    for line in body.lines:
        before = found.get(line.line, DespatchedLine(line.line, 0, (), "", ""))
        found[line.line] = DespatchedLine(
            line=line.line,
            quantity=before.quantity + line.quantity,
            individuals=before.individuals + tuple(item.individual_number for item in line.individuals or [] if item.individual_number),
            lot=before.lot or line.lot or "",
            udi=before.udi or line.udi or "",
            serial_numbers=before.serial_numbers
            + tuple((item.individual_number, item.serial_number) for item in line.individuals or [] if item.individual_number and item.serial_number),
        )
    return list(found.values())


def delivered_lines(body: contract.DeliveryConfirmation) -> list[DeliveredLine] | None:
    """None: not told by line. A line that stands several times is added up."""
    if body.lines is None:
        return None
    found: dict[int, DeliveredLine] = {}
    for line in body.lines:
        before = found.get(line.line, DeliveredLine(line.line, 0, ()))
        found[line.line] = DeliveredLine(line.line, before.quantity + line.quantity, before.individuals + tuple(line.individual_numbers or ()))
    return list(found.values())


def is_receipted(body: contract.DeliveryConfirmation) -> bool:
    """Kvitterad: signed at the patient's stay address or a delivery point, never at a hospital or a unit."""
    return body.signed and body.place_type in {contract.PlaceType.RESIDENCE, contract.PlaceType.DELIVERY_POINT}
