"""Writes the few fields of GTFS-Realtime 2.0 that the operator's trackers fill in (protocol buffers, by hand)."""

import struct
from dataclasses import dataclass
from typing import Final

_VARINT: Final = 0
_BYTES: Final = 2
_FLOAT: Final = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """A vehicle as its tracker reports it; `at` in seconds since 1970."""

    plate: str
    latitude: float
    longitude: float
    at: int
    trip: str = ""
    route: str = ""
    bearing: float = 0.0
    speed: float = 0.0


def feed(at: int, vehicles: list[Seen]) -> bytes:
    """A FeedMessage: a full dataset of vehicle positions."""
    head = _bytes(1, b"2.0") + _number(2, 0) + _number(3, at)
    return _bytes(1, head) + b"".join(_bytes(2, _entity(vehicle)) for vehicle in vehicles)


def _entity(seen: Seen) -> bytes:
    trip = (_bytes(1, seen.trip.encode()) if seen.trip else b"") + (
        _bytes(5, seen.route.encode()) if seen.route else b""
    )
    position = _float(1, seen.latitude) + _float(2, seen.longitude) + _float(3, seen.bearing) + _float(5, seen.speed)
    # The plate stands in place of an id, and once more as what it is.
    vehicle = _bytes(1, seen.plate.encode()) + _bytes(2, seen.plate.encode()) + _bytes(3, seen.plate.encode())
    content = (_bytes(1, trip) if trip else b"") + _bytes(2, position) + _number(5, seen.at) + _bytes(8, vehicle)
    return _bytes(1, seen.plate.encode()) + _bytes(4, content)


def _tag(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _number(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _tag(field, _BYTES) + _varint(len(content)) + content


def _float(field: int, value: float) -> bytes:
    return _tag(field, _FLOAT) + struct.pack("<f", value)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
