"""Serializers that mask a body and write it as JSON in one pass, compiled once for each model and view.

The result has the same bytes as `gateway.policy.masks.mask` followed by `model_dump_json`, which is the reference: a
test compares both for every resource and view. Here the mask is part of the serialisation schema: a hidden field is
written as its empty value without being read, and no copy of a body is made. A form of schema that is not listed here
is refused when the serializer is compiled.

A compiled schema has no node of the kind `model`, because pydantic-core would use the serializer of the class for it,
which does not mask. A model is written as a dict of its fields.
"""

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from pydantic_core import CoreSchema, SchemaSerializer, core_schema

from gateway.policy.masks import MASKED, is_hidden, is_nullable, masked_number
from schemas.classes import Classed, DataClass
from schemas.identifiers import Identifier
from schemas.records import Body
from schemas.texts import Language, Text

_VALUES: Final = frozenset(
    {"bool", "date", "datetime", "decimal", "enum", "float", "int", "literal", "str", "time", "timedelta"}
)
_VALIDATORS: Final = frozenset({"function-after", "function-before", "function-wrap", "default"})
_CONFIG: Final = core_schema.CoreConfig(ser_json_timedelta="iso8601")
_FIELDS_OF: Final = attrgetter("__dict__")
_FIELD_KEYS: Final = frozenset({"type", "schema", "metadata"})
_NOTHING: Final[frozenset[DataClass]] = frozenset()


class View(NamedTuple):
    """The data classes that a caller may see, whether NIK and KK are shown in full, and the language of texts."""

    visible: frozenset[DataClass]
    release_numbers: bool
    language: Language


@cache
def body_serializer(body: type[Body], view: View, shown_as: type[Body] | None = None) -> SchemaSerializer:
    """Return the serializer of bodies of this type.

    `shown_as` is the generic body of which `body` is a profile: only the fields of the generic body are written, in the
    form that it gives them; whether a field is hidden is decided by the profile. Raises `TypeError` for a model that
    cannot be compiled.
    """
    fields = _Compiler(shown_as or body, view).fields(body)
    return SchemaSerializer(_object(_FIELDS_OF, fields), _CONFIG)


class _Compiler:
    """Compiles the schema of one body for a view."""

    def __init__(self, body: type[Body], view: View) -> None:
        self._view = view
        self._body: Any = body.__pydantic_core_schema__
        self._definitions: dict[str, Any] = {}
        if self._body["type"] == "definitions":
            self._definitions = {definition["ref"]: definition for definition in self._body["definitions"]}
            self._body = self._body["schema"]

    def fields(self, profile: type[Body]) -> dict[str, CoreSchema]:
        """Return the schemas of the body's fields, masked as those of the profile."""
        return self._fields(self._plain(self._body), profile, self._view.visible)

    def _plain(self, schema: Any) -> Any:  # noqa: ANN401 - a schema of any form
        """Return a schema without references and validators, which do not matter for serialisation."""
        while "serialization" not in schema:
            if schema["type"] == "definition-ref":
                schema = self._definitions[schema["schema_ref"]]
            elif schema["type"] in _VALIDATORS:
                schema = schema["schema"]
            else:
                break
        return schema

    def _fields(self, schema: Any, model: type[Classed], visible: frozenset[DataClass]) -> dict[str, CoreSchema]:  # noqa: ANN401 - as above
        """Return the schemas of a model's fields, each masked. Raises `TypeError` for one that writes itself."""
        fields = schema["schema"]
        written_by_pydantic = fields["type"] == "model-fields" and not fields["computed_fields"]
        if not issubclass(schema["cls"], Classed) or "serialization" in schema or not written_by_pydantic:
            raise TypeError(f"{model.__name__} cannot be masked")
        return {name: self._field(model, name, field, visible) for name, field in fields["fields"].items()}

    def _field(self, model: type[Classed], name: str, field: Any, visible: frozenset[DataClass]) -> CoreSchema:  # noqa: ANN401 - as above
        """Return the schema of a field: that of its empty value if it may not be seen."""
        if not field.keys() <= _FIELD_KEYS:
            raise TypeError(f"{model.__name__}.{name} cannot be masked")
        if not is_hidden(model, name, visible):
            return self._value(field["schema"], visible)
        if is_nullable(model, name):
            return _written_by(_null)
        schema = self._plain(field["schema"])
        if schema["type"] == "nullable":
            schema = self._plain(schema["schema"])  # the profile's field is not nullable
        if schema["type"] == "model":
            # A required model is emptied field by field, so that it keeps its shape.
            return self._value(schema, _NOTHING)
        if schema["type"] == "tuple":
            return _written_by(_no_items)
        return _written_by(_masked_text if schema["type"] == "str" else _null)

    def _value(self, schema: Any, visible: frozenset[DataClass]) -> CoreSchema:  # noqa: ANN401 - as above
        """Return the schema of a value that may be seen, with the models in it masked."""
        schema = self._plain(schema)
        kind = schema["type"]
        if kind == "model":
            return self._model(schema, visible)
        if "serialization" in schema:
            if schema["serialization"]["type"] != "function-plain":
                raise TypeError(f"a {kind} with this serialisation cannot be masked")
            return core_schema.any_schema(serialization=schema["serialization"])
        if kind == "nullable":
            return core_schema.nullable_schema(self._value(schema["schema"], visible))
        if kind == "tuple":
            items = [self._value(item, visible) for item in schema["items_schema"]]
            return core_schema.tuple_schema(items, variadic_item_index=schema.get("variadic_item_index"))
        if kind not in _VALUES:
            raise TypeError(f"a {kind} cannot be masked")
        value: CoreSchema = {name: member for name, member in schema.items() if name != "ref"}
        return value

    def _model(self, schema: Any, visible: frozenset[DataClass]) -> CoreSchema:  # noqa: ANN401 - as above
        if schema["cls"] is Text:
            return _written_by(_english if self._view.language is Language.ENGLISH else _indonesian)
        fields = self._fields(schema, schema["cls"], visible)
        if not issubclass(schema["cls"], Identifier) or is_hidden(schema["cls"], "value", visible):
            return _object(_FIELDS_OF, fields)
        release = self._view.release_numbers

        def with_masked_number(identifier: Identifier) -> dict[str, object]:
            return {**identifier.__dict__, "value": masked_number(identifier, visible, release_numbers=release)}

        return _object(with_masked_number, fields)


def _object(fields_of: Callable[[Any], object], fields: Mapping[str, CoreSchema]) -> CoreSchema:
    """Return the schema of a value that is written as an object of these fields."""
    members = {name: core_schema.typed_dict_field(schema) for name, schema in fields.items()}
    return _written_by(fields_of, core_schema.typed_dict_schema(members))


def _written_by(function: Callable[[Any], object], returned: CoreSchema | None = None) -> CoreSchema:
    """Return the schema of a value in place of which the result of a function is written."""
    serialization = core_schema.plain_serializer_function_ser_schema(function, return_schema=returned)
    return core_schema.any_schema(serialization=serialization)


def _null(_value: object) -> None:
    return None


def _no_items(_value: object) -> tuple[()]:
    return ()


def _masked_text(_value: object) -> str:
    return MASKED


def _indonesian(text: Text) -> str:
    return text.id


def _english(text: Text) -> str:
    return text.en or text.id
