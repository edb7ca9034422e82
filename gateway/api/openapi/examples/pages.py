"""How the document's examples are made: by the same masks as real answers, from synthetic records."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from gateway.ground.clock import WITA
from gateway.policy.disclosure import renamed_kind
from gateway.policy.masks import mask
from gateway.policy.narrowing import CallerView, PermittedQuery
from schemas.classes import Classed
from schemas.envelope import Cause, Source, SourceState, is_complete
from schemas.records import Body, Provenance
from schemas.resources import Resource

AT: Final = datetime(2026, 11, 23, 9, 14, 3, tzinfo=WITA)
"""The moment at which every example was asked for."""

_PASSING: Final = frozenset({Cause.TIMEOUT, Cause.UNAVAILABLE, Cause.CIRCUIT_OPEN, Cause.QUOTA_SPENT})

Part = tuple[Resource[Any, Any], Body, Source]
"""A record of an example: its resource, its body, and the source that it came from."""


def opaque(prefix: str, key: str) -> str:
    """An id or cursor with the look of a real one; it opens nothing."""
    return f"{prefix}_{blake2b(key.encode(), digest_size=24).hexdigest()}"


def written(value: Classed, *, sparse: bool = False) -> dict[str, Any]:
    """A value as it is written to callers, in Indonesian; sparse without what does not apply."""
    made: dict[str, Any] = json.loads(value.model_dump_json(exclude_none=sparse))
    return made


def source(system: str, office: str | None = None, *, state: SourceState = SourceState.FRESH, items: int = 1) -> Source:
    """A source that contributed."""
    return Source(system=system, office=office, state=state, fetched_at=AT, items=items, set_aside=0)


def failed(system: str, office: str | None = None, *, cause: Cause = Cause.TIMEOUT) -> Source:
    """A source that failed; when to ask it again is said where that would help."""
    again = AT + timedelta(seconds=30) if cause in _PASSING else None
    return Source(system=system, office=office, state=SourceState.FAILED, cause=cause, retry_at=again)


def item(part: Part, view: CallerView, *, kind: bool = False) -> dict[str, Any]:
    """A record as this view sees it, with its kind where an answer mixes several."""
    resource, body, came_from = part
    terms = PermittedQuery(
        resource=resource,
        query=resource.query(),
        view=CallerView.PUBLIC if resource.public and not kind else view,
        principal=None,
        purpose=None,
    )
    shown = mask(body, terms.classes, release_numbers=terms.releases_numbers)
    provenance = Provenance(system=came_from.system, office=came_from.office, fetched_at=AT)
    identity = {"id": opaque(resource.prefix, resource.name)} | ({"kind": resource.name} if kind else {})
    fields = written(shown)
    if kind and "kind" in fields:
        fields[renamed_kind(resource.name)] = fields.pop("kind")
    return {**identity, **fields, "provenance": written(provenance)}


def envelope(items: Iterable[dict[str, Any]], sources: tuple[Source, ...], cursor: str | None = None) -> dict[str, Any]:
    """The honest envelope around items."""
    return {
        "items": list(items),
        "next": cursor,
        "complete": is_complete(sources),
        "sources": [written(each, sparse=True) for each in sources],
    }


def page(part: Part, *others: Source, view: CallerView = CallerView.SELF, paged: bool = False) -> dict[str, Any]:
    """A list of one record."""
    cursor = opaque("kursor", part[0].name) if paged else None
    return envelope([item(part, view)], (part[2], *others), cursor)


def overview(parts: tuple[Part, ...], *others: Source) -> dict[str, Any]:
    """A list that mixes records of a resident's own."""
    named = [part[2].model_copy(update={"resource": part[0].name}) for part in parts]
    return envelope((item(part, CallerView.SELF, kind=True) for part in parts), (*named, *others))


def alone(part: Part, view: CallerView = CallerView.PUBLIC) -> dict[str, Any]:
    """One record on its own."""
    return {**item(part, view), "source": written(part[2], sparse=True)}


def reference(value: Classed) -> dict[str, Any]:
    """A list of one thing that the gateway itself tells."""
    return envelope([written(value)], ())
