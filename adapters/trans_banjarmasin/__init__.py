"""trans-banjarmasin: lines, stops, departures and vehicle positions of buses and river boats.

Owner: Dinas Perhubungan of the city, which receives the operator's exports.
Protocol: HTTP GET with a key; the timetable is a GTFS archive, the positions are GTFS-Realtime 2.0 (protocol buffers).
Source of the specification: GTFS Schedule and GTFS-Realtime. No public feed of this city was found: the existence of
these exports, and their errors, are assumed after other Indonesian feeds, as in the interface description that comes
with the simulator. Corridors 1 and 2 are the real ones.

Quirks: tables with byte order marks and carriage returns, some with semicolons and decimal commas, apostrophes and
quotation marks of a spreadsheet (Q53); times past 24:00, the zone of another island, ids with blanks, headways as texts
(Q66); swapped degrees, or 0,0 (Q45); positions that are hours old (Q60); number plates as ids.

Personal data: none is kept. A number plate leads to a driver: it is read only to derive a keyed label, and appears in
no record, log or repr.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Http, Limits, Reads
from adapters.trans_banjarmasin import client, normalise
from adapters.trans_banjarmasin.settings import Settings
from adapters.trans_banjarmasin.wire import DepartureRow, RouteRow, StopRow, VehicleRow
from adapters.upstream import HttpUpstream
from schemas.texts import Text
from schemas.transit import (
    DEPARTURE,
    ROUTE,
    STOP,
    VEHICLE,
    Departure,
    DepartureQuery,
    Route,
    RouteQuery,
    Stop,
    StopQuery,
    Vehicle,
    VehicleQuery,
)

_ARCHIVE: Final[Http[Settings]] = Http(max_bytes=4_000_000)
_POSITIONS: Final[Http[Settings]] = Http(max_bytes=500_000)

_ROUTES: Final[Reads[Settings, HttpUpstream, RouteRow, Route, RouteQuery]] = Reads(
    resource=ROUTE,
    transport=_ARCHIVE,
    normalise=normalise.route,
    key=normalise.route_key,
    feed=client.feed_routes,
    fresh=timedelta(minutes=30),
    keep=timedelta(days=7),
)
_STOPS: Final[Reads[Settings, HttpUpstream, StopRow, Stop, StopQuery]] = Reads(
    resource=STOP,
    transport=_ARCHIVE,
    normalise=normalise.stop,
    key=normalise.stop_key,
    feed=client.feed_stops,
    fresh=timedelta(minutes=30),
    keep=timedelta(days=7),
)
_DEPARTURES: Final[Reads[Settings, HttpUpstream, DepartureRow, Departure, DepartureQuery]] = Reads(
    resource=DEPARTURE,
    transport=_ARCHIVE,
    normalise=normalise.departure,
    key=normalise.departure_key,
    feed=client.feed_departures,
    fresh=timedelta(minutes=30),
    keep=timedelta(days=1),
)
_VEHICLES: Final[Reads[Settings, HttpUpstream, VehicleRow, Vehicle, VehicleQuery]] = Reads(
    resource=VEHICLE,
    transport=_POSITIONS,
    normalise=normalise.vehicle,
    key=normalise.vehicle_key,
    feed=client.feed_vehicles,
    fresh=timedelta(seconds=10),
    keep=timedelta(minutes=5),
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="trans-banjarmasin",
    agency="dinas-perhubungan",
    title=Text(id="Trans Banjarmasin: bus dan kelotok", en="Trans Banjarmasin: buses and river boats"),
    version="1.0.0",
    contact="Dinas Perhubungan Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=4, slowest=timedelta(seconds=5), max_items=40_000),
    needs=frozenset(),
    probe=client.probe,
    probe_transport=_POSITIONS,
    reads=(_ROUTES, _STOPS, _DEPARTURES, _VEHICLES),
    assumed=True,
)
"""The adapter of trans-banjarmasin."""
