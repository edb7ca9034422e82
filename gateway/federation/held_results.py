"""Holds a caller's bounded result sealed for a short time, so that its pages are consistent."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import TypeAdapter

from gateway.ground.sealing import Sealer
from gateway.records.serialization import pack, unpack_mixed
from gateway.shared.contract import ShortLivedCache
from schemas.envelope import OfficeSource
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_USE = "held-result"
_SOURCES = TypeAdapter(tuple[OfficeSource, ...])


class HeldResults:
    """Stores and returns held results; each can be opened only for the question that produced it."""

    def __init__(self, *, cache: ShortLivedCache, sealer: Sealer, kept_for: timedelta) -> None:
        self._cache = cache
        self._sealer = sealer
        self._kept_for = kept_for

    async def put(
        self, records: Iterable[Record[Body]], sources: tuple[OfficeSource, ...], question: str
    ) -> str | None:
        """Hold a result. Returns its name, or None when the cache is full."""
        name = secrets.token_urlsafe(16)
        plain = _SOURCES.dump_json(sources) + b"\n" + pack(records)
        sealed = self._sealer.seal(_USE, plain, bound_to=f"{question}/{name}")
        return name if await self._cache.put(f"{_USE}/{name}", sealed, self._kept_for) else None

    async def get(
        self, resources: Iterable[Resource[B, Any]], name: str, question: str
    ) -> tuple[tuple[Record[B], ...], tuple[OfficeSource, ...]] | None:
        """A held result with records of these resources, in its order; None when it has expired."""
        sealed = await self._cache.get(f"{_USE}/{name}")
        if sealed is None:
            return None
        plain = self._sealer.unseal(_USE, sealed, bound_to=f"{question}/{name}")
        sources, _, records = plain.partition(b"\n")
        try:
            return unpack_mixed(resources, records), _SOURCES.validate_json(sources)
        except ValueError:
            return None  # stored by a version with another schema
