"""The contract's value types (section 2): what a field may hold, in Python and in JSON Schema.

Each type promises the same both ways: what is built in Python is dumped in the form that the contract demands,
and what is parsed from JSON has been checked. Texts built in Python are put right (NFC, line feeds, no control
characters) since people type them; texts from JSON are refused instead, since the sender must follow the contract.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    WithJsonSchema,
    model_serializer,
)
from pydantic.alias_generators import to_camel

from core.numbers import gln_is_valid, number_is_valid

# So large that no real message meets them, so small that every database column and screen can hold them.
MAX_INTEGER = 2_147_483_647
MAX_QUANTITY = 1_000_000
MAX_IDENTIFIER = 100
MAX_SHORT_TEXT = 500
MAX_TEXT = 10_000

CONTROL = r"\x00-\x1F\x7F-\x9F"
CONTROL_BUT_LINE_FEED = r"\x00-\x09\x0B-\x1F\x7F-\x9F"
_CONTROL_BUT_LINE_FEED = re.compile(f"[{CONTROL_BUT_LINE_FEED}]")
_IDENTIFIER = re.compile(rf"[^\s{CONTROL}](?:[^{CONTROL}]*[^\s{CONTROL}])?")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})")
# A year outside these can not be meant, and overflows when it is moved to another time zone.
YEARS = range(1850, 2201)


class Part(BaseModel):
    """Base of every object in the contract: strict, closed, immutable; camelCase in JSON, snake_case in Python.

    An optional field that is None is left out of the JSON, except those in `KEEP_NULL` that were set on purpose.
    Validation errors never show the value, which may be personal data.
    """

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        alias_generator=lambda name: to_camel(name.rstrip("_")),
        validate_by_name=True,
        validate_by_alias=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    @model_serializer(mode="wrap")
    def _leave_out_absent(self, handler: SerializerFunctionWrapHandler, info: SerializationInfo) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        kept = KEEP_NULL.get(type(self).__name__, frozenset())
        for name, field in type(self).model_fields.items():
            if getattr(self, name) is None and not field.is_required() and not (name in kept and name in self.model_fields_set):
                data.pop((field.alias or name) if info.by_alias else name, None)
        return data


# Where null says something else than absence: `ArticleUpdate` takes an article out of its substitution group so.
KEEP_NULL: dict[str, frozenset[str]] = {"ArticleValues": frozenset({"substitution_group"})}


def _text(value: str, info: ValidationInfo) -> str:
    if info.mode == "python":
        value = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
        return _CONTROL_BUT_LINE_FEED.sub(" ", value)
    if _CONTROL_BUT_LINE_FEED.search(value):
        raise ValueError("control characters other than line feed are not allowed")
    if not unicodedata.is_normalized("NFC", value):
        raise ValueError("the text must be in Unicode normalization form C (NFC)")
    return value


def _one_line(value: str, info: ValidationInfo) -> str:
    value = _text(value, info)
    if info.mode == "python":
        value = value.replace("\n", " ").strip()
    if not _IDENTIFIER.fullmatch(value):
        raise ValueError("must not be empty, begin or end with a blank, or hold a line feed")
    return value


def _matching(pattern: str, text: str, check: Callable[[str], bool] | None = None) -> AfterValidator:
    """A validator that demands the whole pattern and, if given, `check`; `text` says what is demanded."""
    compiled = re.compile(pattern)

    def validate(value: str) -> str:
        if not compiled.fullmatch(value) or (check and not check(value)):
            raise ValueError(text)
        return value

    return AfterValidator(validate)


def _uuid(value: Any, info: ValidationInfo) -> Any:
    if info.mode == "json":
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise ValueError("must be a UUID of 36 characters")
        return UUID(value)
    return value


def _date(value: Any, info: ValidationInfo) -> Any:
    if info.mode == "json":
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise ValueError("must be a date YYYY-MM-DD")
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise ValueError("there is no such day") from None
    if type(value) is not date or value.year not in YEARS:
        raise ValueError("must be a date YYYY-MM-DD between the years 1850 and 2200")
    return value


def _time(value: Any, info: ValidationInfo) -> Any:
    if info.mode == "json":
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise ValueError("must be a time of RFC 3339 with offset")
        try:
            value = datetime.fromisoformat(value.upper())
        except ValueError:
            raise ValueError("there is no such time") from None
    if not isinstance(value, datetime) or value.utcoffset() is None or value.year not in YEARS:
        raise ValueError("must be a time of RFC 3339 with offset between the years 1850 and 2200")
    return value


def _decimal(pattern: str, text: str) -> BeforeValidator:
    compiled = re.compile(pattern)

    def validate(value: Any, info: ValidationInfo) -> Any:
        if info.mode == "json":
            if not isinstance(value, str) or not compiled.fullmatch(value):
                raise ValueError(text)
            value = Decimal(value)
        if not isinstance(value, Decimal) or not value.is_finite() or not compiled.fullmatch(_plain(value)):
            raise ValueError(text)
        return value

    def _plain(value: Decimal) -> str:
        return f"{value:.2f}" if "{2}" in pattern and value == round(value, 2) else f"{value:f}"

    return BeforeValidator(validate)


def _url(value: str) -> str:
    parts = urlsplit(value)
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("must be an absolute address with a host and without a user")
    return value


def _schema(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", **schema})


_IDENTIFIER_PATTERN = rf"^[^\s{CONTROL}]([^{CONTROL}]*[^\s{CONTROL}])?$"
_TEXT_PATTERN = rf"^[^{CONTROL_BUT_LINE_FEED}]*$"


def text(max_length: int, min_length: int = 0) -> Any:
    """Annotation of a text that people write, of so many characters; line feeds are allowed."""
    return (
        Field(min_length=min_length, max_length=max_length),
        AfterValidator(_text),
        _schema(pattern=_TEXT_PATTERN, maxLength=max_length, **({"minLength": min_length} if min_length else {})),
    )


def identifier(max_length: int) -> Any:
    """Annotation of a number, name or code of one line, of so many characters."""
    return (Field(max_length=max_length), AfterValidator(_one_line), _schema(pattern=_IDENTIFIER_PATTERN, minLength=1, maxLength=max_length))


def order_number(prefixes: str, what: str) -> Any:
    """Annotation of a number of section 3 with one of these prefixes."""
    pattern = f"[{prefixes}]-[2-9][0-9]{{3}}-[0-9]{{8}}-[0-9]"
    return (
        _matching(pattern, f"must be {what}: prefix {', '.join(prefixes)}, year, eight digits and the right check digit", number_is_valid),
        _schema(
            pattern=f"^{pattern}$",
            description=f"{what[0].upper()}{what[1:]}. The last digit is a Luhn check digit over the 12 digits of year and running number.",
        ),
    )


Identifier = Annotated[str, *identifier(MAX_IDENTIFIER)]
"""A number, name or code of one line, without blanks around it, taken as it is."""
ShortText = Annotated[str, *text(MAX_SHORT_TEXT)]
Text = Annotated[str, *text(MAX_TEXT)]

Gln = Annotated[
    str,
    _matching(r"[0-9]{13}", "must be a GLN: 13 digits with the right check digit", gln_is_valid),
    _schema(pattern="^[0-9]{13}$", description="GLN; the last digit is GS1's modulus 10 check digit."),
]
Uuid = Annotated[UUID, BeforeValidator(_uuid), _schema(format="uuid", pattern="^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$")]
Date = Annotated[date, BeforeValidator(_date), _schema(format="date", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Time = Annotated[
    datetime,
    BeforeValidator(_time),
    _schema(
        format="date-time",
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        description="RFC 3339 with offset.",
    ),
]

_MONEY_TEXT = "must be an amount as a string with two decimals"
_TWO_DECIMALS = PlainSerializer(lambda value: f"{value:.2f}", return_type=str)
Money = Annotated[
    Decimal,
    _decimal(r"(?:0|[1-9][0-9]{0,11})\.[0-9]{2}", _MONEY_TEXT),
    _TWO_DECIMALS,
    _schema(pattern=r"^(0|[1-9][0-9]{0,11})\.[0-9]{2}$", description="SEK excluding VAT, two decimals."),
]
SignedMoney = Annotated[
    Decimal,
    _decimal(r"-?(?:0|[1-9][0-9]{0,11})\.[0-9]{2}", _MONEY_TEXT),
    _TWO_DECIMALS,
    _schema(pattern=r"^-?(0|[1-9][0-9]{0,11})\.[0-9]{2}$", description="SEK excluding VAT, two decimals; negative for credits."),
]
DecimalText = Annotated[
    Decimal,
    _decimal(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,3})?", "must be a decimal number as a string with at most 3 decimals"),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    _schema(pattern=r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,3})?$", description="Decimal number with at most 3 decimals."),
]
Hours = Annotated[
    Decimal,
    _decimal(r"(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,3})?", "must be a decimal number as a string with at most 3 decimals"),
    PlainSerializer(lambda value: f"{value:f}", return_type=str),
    _schema(pattern=r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,3})?$", description="Decimal number with at most 3 decimals."),
]

Quantity = Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
Count = Annotated[int, Field(ge=0, le=MAX_QUANTITY)]
"""A quantity where 0 may stand."""
Positive = Annotated[int, Field(ge=1, le=MAX_INTEGER)]
"""A line, version or sequence: 1, 2, 3 …"""
NonNegative = Annotated[int, Field(ge=0, le=MAX_INTEGER)]

PostalCode = Annotated[str, _matching(r"[0-9]{5}", "must be 5 digits"), _schema(pattern="^[0-9]{5}$")]
Period = Annotated[str, _matching(r"[0-9]{4}-(?:0[1-9]|1[0-2])", "must be a month YYYY-MM"), _schema(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]
Sha256 = Annotated[str, _matching(r"[0-9a-f]{64}", "must be 64 hexadecimal digits in lower case"), _schema(pattern="^[0-9a-f]{64}$")]
MediaType = Annotated[
    str,
    _matching(r"[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60}", "must be a media type such as application/pdf"),
    _schema(pattern=r"^[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,60}$"),
]
_URL_CHARACTERS = r"[!#-;=?-\[\]_a-z~%]"
HttpsUrl = Annotated[
    str,
    Field(max_length=2000),
    _matching(rf"https://{_URL_CHARACTERS}+", "must be an https address"),
    AfterValidator(_url),
    _schema(format="uri", pattern=rf"^https://{_URL_CHARACTERS}+$", maxLength=2000),
]
HttpUrl = Annotated[
    str,
    Field(max_length=2000),
    _matching(rf"https?://{_URL_CHARACTERS}+", "must be an http or https address"),
    AfterValidator(_url),
    _schema(format="uri", pattern=rf"^https?://{_URL_CHARACTERS}+$", maxLength=2000),
]

CustomerOrderNumber = Annotated[str, *order_number("K", "the number of a kundorder")]
StockOrderNumber = Annotated[str, *order_number("L", "the number of an order to a buffer store")]
StoreMovementNumber = Annotated[str, *order_number("U", "the number of a withdrawal from or return to a store")]
LoanNumber = Annotated[str, *order_number("KU", "the number of a kundorder or a withdrawal")]
WorkOrderNumber = Annotated[str, *order_number("A", "the number of an arbetsorder")]
PickupNumber = Annotated[str, *order_number("H", "the number of a hämtorder")]
ReceiptNumber = Annotated[str, *order_number("R", "the number of an återlämningskvitto")]
FaultReportNumber = Annotated[str, *order_number("F", "the number of a felrapport")]
CorrectionNumber = Annotated[str, *order_number("C", "the number of a stock correction")]
PatientChangeNumber = Annotated[str, *order_number("P", "the number of a change about a patient")]
OrderNumber = Annotated[str, *order_number("KLUAH", "the number of an order")]


class Body(Part):
    """Base of every message's body."""

    SUBJECT: ClassVar[tuple[str, ...]] = ()
    """The fields of which one is the envelope's subject; empty when the body does not hold it."""
    SUBJECT_TYPE: ClassVar[object] = Identifier
    """The type of the subject when the body does not hold it."""

    def names_subject(self, subject: str) -> bool:
        """True when `subject` is what this body is about, as far as the body shows it."""
        return not self.SUBJECT or subject in [getattr(self, name) for name in self.SUBJECT]
