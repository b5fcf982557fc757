"""What the answers to the questions hold (section 6 of the contract)."""

from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from integration.contract.parts import IdType, Line
from integration.contract.types import Count, Date, DecimalText, Identifier, NonNegative, OrderNumber, Part, PostalCode, ShortText, SignedMoney, Text


class InvoiceKind(StrEnum):
    RENT = "RENT"
    SALE = "SALE"
    SALE_WITH_RETURN = "SALE_WITH_RETURN"
    CONSUMABLE = "CONSUMABLE"
    SERVICE = "SERVICE"
    FEE = "FEE"
    CREDIT = "CREDIT"


def _percent(value: Any) -> Any:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            value = Decimal(str(value))
        except InvalidOperation:
            raise ValueError("must be a percentage, such as 25") from None
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= 100:
        raise ValueError("must be a percentage between 0 and 100, such as 25")
    return value


VatRate = Annotated[
    Decimal,
    BeforeValidator(_percent),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    WithJsonSchema({"type": ["string", "number"], "pattern": r"^[0-9]{1,3}(\.[0-9]{1,2})?$", "minimum": 0, "maximum": 100, "description": "Percent: 25."}),
]


class InvoiceLine(Part):
    """One line of an invoice basis (section 6). quantity × unitPrice, rounded half up to the öre, is amount."""

    line: Line
    kind: InvoiceKind
    customer_number: Identifier
    cost_reference: ShortText | None = None
    unit_hsa_id: Identifier | None = None
    patient_id: Identifier | None = None
    order_number: Identifier | None = None
    article_number: Identifier | None = None
    name: ShortText
    iso_code: Identifier | None = None
    individual_number: Identifier | None = None
    from_: Date | None = None
    to: Date | None = None
    days: NonNegative | None = None
    quantity: DecimalText
    unit: ShortText
    unit_price: SignedMoney
    amount: SignedMoney
    vat_rate: VatRate
    text: Text | None = None


class OpenStatus(StrEnum):
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    PARTLY_DELIVERED = "PARTLY_DELIVERED"
    STARTED = "STARTED"
    PLANNED = "PLANNED"


class OpenLine(Part):
    line: Line
    delivered: Count
    outstanding: Count
    cancelled: Count


class OpenOrder(Part):
    """An order that SESAM2 holds open, for the daily reconciliation."""

    order_number: OrderNumber
    erp_order_number: Identifier
    status: OpenStatus
    promised_date: Date | None = None
    lines: list[OpenLine]


class OpenOrders(Part):
    """One page. An empty page is the last one; its `next` is then the cursor that was asked with."""

    orders: list[OpenOrder]
    next: Identifier | None


class RecipientQuestion(Part):
    """SESAM2 asks where a patient lives."""

    id_type: IdType
    id: Identifier


class Recipient(Part):
    """A patient's name and address."""

    protected: Literal[False]
    name: ShortText
    care_of: ShortText | None = None
    street: ShortText
    postal_code: PostalCode
    city: ShortText
    door_code: ShortText | None = None
    phone: ShortText | None = None


class UnitContact(Part):
    unit_name: ShortText
    phone: ShortText


class ProtectedRecipient(Part):
    """A protected person: the unit to contact, and nothing else."""

    protected: Literal[True]
    contact: UnitContact
