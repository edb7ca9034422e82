"""A reader of GTFS-Realtime 2.0 vehicle positions, for the few fields that are needed. Pure, with limits.

Field numbers are those of gtfs-realtime.proto. A library would add a runtime for twelve fields, and would decode all
others, number plates included; this reader decodes only the fields named here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from adapters.errors import UpstreamMalformedError
from adapters.legacy.protobuf import ProtobufError, Value, fields, message, number, real, text

MOST_ENTITIES: Final = 2_000
_MOST_FIELDS: Final = 64
_VERSIONS: Final = ("1.0", "2.0")

Reader = Callable[[Value], Any]

_HEADER: Final[dict[int, tuple[str, Reader]]] = {
    1: ("gtfs_realtime_version", text),
    2: ("incrementality", number),
    3: ("timestamp", number),
}
_ENTITY: Final[dict[int, tuple[str, Reader]]] = {1: ("id", text), 2: ("is_deleted", number), 4: ("vehicle", message)}
_VEHICLE: Final[dict[int, tuple[str, Reader]]] = {
    1: ("trip", message),
    2: ("position", message),
    5: ("timestamp", number),
    8: ("vehicle", message),
}
_TRIP: Final[dict[int, tuple[str, Reader]]] = {1: ("trip_id", text), 5: ("route_id", text)}
_POSITION: Final[dict[int, tuple[str, Reader]]] = {
    1: ("latitude", real),
    2: ("longitude", real),
    3: ("bearing", real),
    5: ("speed", real),
}
_DESCRIPTOR: Final[dict[int, tuple[str, Reader]]] = {1: ("id", text)}


@dataclass(frozen=True)
class Position:
    """One vehicle position. `identity` is the operator's id, mostly the number plate: it is never shown."""

    identity: str
    values: dict[str, Any]

    def __repr__(self) -> str:
        return "Position()"


@dataclass(frozen=True)
class Positions:
    """A whole dataset: its time (seconds since 1970, or None), its vehicles, and the number of unreadable entities."""

    made_at: int | None
    vehicles: tuple[Position, ...]
    unreadable: int


def read(content: bytes) -> Positions:
    """Return the vehicle positions in a FeedMessage. Raises `UpstreamMalformedError` for anything else."""
    header: dict[str, Any] = {}
    vehicles: list[Position] = []
    unreadable = 0
    try:
        for field, value in fields(content, MOST_ENTITIES):
            if field == 1:
                header = _taken(message(value), _HEADER)
            elif field == 2:
                entity = message(value)
                found = _vehicle(entity)
                unreadable += found is None
                vehicles += [found] if found else []
    except ProtobufError:
        raise UpstreamMalformedError("the content is not a GTFS-Realtime message, or is truncated") from None
    if header.get("gtfs_realtime_version") not in _VERSIONS or header.get("incrementality", 0) != 0:
        raise UpstreamMalformedError("the content is not a full dataset of GTFS-Realtime")
    return Positions(header.get("timestamp"), tuple(vehicles), unreadable)


def _vehicle(content: bytes) -> Position | None:
    """Return one entity; None when it is damaged, or contains no identifiable vehicle."""
    try:
        entity = _taken(content, _ENTITY)
        vehicle = _taken(entity.get("vehicle", b""), _VEHICLE)
        trip = _taken(vehicle.get("trip", b""), _TRIP)
        position = _taken(vehicle.get("position", b""), _POSITION)
        descriptor = _taken(vehicle.get("vehicle", b""), _DESCRIPTOR)
    except ProtobufError:
        return None
    identity = (descriptor.get("id") or entity.get("id") or "").strip()
    if not identity or not vehicle or entity.get("is_deleted"):
        return None
    return Position(identity, {**trip, **position, "timestamp": vehicle.get("timestamp")})


def _taken(content: bytes, known: dict[int, tuple[str, Reader]]) -> dict[str, Any]:
    """Return the known fields of a message by name; of a repeated field, the last value."""
    return {known[field][0]: known[field][1](value) for field, value in fields(content, _MOST_FIELDS) if field in known}
