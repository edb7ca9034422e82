"""Serialisation of records for the gateway's own storage: lossless, with texts in both languages.

Each record is a list of one, on a line of JSON of its own, so that a long list is read without a second copy of it in
memory. (Lines with several records, as they were stored before, are read too.) Whoever stores such lines where they
could be cut off stores their number too: an end at the end of a line is not noticed here.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain
from typing import Any, TypeVar

from pydantic import TypeAdapter

from gateway.records.ids import prefix_of
from schemas.doubts import Doubt
from schemas.records import Body, Provenance, Record
from schemas.resources import Resource
from schemas.texts import KEEP

B = TypeVar("B", bound=Body)

_Row = tuple[str, str, dict[str, Any], Provenance, tuple[Doubt, ...]]
_ROWS = TypeAdapter(list[_Row])


def pack(records: Iterable[Record[Body]]) -> bytes:
    """Serialise records as lines of JSON."""
    return b"\n".join(
        _ROWS.dump_json([(r.id, r.key, r.body.model_dump(mode="json", context=KEEP), r.provenance, r.doubts)])
        for r in records
    )


def unpack_mixed(resources: Iterable[Resource[Any, Any]], content: bytes) -> tuple[Record[Any], ...]:
    """Deserialise records of several resources that `pack` wrote; the prefix of an id names its resource.

    Raises `ValueError` if the schema has changed since.
    """
    bodies = {resource.prefix: resource.body for resource in resources}
    records = []
    for record_id, key, body, provenance, doubts in _rows(content):
        model = bodies.get(prefix_of(record_id))
        if model is None:
            raise ValueError("a record of another resource")
        records.append(Record(record_id, key, model.model_validate(body), provenance, doubts))
    return tuple(records)


def unpack(resource: Resource[B, Any], content: bytes) -> Iterator[Record[B]]:
    """Deserialise records that `pack` wrote, one by one. Raises `ValueError` if the schema has changed since."""
    for record_id, key, body, provenance, doubts in _rows(content):
        yield Record(record_id, key, resource.body.model_validate(body), provenance, doubts)


def _rows(content: bytes) -> Iterator[_Row]:
    return chain.from_iterable(map(_ROWS.validate_json, BytesIO(content)))
