"""Public transport: routes, stops, departures, vehicles (GTFS and GTFS-Realtime terms); buses and river boats.

The text colour and the shape of a route are `route_text_color` and `shapes.txt` of GTFS, the code and the wheelchair
boarding of a stop `stop_code` and `wheelchair_boarding`. The stops of a route follow from `stop_times.txt`. The trip of
a vehicle is `trip_id` of GTFS-Realtime.
"""

from datetime import date, datetime
from typing import Annotated

from schemas.classes import general
from schemas.codes import Code
from schemas.dates import Moment
from schemas.filters import BoundingBox, Words, between, inside, mentions
from schemas.money import Money
from schemas.places import LineString, Location, position_of
from schemas.records import Body
from schemas.references import AgencyReference, Reference, RefersTo
from schemas.resources import Query, Resource
from schemas.texts import Text


class TransitMode(Code):
    """The means of transport (GTFS route_type 3 and 4)."""

    BUS = "bus", "Bus", "Bus"
    BOAT = "boat", "Kelotok", "River boat"
    OTHER = "other", "Lainnya", "Other"
    UNKNOWN = "unknown", "Tidak diketahui", "Unknown"


class WheelchairBoarding(Code):
    """Whether a rider in a wheelchair can board at a stop (GTFS wheelchair_boarding 1 and 2)."""

    POSSIBLE = "possible", "Bisa dengan kursi roda", "Possible by wheelchair"
    NOT_POSSIBLE = "not-possible", "Tidak bisa dengan kursi roda", "Not possible by wheelchair"


class Route(Body):
    """A line."""

    name: Annotated[str, general("Nama", "Name")]
    short_name: Annotated[str | None, general("Nama pendek", "Short name", examples=["K1"])] = None
    mode: Annotated[TransitMode, general("Moda", "Means of transport")]
    agency: Annotated[AgencyReference | None, general("Operator", "Operator")] = None
    fare: Annotated[Money | None, general("Tarif", "Fare")] = None
    colour: Annotated[str | None, general("Warna", "Colour, six hexadecimal digits")] = None
    text_colour: Annotated[
        str | None, general("Warna teks", "Colour of text on `colour`, six hexadecimal digits; if it is null, black")
    ] = None
    stops: Annotated[
        tuple[Reference, ...],
        general("Halte", "Stops in the order of the outward trips, each once; those of other trips only come last"),
        RefersTo("stop", "stp"),
    ] = ()
    shape: Annotated[LineString | None, general("Bentuk jalur", "Path that the vehicles take outward")] = None


class RouteQuery(Query):
    """Filters of routes: mode, text in the name."""

    mode: TransitMode | None = None
    text: Words | None = None


ROUTE: Resource[Route, RouteQuery] = Resource(
    name="route",
    prefix="rte",
    title=Text(id="Rute", en="Route"),
    body=Route,
    query=RouteQuery,
    order=("short_name", "name", "id"),
    owner=None,
    matches=lambda route, query: (
        query.mode in (None, route.mode) and mentions(query.text, route.name, route.short_name)
    ),
    searched=lambda route: (route.name, route.short_name, route.agency.name if route.agency else None),
)


class Stop(Body):
    """A stop or a pier."""

    name: Annotated[str, general("Nama", "Name")]
    code: Annotated[str | None, general("Kode halte", "Code that riders read on its sign", examples=["0008"])] = None
    location: Annotated[Location | None, general("Lokasi", "Location")] = None
    mode: Annotated[TransitMode | None, general("Moda", "Means of transport at this stop")] = None
    wheelchair_boarding: Annotated[
        WheelchairBoarding | None,
        general("Naik dengan kursi roda", "Whether one can board in a wheelchair; null if it is not stated"),
    ] = None


class StopQuery(Query):
    """Filters of stops: mode, bounding box, text in the name and the code."""

    mode: TransitMode | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


STOP: Resource[Stop, StopQuery] = Resource(
    name="stop",
    prefix="stp",
    title=Text(id="Halte", en="Stop"),
    body=Stop,
    query=StopQuery,
    order=("name", "id"),
    owner=None,
    matches=lambda stop, query: (
        query.mode in (None, stop.mode)
        and inside(position_of(stop.location), query.bbox)
        and mentions(query.text, stop.name, stop.code)
    ),
    searched=lambda stop: (stop.name, stop.code),
)


class Departure(Body):
    """One scheduled departure from one stop. After midnight, the service day is the day before."""

    stop: Annotated[Reference, general("Halte", "Stop"), RefersTo("stop", "stp")]
    route: Annotated[Reference, general("Rute", "Route"), RefersTo("route", "rte")]
    trip: Annotated[str, general("Kode perjalanan", "The operator's id of the trip")]
    headsign: Annotated[str | None, general("Tujuan", "Destination")] = None
    service_day: Annotated[date, general("Hari layanan", "Service day")]
    departs_at: Annotated[datetime, general("Berangkat pada", "When it departs")]
    headway: Annotated[int | None, general("Jarak waktu", "Seconds between departures, if only that is known")] = None


class DepartureQuery(Query):
    """Filters of departures: the stop's id, from and until."""

    stop: str | None = None
    departs_from: Moment | None = None
    departs_until: Moment | None = None


DEPARTURE: Resource[Departure, DepartureQuery] = Resource(
    name="departure",
    prefix="dep",
    title=Text(id="Keberangkatan", en="Departure"),
    body=Departure,
    query=DepartureQuery,
    order=("departs_at", "id"),
    owner=None,
    matches=lambda departure, query: (
        query.stop in (None, departure.stop.id)
        and between(departure.departs_at, query.departs_from, query.departs_until)
    ),
)


class Vehicle(Body):
    """The last known position of a vehicle.

    Its number plate is not public: `label` is derived from it, irreversibly.
    """

    label: Annotated[str, general("Kendaraan", "A constant label that does not reveal the vehicle")]
    route: Annotated[Reference | None, general("Rute", "Route"), RefersTo("route", "rte")] = None
    trip: Annotated[str | None, general("Kode perjalanan", "The operator's id of the trip it makes")] = None
    location: Annotated[Location | None, general("Lokasi", "Location")] = None
    bearing: Annotated[float | None, general("Arah", "Degrees, 0 is north")] = None
    speed: Annotated[float | None, general("Kecepatan", "km/h")] = None
    seen_at: Annotated[datetime | None, general("Terlihat pada", "When it was seen there")] = None


class VehicleQuery(Query):
    """Filters of vehicles: the route's id, seen from/until, bounding box."""

    route: str | None = None
    seen_from: Moment | None = None
    seen_until: Moment | None = None
    bbox: BoundingBox | None = None


VEHICLE: Resource[Vehicle, VehicleQuery] = Resource(
    name="vehicle",
    prefix="veh",
    title=Text(id="Kendaraan", en="Vehicle"),
    body=Vehicle,
    query=VehicleQuery,
    order=("label", "id"),
    owner=None,
    matches=lambda vehicle, query: (
        query.route in (None, vehicle.route.id if vehicle.route else None)
        and between(vehicle.seen_at, query.seen_from, query.seen_until)
        and inside(position_of(vehicle.location), query.bbox)
    ),
)
