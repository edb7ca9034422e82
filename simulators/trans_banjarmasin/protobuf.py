"""Encode the GTFS-Realtime 2.0 fields of the operator's trackers (protocol buffers, without a library)."""

import struct
from dataclasses import dataclass
from typing import Final

_VARINT: Final = 0
_BYTES: Final = 2
_FLOAT: Final = 5


@dataclass(frozen=True, slots=True)
class VehiclePosition:
    """A vehicle as reported by its tracker; `at` in seconds since 1970."""

    plate: str
    latitude: float
    longitude: float
    at: int
    trip: str = ""
    route: str = ""
    bearing: float = 0.0
    speed: float = 0.0


def feed(at: int, vehicles: list[VehiclePosition]) -> bytes:
    """Return a FeedMessage: a full dataset of vehicle positions."""
    head = _bytes(1, b"2.0") + _number(2, 0) + _number(3, at)
    return _bytes(1, head) + b"".join(_bytes(2, _entity(vehicle)) for vehicle in vehicles)


def _entity(vehicle_position: VehiclePosition) -> bytes:
    trip = (_bytes(1, vehicle_position.trip.encode()) if vehicle_position.trip else b"") + (
        _bytes(5, vehicle_position.route.encode()) if vehicle_position.route else b""
    )
    position = (
        _float(1, vehicle_position.latitude)
        + _float(2, vehicle_position.longitude)
        + _float(3, vehicle_position.bearing)
        + _float(5, vehicle_position.speed)
    )
    # The plate is used as id, label and license plate.
    vehicle = (
        _bytes(1, vehicle_position.plate.encode())
        + _bytes(2, vehicle_position.plate.encode())
        + _bytes(3, vehicle_position.plate.encode())
    )
    content = (
        (_bytes(1, trip) if trip else b"") + _bytes(2, position) + _number(5, vehicle_position.at) + _bytes(8, vehicle)
    )
    return _bytes(1, vehicle_position.plate.encode()) + _bytes(4, content)


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
