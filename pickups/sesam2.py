"""The dictionary between a hämtorder, a receipt and the contract (sections 4 and 5). Foreign words stand only here."""

import dataclasses
import datetime
from collections.abc import Sequence

from integration import contract
from ordering import sesam2 as common
from ordering.sesam2 import Answer
from patients.sesam2 import patient_ref
from pickups.models import PickupItem, PickupOrder, ReceiptFile, ReceiptItem, ReceiptVersion, StatusReport

# Who hands over, of a protected person: what the person is, never a name.
ROLES = ("Patienten", "Närstående", "Personal", "Annan person")

# --- Ours → SESAM2 --------------------------------------------------------------------------------


def pickup_order(order: PickupOrder, items: Sequence[PickupItem]) -> contract.PickupOrder:
    """The order as it is at this moment. Of a protected person only the number goes out, and the unit as contact."""
    customer = order.customer
    assert customer is not None  # a sent order has one: constraint sent_pickup_is_complete
    return contract.PickupOrder(
        order_number=str(order.number),
        patient=patient_ref(order.patient) if order.store is None else None,
        store=contract.StoreRef(store_number=order.store.number, unit_hsa_id=order.unit.hsa_id) if order.store is not None else None,
        orderer=common.person(order.orderer),
        party=common.party(order.unit, customer),
        place=_place(order),
        reason=contract.PickupReason(order.reason),
        load_carrier=order.load_carrier.name if order.load_carrier else None,
        cleaned=bool(order.is_cleaned),
        infection_risk=order.has_infection_risk,
        infection_note=order.infection_note or None,
        items=[_item(item) for item in items],
    )


def _place(order: PickupOrder) -> contract.Delivery:
    """Of a store its number stands beside the address."""
    place = common.delivery(order)
    if order.store is None:
        return place
    return place.model_copy(update={"method": contract.DeliveryMethod.STORE, "store_number": order.store.number})


def _item(item: PickupItem) -> contract.PickupItem:
    article = item.article
    return contract.PickupItem(
        line=item.line,
        supplier_gln=article.supplier.gln,
        supplier_article_number=article.number,
        article_number=article.sesam_number,
        name=article.display_name,
        quantity=item.quantity,
        individual_number=item.individual_number or None,
        part_of_individual=item.part_of_individual or None,
    )


def delivery_change(order: PickupOrder) -> contract.DeliveryChange:
    """Where to fetch, as the order has it now."""
    return contract.DeliveryChange(order_number=str(order.number), delivery=common.delivery(order))


def return_receipt(version: ReceiptVersion, items: Sequence[ReceiptItem], files: Sequence[ReceiptFile]) -> contract.ReturnReceipt:
    """The receipt as this version says it. A name that is typed is a signature as a drawn one is. Of a protected person only the number goes out."""
    patient = version.receipt.patient
    handed_over_by = version.handed_over_by if not patient.is_protected or version.handed_over_by in ROLES else ROLES[-1]
    return contract.ReturnReceipt(
        receipt_number=version.receipt.number,
        order_number=version.order.number if version.order is not None else None,
        version=version.version,
        patient=patient_ref(patient),
        received_by=common.person(version.received_by),
        handed_over_by=handed_over_by,
        received_at=version.received_at,
        place=common.delivery(version),
        signed=version.is_signed,
        unsigned_reason=version.unsigned_reason or None,
        attachments=[common.attachment(file.attachment) for file in files if file.is_sent],
        items=[_returned(item) for item in items],
    )


def _returned(item: ReceiptItem) -> contract.ReturnItem:
    article = item.article
    return contract.ReturnItem(
        supplier_gln=article.supplier.gln,
        supplier_article_number=article.number,
        article_number=article.sesam_number,
        name=article.display_name,
        quantity=item.quantity,
        individual_number=item.individual_number or None,
        condition=contract.Condition(item.condition),
        note=item.note or None,
    )


# --- SESAM2 → ours --------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class AnsweredItem:
    """`is_refused`: the item is cancelled. `quantity` None: as ordered."""

    line: int
    is_refused: bool
    is_added: bool
    quantity: int | None
    reason: str


@dataclasses.dataclass(frozen=True)
class Response:
    """An OrderResponse in our words. `promised_on` is the latest of the days that it gives."""

    answer: Answer
    erp_number: str
    promised_on: datetime.date | None
    reason: str
    items: tuple[AnsweredItem, ...]


def response(body: contract.OrderResponse) -> Response:
    lines = body.lines or []
    days = [day for day in (body.promised_date, *(line.promised_date for line in lines)) if day is not None]
    return Response(
        answer=Answer(body.code.value),
        erp_number=body.erp_order_number,
        promised_on=max(days, default=None),
        reason=body.reason or "",
        items=tuple(
            AnsweredItem(
                line=line.line,
                is_refused=line.status == contract.LineStatus.NOT_ACCEPTED,
                is_added=line.status == contract.LineStatus.ADDED,
                quantity=line.quantity,
                reason=line.reason or "",
            )
            for line in lines
        ),
    )


@dataclasses.dataclass(frozen=True)
class Report:
    """A PickupStatus in our words. `found` is None where it names no items; else whether each was found, by line."""

    state: StatusReport.State
    pickup_on: datetime.date | None
    found: dict[int, bool] | None


class Contradicts(ValueError):
    """The message says of one item both that it was found and that it was not."""


_STATES = {
    contract.PickupState.SCHEDULED: StatusReport.State.PLANNED,
    contract.PickupState.PICKED_UP: StatusReport.State.PICKED_UP,
    contract.PickupState.DEREGISTERED: StatusReport.State.DEREGISTERED,
}


def report(body: contract.PickupStatus) -> Report:
    """Raises `Contradicts`."""
    found: dict[int, bool] | None = None
    if body.items is not None:
        found = {item.line: item.found for item in body.items}
        if any(found[item.line] != item.found for item in body.items):
            raise Contradicts
    return Report(state=_STATES[body.status], pickup_on=body.pickup_date, found=found)
