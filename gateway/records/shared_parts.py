"""Equal parts of records that are held: kept once, not once for each record.

Pydantic gives each model a set with the names of the fields that were set, which is half of a record's memory. The
records of one list have few different sets, few different provenances, and the same codes, places and texts in them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from schemas.records import Body, Provenance, Record

B = TypeVar("B", bound=Body)
M = TypeVar("M", bound=BaseModel)

_FIELD_SET: Final = "__pydantic_fields_set__"
_EXACT: Final = frozenset({str, int, bool, date, type(None)})
"""Types whose equal values are written in the same way. Of moments, amounts and numbers with a fraction this is not so:
noon in two time zones is equal, and so are 1.0 and 1.00."""


def share_parts(records: Iterable[Record[B]], held: Iterable[Record[B]] = ()) -> Iterator[Record[B]]:
    """Yield the records with equal parts in common. Their bodies must be frozen, and nobody may change their sets.

    `held`: records known to be written in the same way as those of the same ids, if they are equal. Their bodies are
    used again, so that a list that did not change leaves no gaps in memory between what stays.
    """
    parts, bodies = _Parts(), {record.id: record.body for record in held}
    for record in records:
        body = bodies.get(record.id)
        if body is None or body != record.body:
            body = record.body
            parts.share_in(body)
        provenance = parts.provenances.setdefault(record.provenance, record.provenance)
        yield replace(record, body=body, provenance=provenance)


@dataclass(slots=True)
class _Parts:
    """The parts of one list that were seen so far."""

    field_sets: dict[type[BaseModel] | frozenset[str], set[str]] = field(default_factory=dict)
    """The sets of all fields by model, and others by their names."""
    provenances: dict[Provenance, Provenance] = field(default_factory=dict)
    values: dict[tuple[type, object], object] = field(default_factory=dict)
    models: dict[tuple[int, ...], Any] = field(default_factory=dict)
    """Models by the identities of their class, their set of fields, and their values.

    The values are shared already, and live as long as the models here.
    """

    def share_in(self, model: BaseModel) -> bool:
        """Share the parts of a model; return whether equal models are written in the same way."""
        own, kind = model.model_fields_set, type(model)
        shared = self.field_sets.setdefault(kind if len(own) == len(kind.model_fields) else frozenset(own), own)
        if shared is not own:
            object.__setattr__(model, _FIELD_SET, shared)  # the model is frozen, and equal to what it was
        fields, all_exact = model.__dict__, True
        for name, value in fields.items():
            fields[name], exact = self._shared(value)
            all_exact = all_exact and exact
        return all_exact

    def _shared(self, value: object) -> tuple[object, bool]:
        """Return the value or one that replaces it, and whether equal values are written in the same way."""
        kind = type(value)
        if kind in _EXACT:
            return self.values.setdefault((kind, value), value), True
        if isinstance(value, BaseModel):
            return self._shared_model(value)
        if isinstance(value, tuple) and kind is tuple:
            items = [self._shared(item) for item in value]
            # A tuple of models has no identity that another one could share: its items suffice.
            return tuple(item for item, _ in items) if items else value, not items
        return value, isinstance(value, Enum)

    def _shared_model(self, model: M) -> tuple[M, bool]:
        if not self.share_in(model):
            return model, False
        identity = (id(type(model)), id(model.model_fields_set), *map(id, model.__dict__.values()))
        shared: M = self.models.setdefault(identity, model)
        return shared, True
