"""What the portal says to SESAM2 (section 4 of the contract): orders, receipts and reports, one model per messageType."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from integration.contract import parts
from integration.contract.changes import CHANGES
from integration.contract.parts import (
    Aid,
    ArticleFields,
    Attachment,
    Delivery,
    Line,
    NamedValue,
    Party,
    PatientRef,
    Person,
    Purpose,
    QuantityLine,
    StoreRef,
    forbid,
    protected_delivery,
    require,
)
from integration.contract.types import (
    Body,
    CustomerOrderNumber,
    Date,
    FaultReportNumber,
    Identifier,
    Money,
    OrderNumber,
    Part,
    PickupNumber,
    Positive,
    Quantity,
    ReceiptNumber,
    ShortText,
    StockOrderNumber,
    StoreMovementNumber,
    Text,
    Time,
    WorkOrderNumber,
    text,
)


class OrderLine(ArticleFields):
    line: Line
    quantity: Quantity
    configuration: list[NamedValue] | None = None
    unit_price: Money | None = None
    note: ShortText | None = None


class CustomerOrderLine(OrderLine):
    main_line: Line | None = None
    """The line of the main aid that this accessory belongs to."""
    individual_number: Identifier | None = None
    """The aid that the patient has and that this component goes to."""


class CustomerOrder(Body):
    """A kundorder: aids to a patient."""

    model_config = ConfigDict(json_schema_extra={"allOf": [parts.ENDS_ON_RULE, protected_delivery("delivery")]})
    SUBJECT = ("order_number",)

    order_number: CustomerOrderNumber
    patient: PatientRef
    orderer: Person
    prescriber: Person
    party: Party
    purpose: Purpose
    ends_on: Date | None = None
    """Only for TRIAL and SHORT_TERM."""
    urgent: bool
    requested_date: Date | None = None
    accept_equivalent: bool
    deliver_together: bool
    delivery: Delivery
    lines: Annotated[list[CustomerOrderLine], Field(min_length=1)]
    attachments: list[Attachment]

    @model_validator(mode="after")
    def _check(self) -> Self:
        parts.refuse_ends_on(self.purpose, self.ends_on)
        parts.refuse_personal_delivery(self.patient, self.delivery)
        parts.refuse_repeated_lines(self.lines)
        numbers = {line.line for line in self.lines}
        if any(line.main_line is not None and (line.main_line == line.line or line.main_line not in numbers) for line in self.lines):
            raise ValueError("mainLine must be another line of the order")
        return self


class StockReason(StrEnum):
    MANUAL = "MANUAL"
    REPLENISHMENT = "REPLENISHMENT"


class StockOrder(Body):
    """An order to a buffer store; it never carries patient data."""

    model_config = ConfigDict(json_schema_extra={"allOf": [forbid({"reason": "REPLENISHMENT"}, "orderer"), require({"reason": "MANUAL"}, "orderer")]})
    SUBJECT = ("order_number",)

    order_number: StockOrderNumber
    store: StoreRef
    orderer: Person | None = None
    """Absent for REPLENISHMENT."""
    party: Party
    reason: StockReason
    requested_date: Date | None = None
    lines: Annotated[list[OrderLine], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.orderer is None) != (self.reason == StockReason.REPLENISHMENT):
            raise ValueError("orderer must be there for MANUAL and absent for REPLENISHMENT")
        parts.refuse_repeated_lines(self.lines)
        return self


class StockWithdrawal(Body):
    """Aids already handed over to a patient from a store; starts rent. A refusal (RE) is a notice only: loan and stock stand."""

    SUBJECT = ("order_number",)

    order_number: StoreMovementNumber
    store: StoreRef
    patient: PatientRef
    orderer: Person
    prescriber: Person
    party: Party
    withdrawn_at: Time
    lines: Annotated[list[QuantityLine], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        parts.refuse_repeated_lines(self.lines)
        return self


class WorkKind(StrEnum):
    REPAIR = "REPAIR"
    ADAPTATION = "ADAPTATION"
    SPECIAL_ADAPTATION = "SPECIAL_ADAPTATION"
    ASSEMBLY = "ASSEMBLY"
    INSTALLATION = "INSTALLATION"
    CONSULTATION = "CONSULTATION"


class Side(StrEnum):
    LEFT = "LEFT"
    RIGHT = "RIGHT"
    BOTH = "BOTH"


class WorkPlace(StrEnum):
    CENTRE = "CENTRE"
    ON_SITE = "ON_SITE"
    REMOTE = "REMOTE"


class WorkOrder(Body):
    """An arbetsorder. Sent again under its number, with the next sequence, after completion: the newer one holds."""

    model_config = ConfigDict(json_schema_extra={"allOf": [protected_delivery("delivery")]})
    SUBJECT = ("order_number",)

    order_number: WorkOrderNumber
    kind: WorkKind
    patient: PatientRef | None = None
    orderer: Person
    party: Party
    requested_date: Date | None = None
    on_call: bool
    """jour"""
    aid: Aid | None = None
    aid_location: ShortText | None = None
    purpose: Text | None = None
    need: Text | None = None
    description: Annotated[str, *text(4000)]
    side: Side | None = None
    place: WorkPlace
    delivery: Delivery
    patient_can_come: bool | None = None
    loaner_needed: bool
    infection_risk: bool
    infection_note: ShortText | None = None
    urgent: bool
    cost_proposal_wanted: bool
    risk_analysis_done: bool | None = None
    priority: Literal[1, 2, 3] | None = None
    attachments: list[Attachment]

    @model_validator(mode="after")
    def _check(self) -> Self:
        parts.refuse_personal_delivery(self.patient, self.delivery)
        return self


class PickupReason(StrEnum):
    NOT_NEEDED = "NOT_NEEDED"
    EXCHANGE = "EXCHANGE"
    DECEASED = "DECEASED"
    MOVED = "MOVED"
    WRONG_DELIVERY = "WRONG_DELIVERY"
    END_OF_TRIAL = "END_OF_TRIAL"
    INVESTIGATION = "INVESTIGATION"
    OTHER = "OTHER"


class PickupItem(QuantityLine):
    part_of_individual: Identifier | None = None


class PickupOrder(Body):
    """A hämtorder: aids to fetch from a patient or from a store, never both."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [protected_delivery("place")],
            "oneOf": [
                {"required": ["patient"], "properties": {"patient": {"type": "object"}, "store": {"type": "null"}}},
                {"required": ["store"], "properties": {"store": {"type": "object"}, "patient": {"type": "null"}}},
            ],
        }
    )
    SUBJECT = ("order_number",)

    order_number: PickupNumber
    patient: PatientRef | None = None
    store: StoreRef | None = None
    orderer: Person
    party: Party
    place: Delivery
    reason: PickupReason
    load_carrier: ShortText | None = None
    """lastbärare"""
    cleaned: bool
    infection_risk: bool
    infection_note: ShortText | None = None
    items: Annotated[list[PickupItem], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.patient is None) == (self.store is None):
            raise ValueError("exactly one of patient and store must be there")
        parts.refuse_personal_delivery(self.patient, self.place)
        parts.refuse_repeated_lines(self.items)
        return self


