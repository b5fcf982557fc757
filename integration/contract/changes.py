"""What the portal says to SESAM2 about what was sent before, and about stores and patients (section 4 of the contract)."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from integration.contract import parts
from integration.contract.parts import ArticleFields, Delivery, Line, Lines, PatientRef, Person, Purpose, QuantityLine, StoreRef
from integration.contract.types import (
    Body,
    CorrectionNumber,
    Count,
    Date,
    FaultReportNumber,
    Identifier,
    LoanNumber,
    OrderNumber,
    Part,
    PatientChangeNumber,
    ShortText,
    StoreMovementNumber,
    Time,
    WorkOrderNumber,
    text,
)


class CancelReason(StrEnum):
    WRONG_ARTICLE = "WRONG_ARTICLE"
    WRONG_PATIENT = "WRONG_PATIENT"
    NOT_NEEDED = "NOT_NEEDED"
    DECEASED = "DECEASED"
    CHANGED_NEED = "CHANGED_NEED"
    OTHER = "OTHER"


class CancellationRequest(Body):
    """Asks for an order, or some lines, to be cancelled; answered by OrderCancelled or CancellationRefused."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    reason: CancelReason
    note: Annotated[str, *text(500, min_length=1)]
    lines: Lines | None = None
    """Absent: the whole order."""


class DeliveryChange(Body):
    """Address or contact changed before despatch; answered only when refused, by DeliveryChangeRefused."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    delivery: Delivery


class CostProposalAnswer(Body):
    """The answer to a WorkOrderStatus with a costProposal."""

    SUBJECT = ("order_number",)

    order_number: WorkOrderNumber
    approved: bool
    by: Person
    note: ShortText | None = None


class ReceivedLine(Part):
    line: Line
    received: Count
    missing: Count
    damaged: Count
    individual_numbers: list[Identifier] | None = None
    note: ShortText | None = None


class GoodsReceipt(Body):
    """What a store found in a delivery."""

    SUBJECT = ("order_number",)

    order_number: OrderNumber
    despatch_number: Identifier
    received_at: Time
    received_by: Person
    lines: Annotated[list[ReceivedLine], Field(min_length=1)]


class StockReturn(Body):
    """From a patient back into the store; ends rent."""

    SUBJECT = ("order_number",)

    order_number: StoreMovementNumber
    store: StoreRef
    patient: PatientRef
    returned_at: Time
    received_by: Person
    lines: Annotated[list[QuantityLine], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        parts.refuse_repeated_lines(self.lines)
        return self


class CorrectionReason(StrEnum):
    COUNT = "COUNT"
    SCRAPPED = "SCRAPPED"
    LOST = "LOST"
    FOUND = "FOUND"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"


def _not_zero(value: int) -> int:
    if value == 0:
        raise ValueError("must not be 0")
    return value


class CorrectionLine(ArticleFields):
    line: Line
    individual_number: Identifier | None = None
    difference: Annotated[int, Field(ge=-1_000_000, le=1_000_000, json_schema_extra={"not": {"const": 0}}), AfterValidator(_not_zero)]
    reason: CorrectionReason
    note: ShortText | None = None


class StockCorrection(Body):
    """A store's stock differs from the ledger. The subject is the correction's number or its store's."""

    SUBJECT = ("correction_number", "store_number")

    correction_number: CorrectionNumber
    store: StoreRef
    corrected_at: Time
    by: Person
    lines: Annotated[list[CorrectionLine], Field(min_length=1)]

    @property
    def store_number(self) -> str:
        return self.store.store_number

    @model_validator(mode="after")
    def _check(self) -> Self:
        parts.refuse_repeated_lines(self.lines)
        return self


class LostAidFound(Body):
    """An aid that a felrapport said was lost has been found."""

    SUBJECT = ("report_number",)

    report_number: FaultReportNumber
    found_on: Date
    note: ShortText | None = None


class LoanChange(Body):
    """A trial becomes a loan, or a short term is prolonged."""

    model_config = ConfigDict(json_schema_extra={"allOf": [parts.ENDS_ON_RULE]})
    SUBJECT = ("order_number",)

    order_number: LoanNumber
    lines: Lines
    purpose: Purpose
    ends_on: Date | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        parts.refuse_ends_on(self.purpose, self.ends_on)
        return self


class PatientIdentityChanged(Body):
    """A patient has a new number. The subject is the change's own number, from the series P."""

    SUBJECT_TYPE = PatientChangeNumber

    from_: PatientRef
    to: PatientRef


class PayerChanged(Body):
    """Somebody else pays for a patient from a day on. The subject is the change's own number, from the series P."""

    SUBJECT_TYPE = PatientChangeNumber

    patient: PatientRef
    customer_number: Identifier
    payer_number: Identifier
    valid_from: Date


CHANGES: tuple[type[Body], ...] = (
    CancellationRequest,
    DeliveryChange,
    CostProposalAnswer,
    GoodsReceipt,
    StockReturn,
    StockCorrection,
    LostAidFound,
    LoanChange,
    PatientIdentityChanged,
    PayerChanged,
)
