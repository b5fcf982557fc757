"""JSON Schema 2020-12 of the contract's models, plain enough for any validator."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from integration import contract

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Plain(GenerateJsonSchema):
    """Without titles made from names, and without default values: absent is absent."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def message_schema(message_type: str) -> dict[str, Any]:
    """The schema of a whole message, envelope and body."""
    return part_schema(contract.MESSAGES[message_type], title=message_type)


def part_schema(model: type[BaseModel], title: str = "") -> dict[str, Any]:
    """The schema of one model, complete in itself."""
    schema = model.model_json_schema(by_alias=True, schema_generator=_Plain)
    title = title or schema["title"]
    return {"$schema": DIALECT, "$id": f"urn:websesam:sesam2:1:{title}", **schema, "title": title}


def components(models: list[type[BaseModel]]) -> dict[str, Any]:
    """Name → schema, for an OpenAPI description's components."""
    _, schema = models_json_schema(
        [(model, "validation") for model in models], by_alias=True, ref_template="#/components/schemas/{model}", schema_generator=_Plain
    )
    definitions: dict[str, Any] = schema["$defs"]
    return definitions
