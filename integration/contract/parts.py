"""Codes and objects that several messages of the contract share (section 4, common parts)."""

import re
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from integration.contract.types import (
    Gln,
    HttpUrl,
    Identifier,
    MediaType,
    NonNegative,
    Part,
    Positive,
    PostalCode,
    Quantity,
    Sha256,
    ShortText,
    identifier,
    text,
)


class IdType(StrEnum):
    PERSONNUMMER = "PERSONNUMMER"
    SAMORDNINGSNUMMER = "SAMORDNINGSNUMMER"
    NRID = "NRID"
    VGR_RESERV = "VGR_RESERV"
    LMA = "LMA"


class Purpose(StrEnum):
    LOAN = "LOAN"
    TRIAL = "TRIAL"
    SHORT_TERM = "SHORT_TERM"


class DeliveryMethod(StrEnum):
    HOME = "HOME"
    DELIVERY_POINT = "DELIVERY_POINT"
    UNIT = "UNIT"
    STORE = "STORE"
    CENTRE = "CENTRE"
    MANUAL_CONTACT = "MANUAL_CONTACT"


class NotifyBy(StrEnum):
    EMAIL = "EMAIL"
    SMS = "SMS"
    LETTER = "LETTER"
    PHONE = "PHONE"


class ResponseCode(StrEnum):
    """Peppol's response codes: received, accepted, accepted with changes, refused."""

    AB = "AB"
    AP = "AP"
    CA = "CA"
    RE = "RE"


class LineStatus(IntEnum):
    """Peppol's line status: added, changed, accepted, not accepted, already delivered."""

    ADDED = 1
    CHANGED = 3
    ACCEPTED = 5
    NOT_ACCEPTED = 7
    ALREADY_DELIVERED = 42


class PlaceType(StrEnum):
    RESIDENCE = "RESIDENCE"
    DELIVERY_POINT = "DELIVERY_POINT"
    UNIT = "UNIT"
    STORE = "STORE"
    HOSPITAL = "HOSPITAL"


class ChargingForm(StrEnum):
    PURCHASE = "PURCHASE"
    RENT = "RENT"
    PURCHASE_WITH_RETURN = "PURCHASE_WITH_RETURN"


def require(fields: dict[str, Any], *required: str) -> dict[str, Any]:
    """A JSON Schema condition: where the properties have these constants, `required` must be there and not null."""
    return {"if": when(fields), "then": {"required": list(required), "properties": {name: {"not": {"type": "null"}} for name in required}}}


def forbid(fields: dict[str, Any], *forbidden: str) -> dict[str, Any]:
    """A JSON Schema condition: where the properties have these constants, `forbidden` must be absent or null."""
    return {"if": when(fields), "then": {"properties": {name: {"type": "null"} for name in forbidden}}}


def when(fields: dict[str, Any]) -> dict[str, Any]:
    """The condition itself: each property is there and has the constant, or one of the list's."""
    return {
        "properties": {name: {"enum": value} if isinstance(value, list) else {"const": value} for name, value in fields.items()},
        "required": list(fields),
    }


def _integer(value: Any) -> Any:
    if type(value) not in {int, LineStatus}:
        raise ValueError("must be an integer")
    return value


class Party(Part):
    """Who orders and who pays."""

    unit_hsa_id: Identifier
    unit_name: ShortText
    customer_number: Identifier
    """kundnummer"""
    payer_number: Identifier
    """betalare"""


class Person(Part):
    """A member of staff, never the patient."""

    hsa_id: Identifier
    name: ShortText
    phone: ShortText
    email: ShortText | None = None
    profession: ShortText


_TWELVE = re.compile(r"[0-9A-Z]{12}")


