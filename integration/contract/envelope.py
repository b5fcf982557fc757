"""The envelope (section 2 of the contract), and the only doors: `parse_incoming` reads, `envelope` and `dump` write."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal, Self, TypeVar
from uuid import UUID

from pydantic import Field, ValidationError, create_model, model_validator

from integration.contract.incoming import INCOMING
from integration.contract.outgoing import OUTGOING
from integration.contract.questions import InvoiceLine
from integration.contract.types import Body, Gln, Identifier, Part, Positive, Time, Uuid

Model = TypeVar("Model", bound=Part)

SCHEMA_VERSION: Final = "1"
MAX_BODY_BYTES = 1024 * 1024
MAX_ERRORS = 50


class ContractError(ValueError):
    """The message breaks the contract. `status` is the HTTP answer; `errors` name fields and never quote values."""

    def __init__(self, status: int, title: str, detail: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors or []

    def problem(self) -> dict[str, Any]:
        """The body of the answer, `application/problem+json` (RFC 9457)."""
        return {"type": "about:blank", "status": self.status, "title": self.title, "detail": self.detail, "errors": self.errors}


class Envelope(Part):
    """What surrounds every message."""

    BODY: ClassVar[type[Body]] = Body

    message_id: Uuid
    """Equal to the one in the path, and to the nonce."""
    message_type: Identifier
    schema_version: Literal["1"]
    created: Time
    sender: Gln
    receiver: Gln
    subject: Identifier
    """The number that the message is about."""
    sequence: Positive
    """1, 2, 3 … per subject and direction, without gaps."""


class _Message(Envelope):
    body: Body

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.body.names_subject(self.subject):
            raise ValueError("subject must be the number that the body is about")
        return self


def _message(name: str, body: type[Body]) -> type[_Message]:
    """The model of a whole message: the envelope with this body."""
    literal: Any = Literal[name]
    subject: Any = body.SUBJECT_TYPE
    if len(body.SUBJECT) == 1:
        field = body.model_fields[body.SUBJECT[0]]
        subject = Annotated[field.annotation, *field.metadata]
    model = create_model(
        f"{name}Message",
        __base__=_Message,
        __doc__=body.__doc__,
        message_type=(literal, Field()),
        subject=(subject, Field(description=_subject_text(body))),
        body=(body, Field()),
    )
    model.BODY = body
    return model


def _subject_text(body: type[Body]) -> str:
    where = " or ".join(f"body.{'store.storeNumber' if name == 'store_number' else body.model_fields[name].alias}" for name in body.SUBJECT)
    return f"The number that the message is about{': equal to ' + where if where else ''}."


MESSAGES: dict[str, type[_Message]] = {name: _message(name, body) for name, body in {**OUTGOING, **INCOMING}.items()}
"""The model of each whole message, envelope and body, both ways."""


def parse_incoming(raw: bytes) -> tuple[Envelope, Body]:
    """Check and read what SESAM2 sent. The caller compares receiver, sender and path with what is expected.

    Raises ContractError: 400 when the bytes are no JSON to rely on, 422 when they are no message of the contract.
    """
    return _parse(raw, INCOMING)


def parse_outgoing(raw: bytes) -> tuple[Envelope, Body]:
    """Check and read what the portal sends, as SESAM2 must. Raises ContractError as `parse_incoming` does."""
    return _parse(raw, OUTGOING)


def _parse(raw: bytes, known: dict[str, type[Body]]) -> tuple[Envelope, Body]:
    data = _load(raw)
    if not isinstance(data, dict):
        raise ContractError(422, "Not a message", "The body must be a JSON object.")
    message_type = data.get("messageType")
    if not isinstance(message_type, str) or message_type not in known:
        errors = [{"field": "messageType", "text": "unknown or missing"}]
        raise ContractError(422, "Unknown messageType", "There is no such message in this direction.", errors)
    message = _validate(MESSAGES[message_type], raw, title=f"Invalid {message_type}")
    return message, message.body


def parse_invoice_line(raw: bytes) -> InvoiceLine:
    """Check and read one line of an invoice basis. Raises ContractError as `parse_incoming` does."""
    _load(raw)
    return _validate(InvoiceLine, raw, title="Invalid invoice line")


def envelope(message_type: str, subject: str, sequence: int, body: Body, *, message_id: UUID, created: datetime, sender: str, receiver: str) -> dict[str, Any]:
    """The whole message as JSON values, absent optional fields left out.

    `created` is aware. Raises ContractError (422) when the parts do not make a message of the contract.
    """
    model = MESSAGES.get(message_type)
    if model is None or type(body) is not model.BODY:
        raise ContractError(422, "Not a message", f"{type(body).__name__} is not the body of {message_type}.")
    try:
        message = model(
            message_id=message_id,
            message_type=message_type,
            schema_version=SCHEMA_VERSION,
            created=created,
            sender=sender,
            receiver=receiver,
            subject=subject,
            sequence=sequence,
            body=body,
        )
    except ValidationError as error:
        raise _contract_error(error, f"Invalid {message_type}") from None
    return message.model_dump(mode="json", by_alias=True)


def dump(message: dict[str, Any]) -> bytes:
    """The bytes to send: compact UTF-8. Raises ContractError (400) for values that are not JSON."""
    try:
        return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise ContractError(400, "Not JSON", "NaN, lone surrogates and too deep nesting are not JSON to rely on.") from None


def fingerprint(raw: bytes) -> str:
    """SHA-256 of the JSON value, the same for the same value however it is written: 200 or 409 is decided by it.

    Raises ContractError (400) when the bytes are no JSON to rely on.
    """
    canonical = json.dumps(_canonical(_load(raw)), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """The value with 1.0 as 1, which are the same number in JSON."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    return value


class _NotReliable(ValueError):
    """JSON that two readers could understand in two ways."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _NotReliable("an object has the same name twice")
    return result


def _constant(_: str) -> None:
    raise _NotReliable("NaN and Infinity are not JSON")


def _load(raw: bytes) -> Any:
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        # Lone surrogates pass the reader, but no database and no other system takes them.
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise ContractError(400, "Not JSON", "The body must be UTF-8 without lone surrogates.") from None
    except RecursionError:
        raise ContractError(400, "Not JSON", "The body is nested too deeply.") from None
    except _NotReliable as error:
        raise ContractError(400, "Not JSON", f"The body can not be relied on: {error}.") from None
    except ValueError:
        raise ContractError(400, "Not JSON", "The body is not JSON.") from None
    return data


def _validate(model: type[Model], raw: bytes, *, title: str) -> Model:
    try:
        return model.model_validate_json(raw, by_alias=True, by_name=False)
    except ValidationError as error:
        raise _contract_error(error, title) from None


def _contract_error(error: ValidationError, title: str) -> ContractError:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return ContractError(400, "Not JSON", "The body is not JSON.")
    errors = [{"field": _path(item["loc"]), "text": item["msg"].removeprefix("Value error, ")} for item in found[:MAX_ERRORS]]
    return ContractError(422, title, f"{len(found)} field(s) break the contract.", errors)


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")


def _path(location: Iterable[int | str]) -> str:
    """body.lines[0].quantity; a name that is no identifier may be data, and is shown as `?`."""
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += ("." if path else "") + (step if _NAME.fullmatch(step) or step == "[key]" else "?")
    return path or "(message)"
