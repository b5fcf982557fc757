"""The files of docs/sesam2/, by name."""

import json
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from integration import contract, signature
from integration.sesam2_docs import examples, openapi, schemas

_TEMPLATE = Path(__file__).with_name("README.template.md")
# The worked example's secret, known to everybody and used nowhere.
EXAMPLE_KEY_ID = "portal-2026"
EXAMPLE_SECRET = "a-secret-for-this-page-only"  # noqa: S105


def make_files() -> dict[str, str]:
    """Path below docs/sesam2/ → its text. The same models give the same text."""
    files = {f"schemas/{name}.json": _json(schemas.message_schema(name)) for name in contract.MESSAGES}
    files["schemas/InvoiceLine.json"] = _json(schemas.part_schema(contract.InvoiceLine))
    made = examples.make_examples()
    files.update({f"examples/{name}.json": _json(message) for name, message in made.items()})
    files["examples/InvoiceLine.json"] = _json(examples.invoice_line())
    files["openapi.json"] = _json(openapi.description(made))
    files["README.md"] = _readme(made)
    return files


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _readme(made: dict[str, dict[str, Any]]) -> str:
    message = made["LostAidFound"]
    body = contract.dump(message)
    timestamp = int(datetime.fromisoformat(message["created"]).timestamp())
    path = f"/messages/{message['messageId']}"
    put = signature.sign(
        method="PUT", path_and_query=path, nonce=message["messageId"], body=body, key_id=EXAMPLE_KEY_ID, secret=EXAMPLE_SECRET, timestamp=timestamp
    )
    question = "/messages?after=1200&limit=500"
    nonce = str(uuid.uuid5(uuid.NAMESPACE_URL, question))
    get = signature.sign(method="GET", path_and_query=question, nonce=nonce, body=b"", key_id=EXAMPLE_KEY_ID, secret=EXAMPLE_SECRET, timestamp=timestamp)
    values = {
        "KEY_ID": EXAMPLE_KEY_ID,
        "SECRET": EXAMPLE_SECRET,
        "BODY": body.decode(),
        "PUT_HEADERS": _headers("PUT", path, put),
        "GET_HEADERS": _headers("GET", question, get),
        "OUTGOING": _table(contract.OUTGOING),
        "INCOMING": _table(contract.INCOMING),
    }
    text = _TEMPLATE.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def _headers(method: str, path: str, headers: dict[str, str]) -> str:
    lines = [f"{method} {path} HTTP/1.1"]
    if method == "PUT":
        lines.append("Content-Type: application/json")
    return "\n".join(lines + [f"{name}: {value}" for name, value in headers.items()])


def _table(bodies: dict[str, type[contract.Body]]) -> str:
    rows = ["| messageType | what it says | schema | example |", "| --- | --- | --- | --- |"]
    for name, body in bodies.items():
        what = " ".join((body.__doc__ or "").split("\n\n")[0].split())
        rows.append(f"| `{name}` | {what} | [schema](schemas/{name}.json) | [example](examples/{name}.json) |")
    return "\n".join(rows)
