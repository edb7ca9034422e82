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


def asked_schemas(document: dict[str, Any]) -> frozenset[str]:
    """Return the names of the schemas that only questions use: parameters and request bodies. They stay strict."""
    schemas = document["components"]["schemas"]
    return frozenset(_used_schemas(schemas, _questions(document)) - _answered_schemas(document))


def separate_enumerations(document: dict[str, Any], asked: frozenset[str]) -> None:
    """Give every enumeration of questions a schema of its own, and remove `enum` from the enumerations of answers.

    `asked` are the schemas that only questions use. A schema that both use counts as one of answers.
    """
    schemas = document["components"]["schemas"]
    enumerations = {name: schema for name, schema in schemas.items() if "enum" in schema}
    for reference in references([_questions(document), [schemas[name] for name in asked]]):
        name = reference["$ref"].removeprefix(REFERENCE)
        if name in enumerations:
            schemas.setdefault(name + CHOICE, dict(enumerations[name]))
            reference["$ref"] += CHOICE
    for name, schema in enumerations.items():
        if name in asked:
            del schemas[name]
        else:
            del schema["enum"]


def _answered_schemas(document: dict[str, Any]) -> set[str]:
    schemas = document["components"]["schemas"]
    return _used_schemas(schemas, [operation["responses"] for operation in _operations(document)])


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def _questions(document: dict[str, Any]) -> list[Any]:
    return [
        operation[part]
        for operation in _operations(document)
        for part in ("parameters", "requestBody")
        if part in operation
    ]


def _used_schemas(schemas: dict[str, Any], parts: object) -> set[str]:
    """Return the names of the schemas that these parts of the document use, directly or through other schemas."""
    found: set[str] = set()
    waiting: list[object] = [parts]
    while waiting:
        for reference in references(waiting.pop()):
            name = reference["$ref"].removeprefix(REFERENCE)
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
    return found


def references(part: object) -> Iterator[dict[str, Any]]:
    """Yield every object with a `$ref` in this part of the document, itself included."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for child in part:
            yield from references(child)
