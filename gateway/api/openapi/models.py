"""Models of answers in OpenAPI, built from the resources: a record with its provenance, alone or in a list."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from gateway.policy.rendering import renamed_kind
from schemas.classes import Classed, general
from schemas.envelope import Source
from schemas.records import Body, Provenance
from schemas.resources import Resource

# These types are composed at run time, which type checkers cannot follow: hence Any.
_ID: Any = Annotated[str, general("Nomor", "Opaque id", examples=["apl_Rk9vQmFy"])]
_PROVENANCE: Any = Annotated[Provenance, general("Asal", "Source of the record, and its date")]
_SOURCE: Any = Annotated[Source, general("Sumber", "State of the system that the record came from")]
_NEXT: Any = Annotated[str | None, general("Kursor berikutnya", "Cursor of the next page, null on the last")]
_COMPLETE: Any = Annotated[bool, general("Lengkap", "Whether every source answered completely")]
_SOURCES: Any = Annotated[
    tuple[Source, ...], general("Sumber", "State of each system that was or could have been queried")
]
_DEFERRED: Any = {"defer_build": True}
"""Defers the validators of models that only describe answers, until the OpenAPI document is built."""


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


@cache
def record_model(body: type[Body], name: str) -> type[Classed]:
    """Return the model of a record: the body's fields with `id` and `provenance`."""
    return create_model(
        f"{name}Record",
        __base__=body,
        __doc__=body.__doc__,
        __cls_kwargs__=_DEFERRED,
        id=(_ID, ...),
        provenance=(_PROVENANCE, ...),
    )


def _item_model(resource: Resource[Any, Any]) -> type[Classed]:
    body: type[Body] = resource.body
    return record_model(body, _pascal(resource.name))


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
    return list_model(_pascal(resource.name), _item_model(resource))


def record_answer_model(resource: Resource[Any, Any]) -> type[Classed]:
    """Return the model of a single record with the state of its source."""
    item = _item_model(resource)
    name = f"{_pascal(resource.name)}Answer"
    return create_model(name, __base__=item, __doc__=item.__doc__, __cls_kwargs__=_DEFERRED, source=(_SOURCE, ...))


def mixed_list_model(name: str, resources: tuple[Resource[Any, Any], ...]) -> type[Classed]:
    """Return the model of a list that mixes resources, each item with its `kind`."""
    kinds: Any = None
    for resource in resources:
        model = _item_with_kind(resource)
        kinds = model if kinds is None else kinds | model
    return list_model(name, Annotated[kinds, Field(discriminator="kind")])


@cache
def _item_with_kind(resource: Resource[Any, Any]) -> type[Classed]:
    """Return the model of a record with its `kind`. The body's own field `kind` is renamed (`renamed_kind`)."""
    kind: Any = Annotated[Literal[resource.name], general("Jenis", "Resource", examples=[resource.name])]
    item = _item_model(resource)
    name = f"{_pascal(resource.name)}Item"
    body: type[Body] = resource.body
    if "kind" not in body.model_fields:
        return create_model(name, __base__=item, __doc__=item.__doc__, __cls_kwargs__=_DEFERRED, kind=(kind, ...))
    fields: dict[str, Any] = {
        renamed_kind(resource.name) if field == "kind" else field: (info.annotation, info)
        for field, info in item.model_fields.items()
    }
    return create_model(
        name,
        __base__=Classed,
        __doc__=item.__doc__,
        __cls_kwargs__=_DEFERRED,
        **fields,
        kind=(kind, ...),
    )


def counted_list_model(model: type[Classed]) -> type[Classed]:
    """Return the model of a list with `found`, the total number of matches."""
    found: Any = Annotated[int, general("Ditemukan", "Total number of matches", examples=[3])]
    return create_model(
        model.__name__, __base__=model, __doc__=model.__doc__, __cls_kwargs__=_DEFERRED, found=(found, ...)
    )
