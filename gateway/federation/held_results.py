"""A caller's own bounded result, held sealed for a short while so that it can be paged through consistently."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from gateway.ground.sealing import Sealer
from gateway.records.serialization import pack, unpack
from gateway.shared.contract import ShortLivedCache
from schemas.envelope import Source
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_USE = "held-result"
_SOURCES = TypeAdapter(tuple[Source, ...])


class HeldResults:
    """Puts results away and takes them out again; each opens only for the question that made it."""

    def __init__(self, *, shelf: ShortLivedCache, sealer: Sealer, kept_for: timedelta) -> None:
        self._shelf = shelf
        self._sealer = sealer
        self._kept_for = kept_for

    async def put(self, records: Iterable[Record[Body]], sources: tuple[Source, ...], question: str) -> str | None:
        """Hold a result; the name to ask for it by, or None when there is no room for it."""
        name = secrets.token_urlsafe(16)
        plain = _SOURCES.dump_json(sources) + b"\n" + pack(records)
        sealed = self._sealer.seal(_USE, plain, bound_to=f"{question}/{name}")
        return name if await self._shelf.put(f"{_USE}/{name}", sealed, self._kept_for) else None

    async def get(
        self, resource: Resource[B, Any], name: str, question: str
    ) -> tuple[tuple[Record[B], ...], tuple[Source, ...]] | None:
        """A held result in its order; None when it is not held any more."""
        sealed = await self._shelf.get(f"{_USE}/{name}")
        if sealed is None:
            return None
        plain = self._sealer.unseal(_USE, sealed, bound_to=f"{question}/{name}")
        sources, _, records = plain.partition(b"\n")
        try:
            return unpack(resource, records), _SOURCES.validate_json(sources)
        except ValidationError:
            return None  # put away by a version with another schema
