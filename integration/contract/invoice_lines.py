"""A line of an invoice basis read fast: there may be a million of them.

`read_invoice_line` takes and refuses exactly what `parse_invoice_line` does. What is plain (most of what any sender writes) is checked here by hand;
at anything else, right or wrong, the model is asked.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from integration.contract.envelope import parse_invoice_line
from integration.contract.questions import InvoiceKind, InvoiceLine
from integration.contract.types import MAX_IDENTIFIER, MAX_INTEGER, MAX_SHORT_TEXT, MAX_TEXT, YEARS

INVOICE_LINE_FIELDS: tuple[str, ...] = tuple(InvoiceLine.model_fields)
"""The names that `read_invoice_line` gives values for, in their order: those of `InvoiceLine`."""
MAX_INVOICE_LINE_BYTES = 256 * 1024
"""No line of the contract is longer, even with every character of its texts escaped."""

_NAMES = tuple(field.alias or name for name, field in InvoiceLine.model_fields.items())
_REQUIRED = frozenset(field.alias or name for name, field in InvoiceLine.model_fields.items() if field.is_required())
_KNOWN = frozenset(_NAMES)
_KINDS = frozenset(InvoiceKind)
# Name, whether it must be there, and how long it may be.
_IDENTIFIERS = (
    ("customerNumber", True),
    ("unitHsaId", False),
    ("patientId", False),
    ("orderNumber", False),
    ("articleNumber", False),
    ("isoCode", False),
    ("individualNumber", False),
)
_TEXTS = (("costReference", False, MAX_SHORT_TEXT), ("name", True, MAX_SHORT_TEXT), ("unit", True, MAX_SHORT_TEXT), ("text", False, MAX_TEXT))
_LINE, _DAYS, _VAT_RATE = (_NAMES.index(name) for name in ("line", "days", "vatRate"))
_NUMBERS = re.compile(
    # quantity, unitPrice, amount and vatRate with blanks between them
    r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,3})? -?(?:0|[1-9][0-9]{0,11})\.[0-9]{2} -?(?:0|[1-9][0-9]{0,11})\.[0-9]{2} (?:(?:0|[1-9][0-9]?)(?:\.[0-9]{1,2})?|100)"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _NotPlain(Exception):
    """For the model to judge."""


def _not_plain(_: str) -> None:
    raise _NotPlain


_decode = json.JSONDecoder(object_pairs_hook=list, parse_constant=_not_plain, parse_float=_not_plain).decode


def read_invoice_line(raw: bytes) -> list[str | None]:
    """The values of `INVOICE_LINE_FIELDS` as they are written in the contract, each as text, None where there is none.

    Raises ContractError as `parse_invoice_line` does.
    """
    try:
        return _plain(raw)
    except (_NotPlain, ValueError, KeyError, TypeError, RecursionError):
        line = parse_invoice_line(raw).model_dump(mode="json", by_alias=True)
        return [None if (value := line.get(name)) is None else str(value) for name in _NAMES]


def _plain(raw: bytes) -> list[str | None]:
    """Raises _NotPlain, or what falls over on the way, unless every value is beyond doubt."""
    # Each object is a list of pairs here, so that a name that stands twice is seen; what else is a list is not ours.
    pairs = _decode(raw.decode())
    given = dict(pairs)
    names = given.keys()
    if raw[:1] != b"{" or len(pairs) != len(names) or not _REQUIRED <= names <= _KNOWN:
        raise _NotPlain
    get = given.get
    _check_texts(get)
    line, days, vat_rate = given["line"], get("days"), given["vatRate"]
    if line.__class__ is not int or not 1 <= line <= MAX_INTEGER or given["kind"] not in _KINDS:
        raise _NotPlain
    if vat_rate.__class__ is int:
        vat_rate = str(vat_rate)
    if not _NUMBERS.fullmatch(" ".join((given["quantity"], given["unitPrice"], given["amount"], vat_rate))):
        raise _NotPlain
    _check_day(get("from"))
    _check_day(get("to"))
    row: list[str | None] = [get(name) for name in _NAMES]
    row[_LINE], row[_VAT_RATE] = str(line), vat_rate
    if days is not None:
        if days.__class__ is not int or not 0 <= days <= MAX_INTEGER:
            raise _NotPlain
        row[_DAYS] = str(days)
    return row


def _check_texts(get: Callable[[str], Any]) -> None:
    values = []
    for name, is_required in _IDENTIFIERS:
        value = get(name)
        if value is None and not is_required:
            continue
        # Of what is printable only the blank is white space.
        if not 0 < len(value) <= MAX_IDENTIFIER or value[0] == " " or value[-1] == " ":
            raise _NotPlain
        values.append(value)
    for name, is_required, most in _TEXTS:
        value = get(name)
        if value is None and not is_required:
            continue
        if len(value) > most:
            raise _NotPlain
        values.append(value)
    # What is printable is no control character and no half of a pair. What is no text cannot be joined: TypeError.
    texts = " ".join(values)
    if not texts.isprintable() or not (texts.isascii() or unicodedata.is_normalized("NFC", texts)):
        raise _NotPlain


def _check_day(value: Any) -> None:
    if value is not None and not _is_day(value):
        raise _NotPlain


@lru_cache(maxsize=4096)
def _is_day(value: Any) -> bool:
    """A basis has few days, each many times. Raises ValueError for a day that there is not."""
    return bool(_DATE.fullmatch(value)) and date.fromisoformat(value).year in YEARS
