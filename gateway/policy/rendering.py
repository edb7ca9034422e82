"""Writes values as JSON for a caller: a record is masked first, and gets its id and provenance."""

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic_core import to_json

from gateway.policy.masks import mask
from gateway.policy.narrowing import PermittedQuery
from schemas.classes import Classed
from schemas.records import Body, Record
from schemas.texts import Language

B = TypeVar("B", bound=Body)


def serialise(values: Iterable[Classed], language: Language) -> tuple[bytes, ...]:
    """Write each value as one JSON object, its texts in this language first."""
    context = {"language": language}
    return tuple(value.model_dump_json(context=context).encode() for value in values)


def render_record(
    permitted: PermittedQuery[B, Any], record: Record[B], language: Language, kind: str | None = None
) -> bytes:
    """Mask a record for this caller and write it as one JSON object, with its id, its `kind` and its provenance."""
    body = mask(record.body, permitted.classes, release_numbers=permitted.releases_numbers)
    head = to_json({"id": record.id} if kind is None else {"id": record.id, "kind": kind})
    if kind is not None and "kind" in type(body).model_fields:
        middle = _with_kind_renamed(body, language, renamed_kind(kind))
    else:
        middle = body.model_dump_json(context={"language": language})
    rest = f',{middle[1:-1]},"provenance":{record.provenance.model_dump_json()}}}'
    return head[:-1] + rest.encode()


def renamed_kind(resource: str) -> str:
    """The new name of a body's own field `kind`, where `kind` distinguishes items of several resources."""
    return f"{resource.replace('-', '_')}_kind"


def _with_kind_renamed(body: Body, language: Language, name: str) -> str:
    context = {"language": language}
    rest = body.model_dump_json(context=context, exclude={"kind"})
    own = body.model_dump_json(context=context, include={"kind"}).removeprefix('{"kind":')
    return f'{{"{name}":{own[:-1]},{rest[1:]}'
