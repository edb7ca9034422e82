"""The document's schemas, finished: titles in both languages, and what is promised of answers and asked of requests.

An answer is open: a field may be added to it, so no schema of an answer forbids fields that it does not name. What it
names is always there, null when nothing is known; only the sparse ones leave out what does not apply.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.api.openapi.titles import UntitledError, title_of_schema
from gateway.api.openapi.values import VALUES
from schemas.texts import Text

_SPARSE: Final = frozenset({"Source", "Problem", "FieldProblem"})
_VALUES: Final = {kind.__name__: texts for kind, texts in VALUES.items()}
_TEXT_SAYS: Final = "A text for people, in the language that was asked for by Accept-Language."


def finish_schemas(schemas: dict[str, Any], asked: frozenset[str]) -> None:
    """Finish every schema in place; `asked` are those of requests, which stay as strict as they are checked."""
    for name, schema in schemas.items():
        _entitle(schema, title_of_schema(name))
        if name in _VALUES:
            schema["x-value-titles"] = {value: _both(text) for value, text in _VALUES[name].items()}
        for field_name, field in schema.get("properties", {}).items():
            _finish_field(f"{name}.{field_name}", field)
        if name not in asked and schema.get("type") == "object":
            _promise(schema, sparse=name in _SPARSE)
    schemas["Text"]["description"] = _TEXT_SAYS


def without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema for something that is left out rather than null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    if not kinds:
        return {**schema} if schema.get("default", 0) is not None else rest
    return {**kinds[0], **rest} if len(kinds) == 1 else {"anyOf": kinds, **rest}


def entitled(text: Text) -> dict[str, Any]:
    """The texts of something, as every title in the document is written."""
    return {"title": text.id, "x-title": _both(text)}


def _both(text: Text) -> dict[str, str]:
    return {"id": text.id, "en": text.en or text.id}


def _entitle(schema: dict[str, Any], text: Text) -> None:
    schema.update(entitled(text))
    schema["description"] = " ".join(schema.get("description", str(text.en)).split())


def _finish_field(name: str, field: dict[str, Any]) -> None:
    if "title" not in field or "description" not in field:
        raise UntitledError(f"The field {name} has no title in both languages: declare it by schemas.classes.")
    field["x-title"] = {"id": field["title"], "en": field["description"]}
    _even_out(field)
    for kind in field.get("anyOf", ()):
        _even_out(kind)


def _even_out(field: dict[str, Any]) -> None:
    """A tuple of equal parts is a list with a length, which every generator of clients understands."""
    parts = field.get("prefixItems")
    if parts and all(part == parts[0] for part in parts):
        field["items"] = parts[0]
        del field["prefixItems"]


def _promise(schema: dict[str, Any], *, sparse: bool) -> None:
    schema.pop("additionalProperties", None)
    fields: Mapping[str, dict[str, Any]] = schema["properties"]
    if sparse:
        schema["properties"] = {name: without_null(field) for name, field in fields.items()}
        return
    for field in fields.values():
        field.pop("default", None)
    schema["required"] = list(fields)