class PatientRef(Part):
    """The patient's number with its type. For a protected person the name is null and nothing else of the person goes out."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"if": {"properties": {"idType": {"not": {"const": "LMA"}}}}, "then": {"properties": {"id": {"pattern": "^[0-9A-Z]{12}$"}}}},
                {"if": when({"protected": True}), "then": {"properties": {"name": {"type": "null"}}}},
            ]
        }
    )

    id_type: IdType
    id: Annotated[str, *identifier(35)]
    """12 characters without separator; LMA free, at most 35."""
    name: ShortText | None
    protected: bool

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.id_type != IdType.LMA and not _TWELVE.fullmatch(self.id):
            raise ValueError("id must be 12 characters, digits and capitals, unless idType is LMA")
        if self.protected and self.name is not None:
            raise ValueError("name must be null for a protected person")
        return self


class ArticleFields(Part):
    """An article, by its supplier's number and, when known, SESAM2's own."""

    supplier_gln: Gln
    supplier_article_number: Identifier
    article_number: Identifier | None = None
    name: ShortText


class StoreRef(Part):
    """A buffer store."""

    store_number: Identifier
    unit_hsa_id: Identifier


class NamedValue(Part):
    """A choice of configuration."""

    name: ShortText
    value: ShortText


class Aid(Part):
    """The aid that a work order or a fault report is about."""

    individual_number: Identifier | None = None
    article_number: Identifier | None = None
    name: ShortText


class Attachment(Part):
    """A file, fetched by SESAM2 from the portal with a signed GET of `url`."""

    file_name: ShortText
    media_type: MediaType
    size: NonNegative
    """Bytes."""
    sha256: Sha256
    url: HttpUrl


_ADDRESS = ("recipient_name", "care_of", "street", "postal_code", "city", "door_code", "no_door_code")
_POINTS = ("delivery_point_number", "store_number")
# What a manual contact may not carry: everything but the unit's contact.
_NOT_MANUAL = (*_ADDRESS, *_POINTS, "notify", "instructions")
# What may lead to a protected person, whatever the method.
_PERSONAL = ("recipient_name", "care_of", "door_code", "no_door_code", "notify")
_NEVER_FOR_PROTECTED = (DeliveryMethod.HOME, DeliveryMethod.DELIVERY_POINT)


def _camel(*names: str) -> list[str]:
    head_and_tail = (name.split("_") for name in names)
    return [parts[0] + "".join(part.title() for part in parts[1:]) for parts in head_and_tail]


class Delivery(Part):
    """Where to, how and whom to tell. MANUAL_CONTACT carries, besides method and hospital, only the unit's contact."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                forbid({"method": "MANUAL_CONTACT"}, *_camel(*_NOT_MANUAL)),
                forbid({"method": ["HOME", "UNIT", "STORE", "CENTRE"]}, "deliveryPointNumber"),
                forbid({"method": ["HOME", "UNIT", "DELIVERY_POINT", "CENTRE"]}, "storeNumber"),
                forbid({"noDoorCode": True}, "doorCode"),
            ]
        }
    )

    method: DeliveryMethod
    recipient_name: ShortText | None = None
    care_of: ShortText | None = None
    street: ShortText | None = None
    postal_code: PostalCode | None = None
    city: ShortText | None = None
    door_code: ShortText | None = None
    """portkod"""
    no_door_code: bool | None = None
    """The house has no portkod."""
    hospital: bool
    """The patient is in hospital; then the receipt never counts as the patient's own."""
    contact_name: ShortText | None = None
    contact_phone: ShortText | None = None
    notify: dict[NotifyBy, ShortText] | None = None
    """How the recipient is told, and the address or number for it."""
    instructions: Annotated[str, *text(500)] | None = None
    delivery_point_number: Identifier | None = None
    """Only with DELIVERY_POINT."""
    store_number: Identifier | None = None
    """Only with STORE."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.method == DeliveryMethod.MANUAL_CONTACT and any(getattr(self, name) is not None for name in _NOT_MANUAL):
            raise ValueError("MANUAL_CONTACT carries only hospital, contactName and contactPhone")
        if self.delivery_point_number is not None and self.method != DeliveryMethod.DELIVERY_POINT:
            raise ValueError("deliveryPointNumber goes only with DELIVERY_POINT")
        if self.store_number is not None and self.method != DeliveryMethod.STORE:
            raise ValueError("storeNumber goes only with STORE")
        if self.no_door_code and self.door_code is not None:
            raise ValueError("doorCode and noDoorCode exclude each other")
        return self

    def tells_of_person(self) -> bool:
        """True when this could lead to a person's home or contacts, which must never go out for a protected person."""
        return self.method in _NEVER_FOR_PROTECTED or any(getattr(self, name) is not None for name in _PERSONAL)


def refuse_personal_delivery(patient: PatientRef | None, delivery: Delivery) -> None:
    """ValueError when a protected person's message would carry more of the person than the number."""
    if patient is not None and patient.protected and delivery.tells_of_person():
        raise ValueError("for a protected person neither home, delivery point, recipient, c/o, door code nor notification may go out")


def protected_delivery(field: str) -> dict[str, Any]:
    """The same rule as `refuse_personal_delivery` in JSON Schema; `field` is the name of the Delivery."""
    return {
        "if": {"properties": {"patient": {"type": "object", **when({"protected": True})}}, "required": ["patient"]},
        "then": {
            "properties": {
                field: {
                    "properties": {
                        "method": {"not": {"enum": [str(method) for method in _NEVER_FOR_PROTECTED]}},
                        **{name: {"type": "null"} for name in _camel(*_PERSONAL)},
                    }
                }
            }
        },
    }


def refuse_ends_on(purpose: Purpose, ends_on: object) -> None:
    """ValueError when a loan without end carries an end."""
    if ends_on is not None and purpose == Purpose.LOAN:
        raise ValueError("endsOn goes only with TRIAL and SHORT_TERM")


ENDS_ON_RULE = forbid({"purpose": "LOAN"}, "endsOn")


def _distinct(values: list[int]) -> list[int]:
    if len(values) != len(set(values)):
        raise ValueError("the same line stands twice")
    return values


Line = Positive
Lines = Annotated[list[Line], Field(min_length=1, max_length=10_000, json_schema_extra={"uniqueItems": True}), AfterValidator(_distinct)]
"""Some lines of the order; never empty, since that could be read as none or as all."""
Status = Annotated[LineStatus, BeforeValidator(_integer)]


class QuantityLine(ArticleFields):
    """An article with its line and quantity."""

    line: Line
    quantity: Quantity
    individual_number: Identifier | None = None


def refuse_repeated_lines(lines: list[Any]) -> None:
    """ValueError when two lines of an order have the same number."""
    _distinct([line.line for line in lines])
