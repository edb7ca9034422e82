"""Opaque ids: system, office and the system's own key, sealed deterministically, so that a record keeps its id."""

import json
from dataclasses import dataclass, field
from typing import Any

from gateway.ground.sealing import Sealer, UnsealError
from schemas.resources import Resource

_USE = "record-id"


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record lives. The key may be personal, so it is never shown."""

    resource: str
    system: str
    office: str | None
    key: str = field(repr=False)


class RecordIds:
    """Makes public ids, such as `apl_9f2c…`, and opens them."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def make(self, prefix: str, place: RecordPlace) -> str:
        """The public id of a record; the same place always has the same id."""
        parts = [place.resource, place.system, place.office, place.key]
        return f"{prefix}_{self._sealer.token(_USE, json.dumps(parts, separators=(',', ':')).encode())}"

    def open(self, resource: Resource[Any, Any], public_id: str) -> RecordPlace | None:
        """Where the record of this resource with this id lives; None for anything that is not such an id of ours."""
        start, _, token = public_id.partition("_")
        if start != resource.prefix:
            return None
        try:
            name, system, office, key = json.loads(self._sealer.open_token(_USE, token))
        except UnsealError:
            return None
        # Any prefix can be written in front of a sealed place: it is what was sealed that counts.
        return RecordPlace(name, system, office, key) if name == resource.name else None
