"""Writes values as JSON for a caller: a record is masked first, and gets its resource, id, doubts and provenance."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic_core import to_json

from gateway.policy.masks import mask, visible_doubts
from gateway.policy.narrowing import PermittedQuery
from schemas.classes import Classed
from schemas.doubts import Doubt
from schemas.records import Body, Record
from schemas.texts import Language

B = TypeVar("B", bound=Body)


def serialise(values: Iterable[Classed], language: Language) -> tuple[bytes, ...]:
    """Write each value as one JSON object, its texts in this language first."""
    context = {"language": language}
    return tuple(value.model_dump_json(context=context).encode() for value in values)


def render_record(permitted: PermittedQuery[B, Any], record: Record[B], language: Language) -> bytes:
    """Mask a record for this caller and write it as one JSON object, as `gateway.api.openapi.models` describes it."""
    body: Body = mask(record.body, permitted.classes, release_numbers=permitted.releases_numbers)
    doubts = visible_doubts(record, permitted.classes)
    if permitted.shown_as is not None:
        body = _generic(body, permitted.shown_as)
        doubts = tuple(doubt for doubt in doubts if _is_about(doubt, permitted.shown_as))
    head = to_json({"resource": permitted.resource.name, "id": record.id})
    middle = body.model_dump_json(context={"language": language})
    rest = b',"doubts":' + to_json(doubts) + b',"provenance":' + record.provenance.model_dump_json().encode() + b"}"
    return head[:-1] + b"," + middle[1:-1].encode() + rest


def _generic(body: Body, generic: type[Body]) -> Body:
    """Return the fields of a profile that all profiles of its generic body have. The values are valid already."""
    return generic.model_construct(**{name: getattr(body, name) for name in generic.model_fields})


def _is_about(doubt: Doubt, generic: type[Body]) -> bool:
    """Return whether a doubt is about the record as a whole, or about a field of the generic body."""
    return not doubt.field or doubt.field.split("/")[1] in generic.model_fields
