"""The OpenAPI 3.1 description: SESAM2's paths and the portal's, in one file."""

from typing import Any

from integration import contract
from integration.sesam2_docs import schemas

_PARTS = (contract.InvoiceLine, contract.OpenOrders, contract.RecipientQuestion, contract.Recipient, contract.ProtectedRecipient)
_PORTAL = [{"url": "{portal}", "description": "The portal", "variables": {"portal": {"default": "https://portal.example"}}}]
_SESAM2 = [{"url": "{sesam2}", "description": "SESAM2", "variables": {"sesam2": {"default": "https://sesam2.example"}}}]

_ANSWERS: dict[str, str] = {
    "400": "Refused for good: not JSON to rely on (also duplicate names, NaN, lone surrogates, too deep).",
    "401": "Signature, clock or key is wrong, or a nonce was seen before. The sender waits, retries, and alarms at once.",
    "404": "Unknown, or not for this asker: the same answer for both.",
    "409": "This id was stored with another body. The sender parks it.",
    "413": "Refused for good: larger than 1 MiB.",
    "415": "Refused for good: Content-Type is not application/json.",
    "422": "Refused for good: breaks the contract. errors[] says where; it never quotes values.",
    "429": "Not now. The sender retries, after Retry-After if there is one; so for 408, 425, 5xx, anything else and no answer.",
}


def description(examples: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The whole description; `examples` by messageType stand at the two PUTs."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Messages between the portal and SESAM2",
            "version": contract.SCHEMA_VERSION,
            "summary": "Both sides of the contract. How to sign, and in which order messages go, stands in README.md beside this file.",
        },
        "jsonSchemaDialect": schemas.DIALECT,
        "servers": _SESAM2,
        "tags": [{"name": "SESAM2", "description": "What SESAM2 answers"}, {"name": "portal", "description": "What the portal answers"}],
        "security": [{"key": [], "timestamp": [], "nonce": [], "signature": []}],
        "paths": _sesam2_paths(examples) | _portal_paths(examples),
        "components": {
            "securitySchemes": {
                "key": _header("X-Sesam2-Key", "Key id; several, comma separated, in the order of the signatures."),
                "timestamp": _header("X-Sesam2-Timestamp", "Unix seconds; refused outside ± 300 s."),
                "nonce": _header("X-Sesam2-Nonce", "The messageId for PUT; a fresh UUID for GET and POST, refused the second time."),
                "signature": _header(
                    "X-Sesam2-Signature",
                    "v1=<hex HMAC-SHA256(secret, METHOD LF path?query LF nonce LF timestamp LF hex sha256(body))>; several, comma separated, during rotation.",
                ),
            },
            "responses": {_name(status): _problem(status, text) for status, text in _ANSWERS.items()},
            "schemas": {
                "Problem": _problem_schema(),
                "MessagesPage": _messages_page(),
                **schemas.components([*contract.MESSAGES.values(), *_PARTS]),
            },
        },
    }


def _sesam2_paths(examples: dict[str, dict[str, Any]]) -> dict[str, Any]:
    page = [
        {
            "name": "after",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "maxLength": 100},
            "description": "`next` of the page before; empty for the first.",
        },
        {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 500}},
    ]
    return {
        "/messages/{messageId}": {"put": _put("putToSesam2", "SESAM2", contract.OUTGOING, examples), "servers": _SESAM2},
        "/messages": _get("getMessages", "What SESAM2 has sent, oldest first, to catch up on what was missed.", _json(_ref("MessagesPage")), page),
        "/open-orders": _get("getOpenOrders", "Orders that SESAM2 holds open, for the daily reconciliation.", _json(_ref("OpenOrders")), page),
        "/invoice-bases/{basisId}/lines": _get(
            "getInvoiceLines",
            "The lines of a basis: one JSON object per line, streamed, gzip allowed.",
            {"application/x-ndjson": {"schema": _ref("InvoiceLine")}},
            [{"name": "basisId", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 100}}],
            "404",
        ),
        "/health": _get("getHealth", "SESAM2 can take messages.", {}, []),
    }


