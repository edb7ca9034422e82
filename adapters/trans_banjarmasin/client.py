"""Client of the operator's exports: fetches the timetable and the positions, and joins the tables.

The tables have thousands of rows, so they are read and joined in a thread, outside the event loop.
"""

import asyncio
import hashlib
import hmac
from base64 import b32encode
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Final

from pydantic import TypeAdapter

from adapters.contract import Bad, Batch, Call
from adapters.errors import UpstreamMalformedError
from adapters.legacy.dates import epoch_seconds
from adapters.legacy.envelopes import looks_like_html, read_rows
from adapters.legacy.statuses import raise_for_status
from adapters.trans_banjarmasin.courses import Course, courses
from adapters.trans_banjarmasin.departures import Schedule
from adapters.trans_banjarmasin.realtime import read
from adapters.trans_banjarmasin.settings import Settings
from adapters.trans_banjarmasin.tables import Timetable, good
from adapters.trans_banjarmasin.wire import DepartureRow, RouteRow, StopRow, VehicleRow
from adapters.upstream import HttpRequest, HttpUpstream

TransitCall = Call[Settings, HttpUpstream]

_TIMETABLE: Final = "/ekspor/gtfs.zip"
_POSITIONS: Final = "/ekspor/posisi.pb"
_LABEL: Final = 8
_VEHICLE: Final = TypeAdapter(VehicleRow)


async def probe(call: TransitCall) -> None:
    """Check that the operator is available, accepts our key, and exports positions."""
    read(await _fetched(call, _POSITIONS))


async def feed_routes(call: TransitCall, _mark: str | None) -> AsyncIterator[Batch[RouteRow]]:
    """Yield all routes, with their operator, fare, stops and shape."""
    yield Batch(await asyncio.to_thread(_routes, await _timetable(call)), whole=True)


def _routes(table: Timetable) -> tuple[RouteRow | Bad, ...]:
    fares = {fare.fare_id: fare for fare in good(table.fares())}
    priced = {rule.route_id: fares.get(rule.fare_id) for rule in good(table.fare_rules())}
    name, course_of = table.agency().agency_name, courses(table)
    found: list[RouteRow | Bad] = []
    for route in table.routes():
        if isinstance(route, Bad):
            found.append(route)
            continue
        fare = priced.get(route.route_id)
        price = {"price": fare.price, "currency_type": fare.currency_type} if fare else {}
        course = course_of.get(route.route_id, Course())
        added = {"agency_name": name, "stops": course.stops, "shape": course.shape, **price}
        found.append(route.model_copy(update=added))
    return tuple(found)


async def feed_stops(call: TransitCall, _mark: str | None) -> AsyncIterator[Batch[StopRow]]:
    """Yield all stops and piers, with the types of the routes that stop there."""
    yield Batch(await asyncio.to_thread(_stops, await _timetable(call)), whole=True)


def _stops(table: Timetable) -> tuple[StopRow | Bad, ...]:
    kinds = {route.route_id: route.route_type or "" for route in good(table.routes())}
    trips = {trip.trip_id: kinds.get(trip.route_id, "") for trip in good(table.trips())}
    types_by_stop: dict[str, set[str]] = {}
    for time in good(table.stop_times()):
        types_by_stop.setdefault(time.stop_id, set()).add(trips.get(time.trip_id, ""))
    return tuple(
        stop
        if isinstance(stop, Bad)
        else stop.model_copy(update={"route_types": tuple(sorted(types_by_stop.get(stop.stop_id, set()) - {""}))})
        for stop in table.stops()
    )


async def feed_departures(call: TransitCall, mark: str | None) -> AsyncIterator[Batch[DepartureRow]]:
    """Yield the departures of yesterday, today and tomorrow, one service day a batch; the mark is the next day.

    Yesterday is included because its last trips depart after midnight.
    """
    schedule = await asyncio.to_thread(Schedule, await _timetable(call))
    today = call.now.date()
    days = [today + timedelta(days=after) for after in (-1, 0, 1)]
    left = [day for day in days if day >= _day(mark, days[0])] or days[-1:]
    for at, day in enumerate(left):
        following = left[at + 1].isoformat() if at + 1 < len(left) else None
        unreadable = schedule.unreadable if mark is None and at == 0 else ()
        yield Batch((*unreadable, *await asyncio.to_thread(schedule.on, day)), next=following, whole=True)


async def feed_vehicles(call: TransitCall, _mark: str | None) -> AsyncIterator[Batch[VehicleRow]]:
    """Yield the positions of all vehicles, with a constant label in place of the number plate."""
    positions = read(await _fetched(call, _POSITIONS))
    rows = read_rows(
        (
            {**one.values, "label": _label(call.settings, one.identity), "asked_at": call.now}
            for one in positions.vehicles
        ),
        _VEHICLE,
    )
    unreadable = (Bad("an entity that is not a vehicle"),) * positions.unreadable
    yield Batch((*rows, *unreadable), as_of=epoch_seconds(positions.made_at).value, whole=True)


def _label(settings: Settings, identity: str) -> str:
    """Return a keyed label for a vehicle, so that the plate cannot be found by hashing all plates."""
    key = settings.key.get_secret_value().encode()
    plate = "".join(identity.split()).upper()
    digest = hmac.new(key, f"gerbang/vehicle-label/{plate}".encode(), hashlib.sha256).digest()
    return b32encode(digest).decode("ascii")[:_LABEL]


def _day(mark: str | None, first: date) -> date:
    try:
        return date.fromisoformat(mark) if mark else first
    except ValueError:
        return first


async def _timetable(call: TransitCall) -> Timetable:
    return await asyncio.to_thread(Timetable, await _fetched(call, _TIMETABLE))


async def _fetched(call: TransitCall, path: str) -> bytes:
    key = call.settings.key.get_secret_value()
    answer = await call.up.send(HttpRequest("GET", path, headers={"X-Kunci-API": key}))
    raise_for_status(answer, call.now)
    if looks_like_html(answer.content):
        raise UpstreamMalformedError("the answer is a page instead of an export")
    return answer.content
