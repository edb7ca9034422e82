"""Opaque record ids: system, office and local key, sealed deterministically, so that the id of a record is stable."""

import json
from dataclasses import dataclass, field
from typing import Any

from gateway.ground.sealing import Sealer, UnsealError
from schemas.resources import Resource

_USE = "record-id"


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """The resource, system, office and local key of a record. `repr` omits the key, which may be personal."""

    resource: str
    system: str
    office: str | None
    key: str = field(repr=False)


class RecordIds:
    """Seals and opens public ids, such as `apl_9f2c…`."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def make(self, prefix: str, place: RecordPlace) -> str:
        """Return the public id of a record; the same place always has the same id."""
        parts = [place.resource, place.system, place.office, place.key]
        return f"{prefix}_{self._sealer.token(_USE, json.dumps(parts, separators=(',', ':')).encode())}"

    def open(self, resource: Resource[Any, Any], public_id: str) -> RecordPlace | None:
        """Return the place in a record id; None if it is not a valid id of this resource."""
        start, _, token = public_id.partition("_")
        if start != resource.prefix:
            return None
        try:
            name, system, office, key = json.loads(self._sealer.open_token(_USE, token))
        except UnsealError:
            return None
        # The prefix is not sealed and may have been changed, so the sealed resource name is checked.
        return RecordPlace(name, system, office, key) if name == resource.name else None
