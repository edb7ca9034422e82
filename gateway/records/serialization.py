"""Serialisation of records for the gateway's own storage: lossless, with texts in both languages.

The records are one JSON list. Each is a line of its own, so that a long list is read record by record, and is not
parsed as a whole before the first record is made.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from gateway.records.ids import prefix_of
from schemas.doubts import Doubt
from schemas.records import Body, Provenance, Record
from schemas.resources import Resource
from schemas.texts import KEEP

B = TypeVar("B", bound=Body)

_Row = tuple[str, str, dict[str, Any], Provenance, tuple[Doubt, ...]]
_ROW = TypeAdapter(_Row)
_ROWS = TypeAdapter(list[_Row])
_BETWEEN: Final = b",\n"
"""Occurs between records only: within them, JSON has no line break."""


def pack(records: Iterable[Record[Body]]) -> bytes:
    """Serialise records as a JSON list with line breaks between them."""
    rows = (
        _ROW.dump_json((r.id, r.key, r.body.model_dump(mode="json", context=KEEP), r.provenance, r.doubts))
        for r in records
    )
    return b"[" + _BETWEEN.join(rows) + b"]"


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
    """Yield the rows, parsed line by line. A list that was cut off anywhere is no valid JSON in one of its lines."""
    for line in content.replace(_BETWEEN, b"]\n[").split(b"\n"):
        yield from _ROWS.validate_json(line)
