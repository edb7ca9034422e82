"""Models of answers in OpenAPI, built from the resources: a record with its provenance, alone or in a list."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, create_model
from typing_extensions import TypeAliasType

from schemas.catalogue import family_of
from schemas.classes import Classed, general
from schemas.doubts import Doubt
from schemas.envelope import Source
from schemas.records import Body, Provenance
from schemas.resources import Resource

# These types are composed at run time, which type checkers cannot follow: hence Any.
_ID: Any = Annotated[str, general("Nomor", "Opaque id", examples=["apl_Rk9vQmFy"])]
_DOUBTS: Any = Annotated[tuple[Doubt, ...], general("Keraguan", "Doubts about the record")]
_PROVENANCE: Any = Annotated[Provenance, general("Asal", "Source of the record, and the time of its data")]
_NEXT: Any = Annotated[str | None, general("Kursor berikutnya", "Cursor of the next page, null on the last")]
_COMPLETE: Any = Annotated[bool, general("Lengkap", "Whether every source answered completely")]
_SOURCES: Any = Annotated[
    tuple[Source, ...], general("Sumber", "State of each system that was or could have been queried")
]
_DEFERRED: Any = {"defer_build": True}
"""Defers the validators of models that only describe answers, until the OpenAPI document is built."""


def resource_name(resource: Resource[Any, Any]) -> str:
    """Return the name of a resource's model in the document."""
    return "".join(part.capitalize() for part in resource.name.split("-"))


@cache
def record_model(resource: Resource[Any, Any]) -> type[Classed]:
    """Return the model of a record: resource and id, the body's fields, doubts and provenance."""
    body: type[Body] = resource.body
    name: Any = Annotated[Literal[resource.name], general("Jenis data", "Resource", examples=[resource.name])]
    fields: dict[str, Any] = {field: (info.annotation, info) for field, info in body.model_fields.items()}
    return create_model(
        resource_name(resource),
        __base__=Classed,
        __doc__=body.__doc__,
        __cls_kwargs__=_DEFERRED,
        resource=(name, ...),
        id=(_ID, ...),
        **fields,
        doubts=(_DOUBTS, ...),
        provenance=(_PROVENANCE, ...),
    )


@cache
def generic_record_model(generic: Resource[Any, Any]) -> type[Classed]:
    """Return the model of a record in a list of a generic resource: of it or one of its profiles, in generic fields."""
    names = [resource.name for resource in family_of(generic)]
    name: Any = Annotated[str, general("Jenis data", "Resource, whose own route has all fields", examples=names)]
    fields: dict[str, Any] = {field: (info.annotation, info) for field, info in generic.body.model_fields.items()}
    return create_model(
        f"Any{resource_name(generic)}",
        __base__=Classed,
        __doc__=generic.body.__doc__,
        __cls_kwargs__=_DEFERRED,
        resource=(name, ...),
        id=(_ID, ...),
        **fields,
        doubts=(_DOUBTS, ...),
        provenance=(_PROVENANCE, ...),
    )


def generic_list_model(generic: Resource[Any, Any]) -> type[Classed]:
    """Return the model of a list of a generic resource and its profiles."""
    return list_model(f"Any{resource_name(generic)}", generic_record_model(generic))


def list_model(name: str, items: Any) -> type[Classed]:  # noqa: ANN401 - a model or a union of them
    """Return the model of the list envelope around `items`."""
    page: Any = Annotated[tuple[items, ...], general("Isi", "Records of this page")]
    return create_model(
        f"{name}List",
        __base__=Classed,
        __cls_kwargs__=_DEFERRED,
        __doc__="A page of records, with the state of every system that could have contributed.",
        items=(page, ...),
        next=(_NEXT, ...),
        complete=(_COMPLETE, ...),
        sources=(_SOURCES, ...),
    )


def resource_list_model(resource: Resource[Any, Any]) -> type[Classed]:
    """Return the model of a list of one resource."""
    return list_model(resource_name(resource), record_model(resource))


def record_answer_model(resource: Resource[Any, Any]) -> type[Classed]:
    """Return the model of an answer with one record, and the state of its source."""
    return _answer_model(resource_name(resource), record_model(resource))


def generic_answer_model(generic: Resource[Any, Any]) -> type[Classed]:
    """Return the model of an answer with one record of a generic resource or its profiles."""
    return _answer_model(f"Any{resource_name(generic)}", generic_record_model(generic))


def _answer_model(name: str, record: type[Classed]) -> type[Classed]:
    item: Any = Annotated[record, general("Isi", "The record")]
    return create_model(
        f"{name}Answer",
        __base__=Classed,
        __cls_kwargs__=_DEFERRED,
        __doc__="One record, with the state of the system that it came from.",
        item=(item, ...),
        complete=(_COMPLETE, ...),
        sources=(_SOURCES, ...),
    )


def mixed_list_model(name: str, resources: tuple[Resource[Any, Any], ...]) -> type[Classed]:
    """Return the model of a list that mixes resources, distinguished by their `resource`.

    An item is one of these resources, or of one that a later release adds: it has at least what every record has.
    """
    kinds: Any = None
    for resource in resources:
        model = record_model(resource)
        kinds = model if kinds is None else kinds | model
    known: Any = TypeAliasType(f"Known{name}Item", Annotated[kinds, Field(discriminator="resource")])
    other = _other_record_model(f"Other{name}Item", tuple(resource.name for resource in resources))
    item: Any = TypeAliasType(f"{name}Item", Annotated[known | other, Field(json_schema_extra=_exclude_each_other)])
    return list_model(name, item)


def _other_record_model(name: str, known: tuple[str, ...]) -> type[Classed]:
    resource: Any = Annotated[
        str,
        Field(json_schema_extra={"not": {"enum": list(known)}}),
        general("Jenis data", "Resource that this document does not have", examples=["library-loan"]),
    ]
    return create_model(
        name,
        __base__=Classed,
        __doc__="A record of a resource that a later release adds: the fields that every record has.",
        __cls_kwargs__=_DEFERRED,
        resource=(resource, ...),
        id=(_ID, ...),
        doubts=(_DOUBTS, ...),
        provenance=(_PROVENANCE, ...),
    )


def _exclude_each_other(schema: dict[str, Any]) -> None:
    """Write a union as `oneOf`: some generators merge the fields of `anyOf` into one class."""
    schema["oneOf"] = schema.pop("anyOf")


def counted_list_model(model: type[Classed]) -> type[Classed]:
    """Return the model of a list with `found`, the total number of matches."""
    found: Any = Annotated[int, general("Ditemukan", "Total number of matches", examples=[3])]
    return create_model(
        model.__name__, __base__=model, __doc__=model.__doc__, __cls_kwargs__=_DEFERRED, found=(found, ...)
    )
