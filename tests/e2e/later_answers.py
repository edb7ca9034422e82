"""Answers of a later release, made from answers of this one and the OpenAPI document of this one.

A later release may add fields, values, codes and resources (docs/decisions/0021). `LaterRelease` adds one of each
wherever the document allows it, by walking an answer together with its schema.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator

Json = Any
Schema = Mapping[str, Any]

LATER_FIELD = "later_field"
LATER_RESOURCE = "later-resource"
LATER_ID = "ltr_Rk9vQmFy"
_COMPONENTS = "#/components/schemas/"
_CODED = "Coded"
_UNIONS = ("anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class Answer:
    """One successful JSON answer of an operation, with the name of its schema."""

    operation: str
    schema: str
    value: Json


def answer_schemas(document: Schema) -> dict[str, str]:
    """The name of the schema of each operation's successful JSON answer."""
    return {operation: name for operation, name, _ in _described(document)}


def examples(document: Schema) -> list[Answer]:
    """The document's own examples of successful JSON answers."""
    return [
        Answer(operation, name, document["components"]["examples"][example["$ref"].rpartition("/")[2]]["value"])
        for operation, name, content in _described(document)
        for example in content["examples"].values()
    ]


def _described(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                content = response.get("content", {}).get("application/json")
                if status.startswith("2") and content:
                    yield operation["operationId"], content["schema"]["$ref"].removeprefix(_COMPONENTS), content


def open_values(document: Schema) -> set[str]:
    """The names of the schemas that list values and accept others: a later release may add some."""
    return {name for name, schema in document["components"]["schemas"].items() if _is_open(schema)}


def _is_open(schema: Schema) -> bool:
    return "x-value-titles" in schema and not schema.keys() & {"enum", "const"}


def validator(document: Schema, name: str) -> Draft202012Validator:
    """A validator of one schema of the document, by JSON Schema 2020-12."""
    return Draft202012Validator({"$ref": _COMPONENTS + name, "components": document["components"]})


@dataclass(slots=True)
class LaterRelease:
    """The release after the one that the document describes; it counts what it has added.

    `values` has the names of the schemas whose values are new, `mixed` those of the schemas that stand for records of
    several resources, and `objects` is the number of objects that have one more field.
    """

    document: Schema
    values: set[str] = field(default_factory=set)
    mixed: set[str] = field(default_factory=set)
    objects: int = 0

    def renew(self, answer: Answer) -> Answer:
        """The same answer, with a new value, code, field or record wherever there may be one."""
        return Answer(
            answer.operation, answer.schema, self._renewed(answer.value, {"$ref": _COMPONENTS + answer.schema})
        )

    def _renewed(self, value: Json, schema: Schema) -> Json:
        name, resolved = self._resolved(schema)
        for union in _UNIONS:
            if union in resolved:
                return self._renewed(value, self._member(value, resolved, union))
        match value:
            case dict():
                return self._renewed_object(value, name, resolved)
            case list():
                return self._renewed_list(value, resolved.get("items", {}))
            case str() if _is_open(resolved):
                self.values.add(name)
                return f"later-{value}"
        return value

    def _renewed_object(self, value: Mapping[str, Json], name: str, schema: Schema) -> dict[str, Json]:
        properties = schema.get("properties", {})
        if not properties:
            # A free-form object, such as the properties of a GeoJSON feature.
            return dict(value)
        renewed = {key: self._renewed(one, properties.get(key, {})) for key, one in value.items()}
        if name == _CODED:
            renewed["code"] = f"later-{value['code']}"
        self.objects += 1
        return renewed | {LATER_FIELD: {"later": ["value", 1, None]}}

    def _renewed_list(self, value: list[Json], items: Schema) -> list[Json]:
        renewed = [self._renewed(one, items) for one in value]
        name, resolved = self._resolved(items)
        if value and self._is_mixed(resolved):
            self.mixed.add(name)
            renewed.append(self._later_record(renewed[0], resolved))
        return renewed

    def _later_record(self, other: Mapping[str, Json], schema: Schema) -> dict[str, Json]:
        """A record of a new resource: with the fields of all records where they differ, else with those of the list."""
        common = ("id", "doubts", "provenance", LATER_FIELD) if "oneOf" in schema else tuple(other)
        return {key: other[key] for key in common} | {"resource": LATER_RESOURCE, "id": LATER_ID}

    def _is_mixed(self, schema: Schema) -> bool:
        members = [self._resolved(member)[1] for member in schema.get("oneOf", ())]
        return any("discriminator" in member for member in members) or self._is_generic(schema)

    @staticmethod
    def _is_generic(schema: Schema) -> bool:
        """Whether this describes records of several resources by the fields that all of them have."""
        properties = schema.get("properties", {})
        return "provenance" in properties and "resource" in properties and "const" not in properties["resource"]

    def _member(self, value: Json, schema: Schema, union: str) -> Schema:
        mapping = schema.get("discriminator", {}).get("mapping")
        if mapping:
            return {"$ref": mapping[value[schema["discriminator"]["propertyName"]]]}
        components = {"components": self.document["components"]}
        members = [one for one in schema[union] if Draft202012Validator({**one, **components}).is_valid(value)]
        assert members, f"a value of {sorted(value) if isinstance(value, dict) else type(value)} fits no member"
        return dict(members[0])

    def _resolved(self, schema: Schema) -> tuple[str, Schema]:
        name = ""
        while "$ref" in schema:
            name = schema["$ref"].removeprefix(_COMPONENTS)
            schema = self.document["components"]["schemas"][name]
        return name, schema
