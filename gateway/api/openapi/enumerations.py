"""Opens the enumerations of answers, and closes those of questions.

A later release may add a value to any enumeration, such as a new status. A generated client fails on a value that its
enumeration does not have. So a schema of answers lists its values in `x-value-titles` alone, and is a string to a
client. Parameters and request bodies are checked by the gateway: their schemas are named `…Choice`, and have `enum`.
"""

from collections.abc import Iterator
from typing import Any, Final

REFERENCE: Final = "#/components/schemas/"
CHOICE: Final = "Choice"
"""The end of the name of a closed enumeration."""


def separate_enumerations(document: dict[str, Any]) -> None:
    """Give every enumeration of questions a schema of its own, and remove `enum` from the enumerations of answers.

    A schema that both questions and answers use counts as one of answers.
    """
    schemas = document["components"]["schemas"]
    answered = _used_schemas(schemas, [operation["responses"] for operation in _operations(document)])
    asked = [*_questions(document), *(schemas[name] for name in asked_schemas(document))]
    enumerations = {name: schema for name, schema in schemas.items() if "enum" in schema}
    for reference in references(asked):
        name = reference["$ref"].removeprefix(REFERENCE)
        if name in enumerations:
            schemas.setdefault(name + CHOICE, dict(enumerations[name]))
            reference["$ref"] += CHOICE
    for name, schema in enumerations.items():
        if name in answered:
            del schema["enum"]
        else:
            del schemas[name]


def asked_schemas(document: dict[str, Any]) -> frozenset[str]:
    """Return the names of the schemas that only questions use: parameters and request bodies. They stay strict."""
    schemas = document["components"]["schemas"]
    answered = _used_schemas(schemas, [operation["responses"] for operation in _operations(document)])
    return frozenset(_used_schemas(schemas, _questions(document)) - answered)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def _questions(document: dict[str, Any]) -> list[Any]:
    return [
        operation[part]
        for operation in _operations(document)
        for part in ("parameters", "requestBody")
        if part in operation
    ]


def _used_schemas(schemas: dict[str, Any], parts: Any) -> set[str]:  # noqa: ANN401 - any parts of a JSON document
    """Return the names of the schemas that these parts of the document use, directly or through other schemas."""
    found: set[str] = set()
    waiting = [parts]
    while waiting:
        for reference in references(waiting.pop()):
            name = reference["$ref"].removeprefix(REFERENCE)
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return found


def references(part: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of a JSON document
    """Yield every object with a `$ref` in this part of the document, itself included."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for child in part:
            yield from references(child)
