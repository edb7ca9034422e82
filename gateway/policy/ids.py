"""Opaque ids: system, office and the system's own key, sealed deterministically, so that a record keeps its id."""

import json
from dataclasses import dataclass, field

from gateway.sealing import Sealer, UnsealError

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

    def open(self, prefix: str, public_id: str) -> RecordPlace | None:
        """Where the record with this id lives; None for anything that is not an id of ours."""
        start, _, token = public_id.partition("_")
        if start != prefix:
            return None
        try:
            resource, system, office, key = json.loads(self._sealer.open_token(_USE, token))
        except UnsealError:
            return None
        return RecordPlace(resource, system, office, key)
