"""Completes the document's schemas: titles in both languages, required fields, and values of enumerations.

Schemas of answers allow additional fields, so that fields can be added later. All declared fields are required, and
null if unknown. Only the schemas in `_OMITS_NULL` omit fields that do not apply. Schemas of requests stay strict.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.api.openapi.titles import UntitledError, title_of_schema
from schemas.code_lists import enumerations
from schemas.texts import Text

_OMITS_NULL: Final = frozenset({"Source", "UnansweredOffice", "Problem", "FieldProblem"})
_TEXT_DESCRIPTION: Final = "A text in the language that Accept-Language requests."


def finish_schemas(schemas: dict[str, Any], request_schemas: frozenset[str]) -> None:
    """Complete every schema in place. `request_schemas` are the names of those of requests, which stay strict."""
    lists = enumerations()
    for name, schema in schemas.items():
        _set_titles(schema, title_of_schema(name))
        if name in lists:
            schema["x-value-titles"] = {code.value: _both(code.text) for code in lists[name]}
        for field_name, field in schema.get("properties", {}).items():
            _finish_field(f"{name}.{field_name}", field)
        if name not in request_schemas and schema.get("type") == "object":
            _require_fields(schema, omits_null=name in _OMITS_NULL)
    schemas["Text"]["description"] = _TEXT_DESCRIPTION
    _name_the_format_of_numbers(schemas)


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema for a value that is omitted instead of null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    if not kinds:
        return {**schema} if schema.get("default", 0) is not None else rest
    return {**kinds[0], **rest} if len(kinds) == 1 else {"anyOf": kinds, **rest}


def titled(text: Text) -> dict[str, Any]:
    """Return `x-title` for a text. There is no `title`: generators would make class names of it."""
    return {"x-title": _both(text)}


def _both(text: Text) -> dict[str, str]:
    return {"id": text.id, "en": text.en or text.id}


def _set_titles(schema: dict[str, Any], text: Text) -> None:
    schema.pop("title", None)
    schema.update(titled(text))
    schema["description"] = " ".join(schema.get("description", str(text.en)).split())


def _finish_field(name: str, field: dict[str, Any]) -> None:
    if "title" not in field or "description" not in field:
        raise UntitledError(f"The field {name} has no title in both languages: declare it by schemas.classes.")
    field["x-title"] = {"id": field.pop("title"), "en": field["description"]}
    _describe_as_list(field)
    for kind in field.get("anyOf", ()):
        _describe_as_list(kind)


def _name_the_format_of_numbers(part: object) -> None:
    """Give every number the format `double`. Without a format, some generators use decimals, which need a library."""
    if isinstance(part, dict):
        if part.get("type") == "number":
            part.setdefault("format", "double")
        part = list(part.values())
    if isinstance(part, list):
        for child in part:
            _name_the_format_of_numbers(child)


def _describe_as_list(field: dict[str, Any]) -> None:
    """Describe a tuple of equal items as a list, which every client generator supports."""
    items = field.get("prefixItems")
    if items and all(item == items[0] for item in items):
        field["items"] = items[0]
        del field["prefixItems"]


def _require_fields(schema: dict[str, Any], *, omits_null: bool) -> None:
    schema.pop("additionalProperties", None)
    fields: Mapping[str, dict[str, Any]] = schema["properties"]
    if omits_null:
        schema["properties"] = {name: without_null(field) for name, field in fields.items()}
        return
    for field in fields.values():
        field.pop("default", None)
    schema["required"] = list(fields)
