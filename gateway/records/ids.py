"""Opaque record ids: the local key, sealed deterministically for its resource, system and office.

Resource, system and office cost no space in an id: they are part of what its tag authenticates, and an id is opened by
trying the offices that answer for the resource. So an id of a system that is no longer live does not open.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from gateway.ground.sealing import Sealer, UnsealError
from gateway.records.key_encoding import KeyEncodingError, decode_key, encode_key
from schemas.resources import Resource

ID_SCHEME: Final = 2
"""The number of this scheme of ids: stored records whose ids are of another one are not used."""

_USE: Final = "record-id"

OfficeName = tuple[str, str | None]
"""A system, and one of its offices."""


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """The resource, system, office and local key of a record. `repr` omits the key, which may be personal."""

    resource: str
    system: str
    office: str | None
    key: str = field(repr=False)


class RecordIds:
    """Seals and opens public ids, such as `apl_9f2c…`. `offices` returns those that answer for a resource."""

    def __init__(self, sealer: Sealer, offices: Callable[[str], Iterable[OfficeName]]) -> None:
        self._seal = sealer.short_seal(_USE)
        self._offices = offices
        self._contexts: dict[str, Mapping[bytes, OfficeName]] = {}

    def make(self, prefix: str, place: RecordPlace) -> str:
        """Return the public id of a record; the same place always has the same id."""
        context = _context(place.resource, place.system, place.office)
        return f"{prefix}_{self._seal.seal(encode_key(place.key), context)}"

    def open(self, resource: Resource[Any, Any], public_id: str) -> RecordPlace | None:
        """Return the place in a record id; None if it is not a valid id of this resource and of a live office."""
        if prefix_of(public_id) != resource.prefix:
            return None
        token = public_id.removeprefix(f"{resource.prefix}_")
        contexts = self._contexts_of(resource.name)
        try:
            plain, context = self._seal.open(token, contexts)
            key = decode_key(plain)
        except (UnsealError, KeyEncodingError):
            return None
        return RecordPlace(resource.name, *contexts[context], key)

    def _contexts_of(self, resource: str) -> Mapping[bytes, OfficeName]:
        if resource not in self._contexts:
            self._contexts[resource] = {_context(resource, *office): office for office in self._offices(resource)}
        return self._contexts[resource]


def prefix_of(public_id: str) -> str:
    """Return the prefix of an id, which names the resource of the record."""
    return public_id.partition("_")[0]


@lru_cache(maxsize=1024)
def _context(resource: str, system: str, office: str | None) -> bytes:
    return json.dumps([resource, system, office]).encode()