def _portal_paths(examples: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "/api/sesam2/v1/messages/{messageId}": {"put": _put("putToPortal", "portal", contract.INCOMING, examples), "servers": _PORTAL},
        "/api/sesam2/v1/recipients": {
            "servers": _PORTAL,
            "post": {
                "operationId": "askRecipient",
                "tags": ["portal"],
                "summary": "Name and address of a patient who has an open order, work order, pickup or loan. Every answer is logged.",
                "requestBody": {"required": True, "content": _json(_ref("RecipientQuestion"))},
                "responses": {
                    "200": {
                        "description": "The address, or for a protected person only the unit to contact.",
                        "content": _json({"oneOf": [_ref("Recipient"), _ref("ProtectedRecipient")]}),
                    },
                    **_answers("400", "401", "404", "413", "415", "422"),
                },
            },
        },
        "/api/sesam2/v1/attachments/{id}": {
            "servers": _PORTAL,
            "get": {
                "operationId": "getAttachment",
                "tags": ["portal"],
                "summary": "A file that a message named in `attachments`.",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
                "responses": {"200": {"description": "The file.", "content": {"*/*": {}}}, **_answers("401", "404")},
            },
        },
    }


def _put(operation: str, tag: str, bodies: dict[str, type[contract.Body]], examples: dict[str, dict[str, Any]]) -> dict[str, Any]:
    names = {name: f"#/components/schemas/{contract.MESSAGES[name].__name__}" for name in bodies}
    return {
        "operationId": operation,
        "tags": [tag],
        "summary": "Store one message under its own id. After 200 or 202 it is never lost.",
        "parameters": [
            {
                "name": "messageId",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "format": "uuid"},
                "description": "Equal to messageId in the body, and to the nonce.",
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [{"$ref": reference} for reference in names.values()],
                        "discriminator": {"propertyName": "messageType", "mapping": names},
                    },
                    "examples": {name: {"value": examples[name]} for name in bodies},
                }
            },
        },
        "responses": {
            "202": {"description": "Stored; it will be processed."},
            "200": {"description": "This id was stored before with this very JSON value."},
            **_answers("400", "401", "409", "413", "415", "422", "429"),
        },
    }


def _get(operation: str, summary: str, content: dict[str, Any], parameters: list[dict[str, Any]], *answers: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": summary}
    if content:
        answer["content"] = content
    get: dict[str, Any] = {"operationId": operation, "tags": ["SESAM2"], "summary": summary}
    if parameters:
        get["parameters"] = parameters
    return {"servers": _SESAM2, "get": {**get, "responses": {"200": answer, **_answers("401", *answers, "429")}}}


def _messages_page() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "An empty page is the last one; its `next` is then the cursor that was asked with.",
        "properties": {
            "messages": {"type": "array", "items": {"oneOf": [_ref(contract.MESSAGES[name].__name__) for name in contract.INCOMING]}},
            "next": {"type": "string"},
        },
        "required": ["messages", "next"],
    }


def _problem_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "RFC 9457. No value of the message is ever quoted.",
        "properties": {
            "type": {"type": "string"},
            "status": {"type": "integer"},
            "title": {"type": "string"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": {"type": "string", "description": "Path, such as body.lines[0].quantity."},
                        "text": {"type": "string", "description": "What is wrong."},
                    },
                    "required": ["field", "text"],
                },
            },
        },
        "required": ["title", "detail", "errors"],
    }


def _problem(status: str, text: str) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": text, "content": {"application/problem+json": {"schema": _ref("Problem")}}}
    if status == "429":
        answer["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds, or an HTTP date."}}
    return answer


def _answers(*statuses: str) -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in statuses}


def _name(status: str) -> str:
    return f"Answer{status}"


def _header(name: str, text: str) -> dict[str, str]:
    return {"type": "apiKey", "in": "header", "name": name, "description": text}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
