"""What SESAM2 knows of the contract: the JSON Schemas in docs/sesam2/schemas, and the rules that a schema can not say."""

import functools
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "sesam2" / "schemas"
TO_SESAM2 = frozenset(
    [
        "CustomerOrder",
        "StockOrder",
        "StockWithdrawal",
        "WorkOrder",
        "PickupOrder",
        "ReturnReceipt",
        "FaultReport",
        "CancellationRequest",
        "DeliveryChange",
        "CostProposalAnswer",
        "GoodsReceipt",
        "StockReturn",
        "StockCorrection",
        "LostAidFound",
        "LoanChange",
        "PatientIdentityChanged",
        "PayerChanged",
    ]
)
FROM_SESAM2 = frozenset(
    [
        "OrderResponse",
        "DeliveryDelayed",
        "OrderCancelled",
        "CancellationRefused",
        "DeliveryChangeRefused",
        "DespatchAdvice",
        "DeliveryConfirmation",
        "WorkOrderStatus",
        "PickupStatus",
        "FaultReportStatus",
        "FaultReportAnswer",
        "IndividualUpdated",
        "ArticleUpdate",
        "InvoiceBasisAvailable",
    ]
)


class Invalid(Exception):
    """The message breaks the contract; `status` is the answer, `errors` name fields, never values."""

    def __init__(self, status: int, title: str, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(f"{status} {title}: {detail} {errors or ''}")
        self.status, self.title, self.detail, self.errors = status, title, detail, errors or []


def load(raw: bytes) -> Any:
    """The JSON value. Raises Invalid (400) for what two readers could understand in two ways."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("the same name twice")
        return dict(pairs)

    def number(name: str) -> None:
        raise ValueError(name)

    try:
        value = json.loads(raw.decode(), object_pairs_hook=unique, parse_constant=number)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Invalid(400, "Not JSON", "The body is no JSON to rely on.") from None
    return value


def fingerprint(value: Any) -> str:
    """The same for the same JSON value."""

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {name: plain(inner) for name, inner in item.items()}
        if isinstance(item, list):
            return [plain(inner) for inner in item]
        return int(item) if isinstance(item, float) and item.is_integer() else item

    return hashlib.sha256(json.dumps(plain(value), sort_keys=True).encode()).hexdigest()


def check(message: Any, allowed: frozenset[str]) -> str:
    """The messageType of a message that keeps to the contract. Raises Invalid (422)."""
    message_type = message.get("messageType") if isinstance(message, dict) else None
    if message_type not in allowed:
        raise Invalid(422, "Unknown messageType", "There is no such message in this direction.", [{"field": "messageType", "text": "unknown or missing"}])
    errors = [
        {"field": _path(error.absolute_path), "text": f"breaks the schema's {error.validator}"} for error in _validator(message_type).iter_errors(message)
    ]
    errors = errors or list(_beyond_schema(message, ""))
    if not errors and not _names_subject(message):
        errors = [{"field": "subject", "text": "is not what the body is about"}]
    if errors:
        raise Invalid(422, f"Invalid {message_type}", f"{len(errors)} field(s) break the contract.", errors[:50])
    return str(message_type)


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    """ECMA's `$` is the end of the text; Python's would let a line feed pass."""
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError("pattern")


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\$$", r"\\Z", pattern))


@functools.cache
def _validator(message_type: str) -> Any:
    schema = json.loads((SCHEMAS / f"{message_type}.json").read_text(encoding="utf-8"))
    make: Any = extend
    return make(Draft202012Validator, {"pattern": _pattern})(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _path(steps: Any) -> str:
    path = ""
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path or "(message)"


_NUMBER = re.compile(r"[KLUAHRFCP]-(\d{4})-(\d{8})-(\d)")
_NUMBER_FIELDS = {"orderNumber", "receiptNumber", "reportNumber", "correctionNumber"}
_GLN_FIELDS = {"sender", "receiver", "supplierGln"}


def _beyond_schema(value: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            where = f"{path}.{name}" if path else name
            if name in _GLN_FIELDS and not _gln(inner):
                yield {"field": where, "text": "wrong check digit"}
            if name in _NUMBER_FIELDS and inner is not None and not _number(inner):
                yield {"field": where, "text": "wrong check digit"}
            yield from _beyond_schema(inner, where)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _beyond_schema(inner, f"{path}[{index}]")
    elif isinstance(value, str) and not unicodedata.is_normalized("NFC", value):
        yield {"field": path, "text": "not NFC"}


def _gln(value: str) -> bool:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(value[:12]))
    return (10 - total % 10) % 10 == int(value[12])


def _number(value: str) -> bool:
    match = _NUMBER.fullmatch(value)
    if not match:
        return False
    total = 0
    for place, digit in enumerate(reversed(match[1] + match[2])):
        product = int(digit) * (1 if place % 2 else 2)
        total += product // 10 + product % 10
    return (10 - total % 10) % 10 == int(match[3])


_SUBJECTS = {"IndividualUpdated": (), "ArticleUpdate": (), "PatientIdentityChanged": (), "PayerChanged": (), "InvoiceBasisAvailable": ("basisId",)}


def _names_subject(message: dict[str, Any]) -> bool:
    body, subject = message["body"], message["subject"]
    if message["messageType"] == "StockCorrection":
        return subject in (body["correctionNumber"], body["store"]["storeNumber"])
    if message["messageType"] == "ReturnReceipt":
        return bool(subject == body["receiptNumber"])
    if message["messageType"] in ("FaultReport", "FaultReportStatus", "FaultReportAnswer", "LostAidFound"):
        return bool(subject == body["reportNumber"])
    names = _SUBJECTS.get(message["messageType"], ("orderNumber",))
    return not names or subject in [body[name] for name in names]
