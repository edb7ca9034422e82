"""Equal parts of records that are held: kept once, not once for each record.

Pydantic gives each model a set with the names of the fields that were set, which is half of a record's memory. The
records of one list have few different sets, and few different provenances.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, TypeVar

from pydantic import BaseModel

from schemas.records import Body, Provenance, Record

B = TypeVar("B", bound=Body)

_FIELD_SET: Final = "__pydantic_fields_set__"
_FieldSets = dict[type[BaseModel] | frozenset[str], set[str]]
"""The shared sets: of all fields by model, and others by their names."""


def share_parts(records: Iterable[Record[B]]) -> Iterator[Record[B]]:
    """Yield the records with equal parts in common. Their bodies must be frozen, and nobody may change their sets."""
    field_sets: _FieldSets = {}
    provenances: dict[Provenance, Provenance] = {}
    for record in records:
        _share_field_sets(record.body, field_sets)
        provenance = provenances.setdefault(record.provenance, record.provenance)
        yield record if provenance is record.provenance else replace(record, provenance=provenance)


def _share_field_sets(model: BaseModel, field_sets: _FieldSets) -> None:
    own, kind = model.model_fields_set, type(model)
    shared = field_sets.setdefault(kind if len(own) == len(kind.model_fields) else frozenset(own), own)
    if shared is not own:
        object.__setattr__(model, _FIELD_SET, shared)  # the model is frozen, and equal to what it was
    for value in model.__dict__.values():
        if isinstance(value, BaseModel):
            _share_field_sets(value, field_sets)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, BaseModel):
                    _share_field_sets(item, field_sets)
