"""What SESAM2 says to the portal (section 5 of the contract): one model per messageType."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from integration.contract.parts import ChargingForm, Line, Lines, PlaceType, ResponseCode, Status, require
from integration.contract.types import (
    Body,
    Count,
    Date,
    FaultReportNumber,
    Gln,
    Hours,
    HttpsUrl,
    Identifier,
    Money,
    NonNegative,
    OrderNumber,
    Part,
    Period,
    PickupNumber,
    Positive,
    Quantity,
    ShortText,
    SignedMoney,
    Text,
    Time,
    WorkOrderNumber,
)


class Replacement(Part):
    """The article that comes instead."""

    supplier_gln: Gln
    supplier_article_number: Identifier
    article_number: Identifier
    name: ShortText


class ResponseLine(Part):
    line: Line
    status: Status
    """1 added, 3 changed, 5 accepted, 7 not accepted (the line is cancelled), 42 already delivered."""
    quantity: Quantity | None = None
    promised_date: Date | None = None
    replacement: Replacement | None = None
    reason: Text | None = None


_PROMISE_PREFIXES = ("K-", "L-", "A-", "H-")


class OrderResponse(Body):
    """AB received; AP accepted; CA accepted with changes, every line listed; RE refused, a new order is needed.

    AP carries promisedDate for K, L, A and H. erpOrderNumber is set once: a message with another one later is parked.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {
                    "if": {
                        "properties": {"code": {"const": "AP"}, "orderNumber": {"type": "string", "pattern": "^[KLAH]-"}},
                        "required": ["code", "orderNumber"],
                    },
                    "then": {"required": ["promisedDate"], "properties": {"promisedDate": {"not": {"type": "null"}}}},
                },
                require({"code": "CA"}, "lines"),
                {
                    "if": {"properties": {"code": {"const": "CA"}}, "required": ["code"]},
                    "then": {"properties": {"lines": {"minItems": 1}}},
                },
            ]
        }
    )
    SUBJECT = ("order_number",)

    order_number: OrderNumber
    erp_order_number: Identifier
    code: ResponseCode
    promised_date: Date | None = None
    reason: Text | None = None
    lines: list[ResponseLine] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.code == ResponseCode.AP and self.promised_date is None and self.order_number.startswith(_PROMISE_PREFIXES):
            raise ValueError("promisedDate must be there when a K, L, A or H order is accepted (AP)")
        if self.code == ResponseCode.CA and not self.lines:
            raise ValueError("lines must list every line when the code is CA")
        return self


class DeliveryDelayed(Body):
    """A new date, or none known yet. Without lines it concerns the whole order."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    promised_date: Date | None = None
    """Absent: not known yet."""
    previous_date: Date | None = None
    reason: Text
    lines: Lines | None = None


class CancelledReason(StrEnum):
    OUT_OF_STOCK = "OUT_OF_STOCK"
    DISCONTINUED = "DISCONTINUED"
    PATIENT_NOT_REACHED = "PATIENT_NOT_REACHED"
    ADDRESS = "ADDRESS"
    NOT_PERMITTED = "NOT_PERMITTED"
    DUPLICATE = "DUPLICATE"
    ITEM_MISSING = "ITEM_MISSING"
    REQUESTED = "REQUESTED"
    OTHER = "OTHER"


class OrderCancelled(Body):
    """The order, or those lines, will not be delivered or done."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    reason_code: CancelledReason
    reason: Text
    lines: Lines | None = None
    """Absent: the whole order."""
    new_order_required: bool


class CancellationRefused(Body):
    """The order lives on as it was."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    reason: Text


class DeliveryChangeRefused(Body):
    """The delivery stays as it was."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    reason: Text


class DespatchedIndividual(Part):
    individual_number: Identifier | None = None
    serial_number: Identifier | None = None


class DespatchLine(Part):
    line: Line
    quantity: Quantity
    outstanding: Count
    individuals: list[DespatchedIndividual] | None = None
    lot: Identifier | None = None
    udi: Identifier | None = None


class DespatchAdvice(Body):
    """Part or all is on its way; for an order to a store, its följesedel."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    despatch_number: Identifier
    despatched_at: Time
    expected_date: Date | None = None
    carrier: ShortText | None = None
    tracking_url: HttpsUrl | None = None
    lines: Annotated[list[DespatchLine], Field(min_length=1)]


class DeliveredLine(Part):
    line: Line
    quantity: Quantity
    individual_numbers: list[Identifier] | None = None


class DeliveryConfirmation(Body):
    """Delivered. A patient's order is receipted only when signed at RESIDENCE or DELIVERY_POINT. Without lines: all that was despatched."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    despatch_number: Identifier | None = None
    delivered_at: Time
    place_type: PlaceType
    signed: bool
    signed_by: ShortText | None = None
    """Role or name."""
    lines: Annotated[list[DeliveredLine], Field(min_length=1)] | None = None


