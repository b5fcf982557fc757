"""The examples of the contract, and ways to spoil them."""

import copy
from pathlib import Path

import pytest

from core.numbers import order_number
from integration import contract
from integration.contract import ContractError, parse_incoming
from integration.sesam2_docs.examples import make_examples

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs" / "sesam2"
EXAMPLES = make_examples()
ABSENT = ...
K, U, A, F = (order_number(prefix, 2026, 77) for prefix in "KUAF")


def changed(message_type, path, value):
    """The example with one value set (or taken away, with ABSENT) at a path such as `body.lines.0.quantity`."""
    message = copy.deepcopy(EXAMPLES[message_type])
    *steps, last = path.split(".")
    place = message
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    last = int(last) if last.isdigit() else last
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return message


def read(message):
    """As the portal reads what comes in; for the portal's own messages, as SESAM2 would with these models."""
    raw = contract.dump(message)
    if message["messageType"] in contract.OUTGOING:
        return contract.parse_outgoing(raw)[0]
    return parse_incoming(raw)[0]


def refused(raw):
    with pytest.raises(ContractError) as caught:
        parse_incoming(raw if isinstance(raw, bytes) else contract.dump(raw))
    return caught.value


def fields(error):
    return [item["field"] for item in error.errors]
