"""The fast reader of invoice lines takes and refuses what the contract's model does, and says the same."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration import contract
from integration.contract import invoice_lines

LINE: dict[str, Any] = {
    "line": 17,
    "kind": "RENT",
    "customerNumber": "600201",
    "costReference": "Kst 12",
    "unitHsaId": "SE2321000131-E0001",
    "patientId": "191212121212",
    "orderNumber": "K-2026-00000123-3",
    "articleNumber": "104501",
    "name": "Manuell rullstol, åäö",
    "isoCode": "122203",
    "individualNumber": "40-17",
    "from": "2026-10-01",
    "to": "2026-10-31",
    "days": 31,
    "quantity": "-1.5",
    "unit": "mån",
    "unitPrice": "212.50",
    "amount": "-318.75",
    "vatRate": "25",
    "text": "Rättelse av september",
}
STRANGE = [
    None,
    "",
    " ",
    "a ",
    " a",
    "a\nb",
    "a\tb",
    "\x00",
    "\x7f",
    "a\u00a0b",
    "\u00a0a",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\ud800",
    "e\u0301",
    "é",
    "😀",
    "한국어",
    "x" * 100,
    "x" * 101,
    "x" * 500,
    "x" * 501,
    "x" * 10_000,
    "x" * 10_001,
    "x" * 1_000_000,
    0,
    1,
    -1,
    25,
    101,
    1.0,
    25.5,
    2**31 - 1,
    2**31,
    True,
    False,
    [],
    {},
    [["a", "b"]],
    {"a": 1},
    "0",
    "-0",
    "00.00",
    "0.00",
    "-0.00",
    "1.5",
    "1.50",
    "1.234",
    "1.2345",
    "1,50",
    "1e5",
    "+1.00",
    "NaN",
    "Infinity",
    "999999999999.99",
    "1000000000000.00",
    "999999999",
    "1000000000",
    "100",
    "100.00",
    "025",
    "25.123",
    "1.50\n",
    "１.50",
    "2026-10-01",
    "2026-02-30",
    "20261001",
    "2026-10-01T00:00:00",
    "1849-12-31",
    "1850-01-01",
    "2201-01-01",
    "RENT",
    "rent",
    "CREDIT",
    "LOAN",
]


def judged(raw: bytes) -> list[str | None] | int:
    """What the model says of a line: its values as text, or the status that refuses it."""
    try:
        line = contract.parse_invoice_line(raw).model_dump(mode="json", by_alias=False)
    except contract.ContractError as error:
        return error.status
    return [None if line.get(name) is None else str(line[name]) for name in contract.INVOICE_LINE_FIELDS]


def read(raw: bytes) -> list[str | None] | int:
    try:
        return contract.read_invoice_line(raw)
    except contract.ContractError as error:
        return error.status


def written(line: Any, **options: Any) -> bytes:
    return json.dumps(line, **options).encode("utf-8", "surrogatepass")


def test_a_line_is_read_as_it_is_written() -> None:
    assert read(written(LINE)) == [str(value) for value in LINE.values()]
    assert len(contract.INVOICE_LINE_FIELDS) == len(LINE) == 20


def test_a_plain_line_does_not_trouble_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoice_lines, "parse_invoice_line", None)
    assert read(written(LINE, ensure_ascii=False))[0] == "17"
    least = {name: LINE[name] for name in ("line", "kind", "customerNumber", "name", "quantity", "unit", "unitPrice", "amount")} | {"vatRate": 25}
    assert read(written(least)).count(None) == 11


@pytest.mark.parametrize("name", [*LINE, "unknown"])
def test_every_strange_value_of_every_field_is_judged_as_the_model_judges_it(name: str) -> None:
    for value in STRANGE:
        for ensure_ascii in (True, False):
            raw = written({**LINE, name: value}, ensure_ascii=ensure_ascii)
            assert read(raw) == judged(raw), (name, value)


@pytest.mark.parametrize("name", LINE)
def test_a_field_that_is_not_there_is_judged_as_the_model_judges_it(name: str) -> None:
    raw = written({key: value for key, value in LINE.items() if key != name})
    assert read(raw) == judged(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"\n",
        b"null",
        b"[]",
        b'"x"',
        b"7",
        b"{}",
        b"{",
        b"[" * 100_000,
        b'{"line": NaN}',
        b"\xff",
        b"\xef\xbb\xbf" + written(LINE),
        written(list(LINE.items())),
        written([LINE]),
        b" " + written(LINE) + b" \r",
        written(LINE) + b"x",
        written(LINE)[:-1],
        written(LINE).replace(b'"line": 17', b'"line": 17, "line": 17'),
        written(LINE).replace(b'"line": 17', b'"line": NaN'),
        written(LINE).replace(b'"line": 17', b'"line": 1' + b"0" * 5000),
        written(LINE).replace(b'"line": 17', b'"line": 17.0'),
        written(LINE).replace(b'"line": 17', b'"line": 017'),
        written(LINE).replace(b"Kst 12", b"\xc3\x28"),
        written(LINE).replace(b"Kst 12", b"\\ud83d"),
    ],
)
def test_what_is_hardly_a_line_is_judged_as_the_model_judges_it(raw: bytes) -> None:
    assert read(raw) == judged(raw)


@settings(max_examples=500, deadline=None)
@given(st.dictionaries(st.sampled_from([*LINE, "unknown"]), st.one_of(st.sampled_from(STRANGE), st.text(max_size=30), st.integers(), st.floats()), max_size=4))
def test_lines_with_anything_in_them_are_judged_as_the_model_judges_them(changes: dict[str, Any]) -> None:
    raw = written({**LINE, **changes})
    assert read(raw) == judged(raw)


def test_lines_with_bytes_changed_at_random_are_judged_as_the_model_judges_them() -> None:
    chance = random.Random(17)
    base = written(LINE, ensure_ascii=False)
    taken = 0
    for _ in range(3000):
        raw = bytearray(base)
        for _ in range(chance.randrange(1, 3)):
            raw[chance.randrange(len(raw))] = chance.choice(b'{}[]:,"\\ 0129.-aR\x00\x80\xe5')
        taken += isinstance(read(bytes(raw)), list)
        assert read(bytes(raw)) == judged(bytes(raw)), bytes(raw)
    assert 300 < taken < 2700


def test_no_line_of_the_contract_is_longer_than_the_longest() -> None:
    wide = {name: "😀" * most for name, most in (("costReference", 500), ("name", 500), ("unit", 500), ("text", 10_000))}
    numbers = dict.fromkeys(("customerNumber", "unitHsaId", "patientId", "orderNumber", "articleNumber", "isoCode", "individualNumber"), "😀" * 100)
    raw = written({**LINE, **wide, **numbers})
    assert isinstance(read(raw), list)
    assert 100_000 < len(raw) < contract.MAX_INVOICE_LINE_BYTES