class WorkStatus(StrEnum):
    PLANNED = "PLANNED"
    STARTED = "STARTED"
    WAITING = "WAITING"
    NEEDS_COMPLETION = "NEEDS_COMPLETION"
    COMPLETED = "COMPLETED"


class WorkPart(Part):
    article_number: Identifier
    name: ShortText
    quantity: Quantity


class WorkReport(Part):
    summary: Text
    hours: Hours | None = None
    parts: list[WorkPart] | None = None
    by_name: ShortText | None = None


class CostProposal(Part):
    amount: Money
    text: Text


class WorkOrderStatus(Body):
    """How far an arbetsorder has come."""

    SUBJECT = ("order_number",)

    order_number: WorkOrderNumber
    status: WorkStatus
    planned_date: Date | None = None
    report: WorkReport | None = None
    cost_proposal: CostProposal | None = None
    late_reason: Text | None = None


class PickupState(StrEnum):
    SCHEDULED = "SCHEDULED"
    PICKED_UP = "PICKED_UP"
    DEREGISTERED = "DEREGISTERED"


class FoundItem(Part):
    line: Line
    found: bool


class PickupStatus(Body):
    """How far a hämtorder has come. Items found are ended loans; those not found are cancelled alone and their rent restarts.
    DEREGISTERED without items is about all that nothing else is said of.
    """

    SUBJECT = ("order_number",)

    order_number: PickupNumber
    status: PickupState
    pickup_date: Date | None = None
    items: list[FoundItem] | None = None


class FaultState(StrEnum):
    RECEIVED = "RECEIVED"
    INVESTIGATING = "INVESTIGATING"
    ANSWERED = "ANSWERED"
    CLOSED = "CLOSED"


class FaultReportStatus(Body):
    SUBJECT = ("report_number",)

    report_number: FaultReportNumber
    status: FaultState
    erp_case_number: Identifier | None = None


class FaultReportAnswer(Body):
    """Shown to the reporter only if answerToReporter is true."""

    SUBJECT = ("report_number",)

    report_number: FaultReportNumber
    answer_to_reporter: bool
    answer: Text
    answered_by: ShortText | None = None
    answered_at: Time


class IndividualUpdated(Body):
    """An individual got another number, or its next inspection a day. The subject is the individual's number."""

    individual_number: Identifier
    replaced_by: Identifier | None = None
    next_inspection: Date | None = None
    note: Text | None = None


class DeliveryClass(StrEnum):
    STOCKED = "STOCKED"
    ORDERED = "ORDERED"
    LONG = "LONG"


class Availability(StrEnum):
    IN_STOCK = "IN_STOCK"
    LOW = "LOW"
    OUT = "OUT"


class SubstitutionGroupRef(Part):
    number: Identifier
    fixed: bool


class ArticleValues(Part):
    """The centre's own values on top of the feed. What is absent stays; a substitutionGroup of null takes the article out of its group.

    In Python: `"substitution_group" in values.model_fields_set` tells null from absent.
    """

    supplier_gln: Gln
    supplier_article_number: Identifier
    article_number: Identifier | None = None
    published: bool | None = None
    orderable: bool | None = None
    in_assortment: bool | None = None
    may_be_component: bool | None = None
    charging_form: ChargingForm | None = None
    individual_marked: bool | None = None
    delivery_class: DeliveryClass | None = None
    availability: Availability | None = None
    substitution_group: SubstitutionGroupRef | None = None
    price: Money | None = None
    extra_text: Text | None = None


class ArticleUpdate(Body):
    """At most 1,000 articles. The subject is ARTICLES."""

    SUBJECT_TYPE = Literal["ARTICLES"]

    articles: Annotated[list[ArticleValues], Field(min_length=1, max_length=1000)]


class InvoiceBasisAvailable(Body):
    """A basis lies ready; the portal fetches its lines."""

    SUBJECT = ("basis_id",)

    basis_id: Identifier
    period: Period
    payer_number: Identifier
    version: Positive
    line_count: NonNegative
    total: SignedMoney
    credits: SignedMoney | None = None
    corrects: Identifier | None = None
    """basisId of the basis that this one corrects."""


INCOMING: dict[str, type[Body]] = {
    model.__name__: model
    for model in (
        OrderResponse,
        DeliveryDelayed,
        OrderCancelled,
        CancellationRefused,
        DeliveryChangeRefused,
        DespatchAdvice,
        DeliveryConfirmation,
        WorkOrderStatus,
        PickupStatus,
        FaultReportStatus,
        FaultReportAnswer,
        IndividualUpdated,
        ArticleUpdate,
        InvoiceBasisAvailable,
    )
}
