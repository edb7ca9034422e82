"""The course of each route: its stops in order, and the points of its shape. Pure.

GTFS states both of trips, not of routes. The course of a route is that of its longest outward trip (`direction_id` 0,
or none); stops of other trips only are appended.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.errors import UpstreamMalformedError
from adapters.trans_banjarmasin.tables import Timetable, good
from adapters.trans_banjarmasin.wire import RouteStop, ShapeRow, StopTimeRow, TripRow

MOST_POINTS: Final = 50_000
"""Points that the shapes of all routes may have together: many routes can name one long shape."""

_RETURN: Final = "1"


@dataclass(frozen=True)
class Course:
    """The stops of a route in order, each once, and the rows of its shape, unsorted."""

    stops: tuple[RouteStop, ...] = ()
    shape: tuple[ShapeRow, ...] = ()


def courses(table: Timetable) -> Mapping[str, Course]:
    """Return the course of each route that has trips. Raises `UpstreamMalformedError` when they are too long."""
    names = {stop.stop_id: stop.stop_name for stop in good(table.stops())}
    times, shapes = _by_trip(good(table.stop_times())), _by_shape(good(table.shapes()))
    trips: defaultdict[str, list[TripRow]] = defaultdict(list)
    for trip in good(table.trips()):
        trips[trip.route_id].append(trip)
    found: dict[str, Course] = {}
    points = 0
    for route_id, own in trips.items():
        own.sort(key=lambda trip: (trip.direction_id == _RETURN, -len(times.get(trip.trip_id, ())), trip.trip_id))
        ids = dict.fromkeys(time.stop_id for trip in own for time in times.get(trip.trip_id, ()))
        stops = tuple(RouteStop(stop_id=key, stop_name=names.get(key), listed=key in names) for key in ids)
        shape = shapes.get(own[0].shape_id or "", ())
        points += len(shape)
        if points > MOST_POINTS:
            raise UpstreamMalformedError("the shapes of the routes have more points than the limit")
        found[route_id] = Course(stops, tuple(shape))
    return found


def _by_trip(times: Iterable[StopTimeRow]) -> Mapping[str, list[StopTimeRow]]:
    found: defaultdict[str, list[StopTimeRow]] = defaultdict(list)
    for time in sorted(times, key=lambda time: time.stop_sequence):
        found[time.trip_id].append(time)
    return found


def _by_shape(rows: Iterable[ShapeRow]) -> Mapping[str, list[ShapeRow]]:
    found: defaultdict[str, list[ShapeRow]] = defaultdict(list)
    for row in rows:
        found[row.shape_id].append(row)
    return found
