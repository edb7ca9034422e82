"""Serialisation of records for the gateway's own storage: lossless, with texts in both languages."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import TypeAdapter

from gateway.records.ids import prefix_of
from gateway.records.shared_parts import share_parts
from schemas.doubts import Doubt
from schemas.records import Body, Provenance, Record
from schemas.resources import Resource
from schemas.texts import KEEP

B = TypeVar("B", bound=Body)

_ROWS = TypeAdapter(list[tuple[str, str, dict[str, Any], Provenance, tuple[Doubt, ...]]])


def pack(records: Iterable[Record[Body]]) -> bytes:
    """Serialise records as JSON."""
    return _ROWS.dump_json(
        [(r.id, r.key, r.body.model_dump(mode="json", context=KEEP), r.provenance, r.doubts) for r in records]
    )


def unpack_mixed(resources: Iterable[Resource[Any, Any]], content: bytes) -> tuple[Record[Any], ...]:
    """Deserialise records of several resources that `pack` wrote; the prefix of an id names its resource.

    Raises `ValueError` if the schema has changed since.
    """
    bodies = {resource.prefix: resource.body for resource in resources}
    records = []
    for record_id, key, body, provenance, doubts in _ROWS.validate_json(content):
        model = bodies.get(prefix_of(record_id))
        if model is None:
            raise ValueError("a record of another resource")
        records.append(Record(record_id, key, model.model_validate(body), provenance, doubts))
    return tuple(records)


def unpack(resource: Resource[B, Any], content: bytes) -> tuple[Record[B], ...]:
    """Deserialise records that `pack` wrote, to be held. Raises `ValueError` if the schema has changed since."""
    return tuple(
        share_parts(
            Record(record_id, key, resource.body.model_validate(body), provenance, doubts)
            for record_id, key, body, provenance, doubts in _ROWS.validate_json(content)
        )
    )