class Condition(StrEnum):
    OK = "OK"
    WORN = "WORN"
    DAMAGED = "DAMAGED"
    INCOMPLETE = "INCOMPLETE"


class ReturnItem(ArticleFields):
    quantity: Quantity
    individual_number: Identifier | None = None
    condition: Condition
    note: ShortText | None = None


class ReturnReceipt(Body):
    """An återlämningskvitto. A corrected one is sent again with its next version."""

    model_config = ConfigDict(json_schema_extra={"allOf": [forbid({"signed": True}, "unsignedReason"), protected_delivery("place")]})
    SUBJECT = ("receipt_number",)

    receipt_number: ReceiptNumber
    order_number: PickupNumber | None = None
    """The pickup's."""
    version: Positive
    patient: PatientRef
    received_by: Person
    handed_over_by: ShortText
    received_at: Time
    place: Delivery
    signed: bool
    unsigned_reason: ShortText | None = None
    attachments: list[Attachment]
    items: Annotated[list[ReturnItem], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.signed and self.unsigned_reason is not None:
            raise ValueError("unsignedReason goes only with an unsigned receipt")
        parts.refuse_personal_delivery(self.patient, self.place)
        return self


class FaultAbout(StrEnum):
    PRODUCT = "PRODUCT"
    SERVICE = "SERVICE"


class FaultType(StrEnum):
    COMPLAINT = "COMPLAINT"
    DELIVERY = "DELIVERY"
    NEGATIVE_EVENT = "NEGATIVE_EVENT"
    NEAR_MISS = "NEAR_MISS"
    NOT_DEREGISTERED = "NOT_DEREGISTERED"
    LOST = "LOST"


class InvoiceLineRef(Part):
    basis_id: Identifier
    line: Line


class FaultReport(Body):
    """A felrapport about an aid or about the service."""

    SUBJECT = ("report_number",)

    report_number: FaultReportNumber
    about: FaultAbout
    type: FaultType
    reporter: Person
    party: Party
    patient: PatientRef | None = None
    aid: Aid | None = None
    store: StoreRef | None = None
    order_number: OrderNumber | None = None
    despatch_number: Identifier | None = None
    invoice_line: InvoiceLineRef | None = None
    place: ShortText | None = None
    present: ShortText | None = None
    """The roles of those who were there, never names."""
    happened_on: Date
    description: Text
    measures: Text | None = None
    replacement_wanted: bool | None = None
    sends_aid_in: bool | None = None
    reported_to_authority: bool | None = None
    answer_wanted: bool
    attachments: list[Attachment]


_OWN: tuple[type[Body], ...] = (CustomerOrder, StockOrder, StockWithdrawal, WorkOrder, PickupOrder, ReturnReceipt, FaultReport)

OUTGOING: dict[str, type[Body]] = {model.__name__: model for model in (*_OWN, *CHANGES)}
