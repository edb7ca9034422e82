"""Writes values as JSON for a caller: a record is masked, and gets its resource, id, doubts and provenance."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from pydantic_core import to_json

from gateway.policy.body_serializers import View, body_serializer
from gateway.policy.masks import visible_doubts
from gateway.policy.narrowing import PermittedQuery
from schemas.classes import Classed
from schemas.doubts import Doubt
from schemas.records import Body, Record
from schemas.texts import Language

B = TypeVar("B", bound=Body)

_NO_DOUBTS: Final = b"[]"


def serialise(values: Iterable[Classed], language: Language) -> tuple[bytes, ...]:
    """Write each value as one JSON object, its texts in this language first."""
    context = {"language": language}
    return tuple(value.model_dump_json(context=context).encode() for value in values)


def render_records(
    permitted: PermittedQuery[B, Any], records: Sequence[Record[B]], language: Language
) -> tuple[bytes, ...]:
    """Mask records for this caller and write each as one JSON object, as `gateway.api.openapi.models` describes it."""
    view = View(permitted.classes, permitted.releases_numbers, language)
    shown_as = permitted.shown_as
    start = to_json({"resource": permitted.resource.name})[:-1] + b',"id":'
    written: list[bytes] = []
    # Records of one answer share their provenance.
    provenances: dict[int, bytes] = {}
    for record in records:
        body = body_serializer(type(record.body), view, shown_as).to_json(record.body)
        doubts = _written_doubts(record, permitted) if record.doubts else _NO_DOUBTS
        provenance = provenances.get(id(record.provenance))
        if provenance is None:
            provenance = provenances[id(record.provenance)] = record.provenance.model_dump_json().encode()
        head = start + to_json(record.id) + b","
        written.append(b'%b%b,"doubts":%b,"provenance":%b}' % (head, body[1:-1], doubts, provenance))
    return tuple(written)


def _written_doubts(record: Record[Any], permitted: PermittedQuery[Any, Any]) -> bytes:
    doubts = visible_doubts(record, permitted.classes)
    if permitted.shown_as is not None:
        doubts = tuple(doubt for doubt in doubts if _is_about(doubt, permitted.shown_as))
    return to_json(doubts)


def _is_about(doubt: Doubt, generic: type[Body]) -> bool:
    """Return whether a doubt is about the record as a whole, or about a field of the generic body."""
    return not doubt.field or doubt.field.split("/")[1] in generic.model_fields
