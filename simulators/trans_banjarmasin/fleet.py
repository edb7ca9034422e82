"""Vehicle positions at a given time, as reported by trackers, some of which are defective."""

import json
import math
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from simulators.trans_banjarmasin.network import HALTS, LINES, Line
from simulators.trans_banjarmasin.protobuf import VehiclePosition

_VEHICLES_PER_LINE: Final = 3
_EVERY: Final = 10
_STUCK_BY: Final = timedelta(hours=3, minutes=20)
_FIRST, _LAST = 6, 19

Vehicle = dict[str, Any]


class Fleet:
    """The operator's vehicles, in a file created on the first start."""

    def __init__(self, path: Path, seed: int) -> None:
        self._path = path
        if not path.exists():
            self._keep(_vehicles(seed))
        self._vehicles: list[Vehicle] = json.loads(path.read_text("utf-8"))

    def positions(self, now: datetime) -> list[VehiclePosition]:
        """Return all vehicles, as reported in the last ten seconds."""
        at = datetime.fromtimestamp(int(now.timestamp()) // _EVERY * _EVERY, now.tzinfo)
        return [_position(vehicle, at) for vehicle in self._vehicles]

    def put(self, vehicle: Vehicle) -> None:
        """Add a vehicle, or replace the one with this plate."""
        self._keep([one for one in self._vehicles if one["plate"] != vehicle["plate"]] + [vehicle])

    def remove(self, plate: str) -> bool:
        """Remove a vehicle; return whether there was one."""
        before = len(self._vehicles)
        self._keep([one for one in self._vehicles if one["plate"] != plate])
        return len(self._vehicles) < before

    def _keep(self, vehicles: list[Vehicle]) -> None:
        self._vehicles = vehicles
        self._path.write_text(json.dumps(vehicles, indent=1), "utf-8")


def _vehicles(seed: int) -> list[Vehicle]:
    random = Random(f"{seed}/armada")
    states = {3: "stuck", 5: "nowhere", 8: "undated", 10: "parked"}
    return [
        {"plate": f"DA {random.randrange(7000, 7999)} Z{letter}", "line": line.id, "turn": turn, "state": "moving"}
        | ({"state": states[at * _VEHICLES_PER_LINE + turn]} if at * _VEHICLES_PER_LINE + turn in states else {})
        for at, line in enumerate(LINES)
        for turn, letter in enumerate("ABC")
    ]


def _position(vehicle: Vehicle, now: datetime) -> VehiclePosition:
    state = vehicle.get("state", "moving")
    line = next((line for line in LINES if line.id == vehicle.get("line")), LINES[0])
    at = now - _STUCK_BY if state == "stuck" else now
    if "latitude" in vehicle:
        latitude, longitude, bearing = float(vehicle["latitude"]), float(vehicle["longitude"]), 0.0
    else:
        latitude, longitude, bearing = _interpolated(line, at, int(vehicle.get("turn", 0)))
    if state == "nowhere":  # the tracker has no satellite fix
        latitude = longitude = 0.0
    driving = state == "all-hours" or (state != "parked" and _FIRST <= at.hour < _LAST)
    return VehiclePosition(
        plate=vehicle["plate"],
        latitude=latitude,
        longitude=longitude,
        at=0 if state == "undated" else int(at.timestamp()) - int(vehicle.get("age", 0)),
        trip=f"{line.id} PERGI" if driving and line.kind != 4 else "",
        route=line.id if driving else "",
        bearing=bearing,
        speed=round(5.5 + bearing % 3, 1) if driving else 0.0,
    )


def _interpolated(line: Line, at: datetime, turn: int) -> tuple[float, float, float]:
    """Return a position between two halts, back and forth; the vehicles of a line are spread over it."""
    halts = [HALTS[halt] for halt in (*line.halts, *line.halts[-2:0:-1])]
    cycle = 2 * sum(line.minutes) * 60
    part = (at.timestamp() / cycle + turn / _VEHICLES_PER_LINE) % 1 * len(halts)
    here, there = halts[int(part) % len(halts)], halts[(int(part) + 1) % len(halts)]
    share = part % 1
    north, east = there.latitude - here.latitude, there.longitude - here.longitude
    bearing = math.degrees(math.atan2(east, north)) % 360
    return here.latitude + share * north, here.longitude + share * east, round(bearing, 1)
