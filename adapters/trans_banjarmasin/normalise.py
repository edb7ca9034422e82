"""Wire records of the operator to canonical ones. Pure."""

import math
from datetime import datetime, time, timedelta
from typing import Final

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import epoch_seconds, service_time
from adapters.legacy.numbers import coordinate, plain_number, rupiah
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import position
from adapters.legacy.texts import plain_text
from adapters.trans_banjarmasin.wire import DepartureRow, RouteRow, RouteStop, ShapeRow, StopRow, VehicleRow
from schemas.dates import WITA
from schemas.doubts import DoubtCode
from schemas.money import Money
from schemas.places import LineString, Location
from schemas.references import AgencyReference, Reference
from schemas.texts import Text
from schemas.transit import Departure, Route, Stop, TransitMode, Vehicle, WheelchairBoarding

MODES: Final = {"3": TransitMode.BUS, "4": TransitMode.BOAT}
BOARDING: Final = {"1": WheelchairBoarding.POSSIBLE, "2": WheelchairBoarding.NOT_POSSIBLE}
ZONE: Final = "Asia/Makassar"
_RUPIAH: Final = "IDR"
_HEXADECIMAL: Final = frozenset("0123456789ABCDEF")
_OUTDATED_AFTER: Final = timedelta(minutes=10)
_AHEAD: Final = timedelta(minutes=5)
_FASTEST: Final = 60.0
_TO_KMH: Final = 3.6
_NOT_STATED: Final = "0"
_NO_CODE: Final = frozenset({"-", "--", "."})
_LONGEST_ID: Final = 100
_LONGEST_NUMBER: Final = 9


def route(w: RouteRow) -> Normal[Route]:
    """Return the canonical route, with its doubts."""
    doubts = Doubts()
    short = plain_text(w.route_short_name).value
    body = Route(
        name=doubts.collect("/name", plain_text(w.route_long_name)) or short or w.route_id,
        short_name=short,
        # The list of modes has no `unknown`: the doubt carries the route type.
        mode=_mode(w.route_type, doubts) or TransitMode.UNKNOWN,
        agency=doubts.collect("/agency", plain_text(w.agency_name).map(_agency)),
        fare=_fare(w, doubts),
        colour=_colour("/colour", w.route_color, doubts),
        text_colour=_colour("/text_colour", w.route_text_color, doubts),
        stops=_route_stops(w.stops, doubts),
        shape=doubts.collect("/shape", _shape(w.shape)),
    )
    return Normal(body, doubts.found)


def route_key(w: RouteRow) -> str:
    """Return the operator's id of the route."""
    return w.route_id


def stop(w: StopRow) -> Normal[Stop]:
    """Return the canonical stop or pier; its mode is set only if one type of route stops there."""
    doubts = Doubts()
    place = position(coordinate(w.stop_lat, decimal_comma=True), coordinate(w.stop_lon, decimal_comma=True))
    body = Stop(
        name=doubts.collect("/name", _name(w.stop_name)) or w.stop_id,
        code=doubts.collect("/code", plain_text(w.stop_code, placeholders=_NO_CODE, spreadsheet=True)),
        location=Location.of(position=doubts.collect("/location/position", place)),
        mode=_mode(w.route_types[0], doubts) if len(w.route_types) == 1 else None,
        wheelchair_boarding=_boarding(w.wheelchair_boarding, doubts),
    )
    return Normal(body, doubts.found)


def stop_key(w: StopRow) -> str:
    """Return the operator's id of the stop."""
    return w.stop_id


def departure(w: DepartureRow) -> Normal[Departure]:
    """Return the canonical departure. Its time is counted from noon minus twelve hours, in the city's zone (Q66)."""
    doubts = Doubts()
    after = doubts.collect("/departs_at", service_time(w.departure_time))
    if after is None:
        raise UnusableRecordError("a departure without a time")
    noon = datetime.combine(w.service_date, time(12), WITA)
    if w.agency_timezone != ZONE:
        # The operator declares another zone, or none; its times are nevertheless local times at the stops.
        doubts.note("/departs_at", DoubtCode.TIME_ZONE_MISSING)
    body = Departure(
        stop=Reference(id=w.stop_id),
        route=Reference(id=w.route_id),
        trip=w.trip_id,
        headsign=doubts.collect("/headsign", plain_text(w.trip_headsign)),
        service_day=w.service_date,
        departs_at=noon - timedelta(hours=12) + after,
        headway=w.headway_secs,
    )
    return Normal(body, doubts.found)


def departure_key(w: DepartureRow) -> str:
    """Return service day, trip, start of the repetition, and the position of the stop in the trip."""
    return f"{w.service_date:%Y%m%d}/{w.trip_id}/{w.start_time or ''}/{w.stop_sequence}"


def vehicle(w: VehicleRow) -> Normal[Vehicle]:
    """Return the last known position of a vehicle.

    One that is outdated, or of an unknown time, is kept without trip, speed and bearing.
    """
    doubts = Doubts()
    seen = doubts.collect("/seen_at", epoch_seconds(w.timestamp))
    if seen is not None and w.asked_at is not None and seen > w.asked_at + _AHEAD:
        doubts.note("/seen_at", DoubtCode.DATE_UNTRUSTED)
    outdated = seen is not None and w.asked_at is not None and w.asked_at - seen > _OUTDATED_AFTER
    if outdated:
        doubts.note("/location/position", DoubtCode.RECORD_OUTDATED)
    elif w.timestamp is None:
        doubts.note("/seen_at", DoubtCode.FIELD_MISSING)
    fresh = seen is not None and not outdated
    place = position(_degrees(w.latitude), _degrees(w.longitude))
    body = Vehicle(
        label=w.label,
        route=plain_text(w.route_id).map(lambda route_id: Reference(id=route_id)).value,
        trip=doubts.collect("/trip", _trip(w.trip_id)) if fresh else None,
        location=Location.of(position=doubts.collect("/location/position", place)),
        bearing=doubts.collect("/bearing", _between(w.bearing, 360.0)) if fresh else None,
        speed=doubts.collect("/speed", _between(w.speed, _FASTEST).map(_kmh)) if fresh else None,
        seen_at=seen,
    )
    return Normal(body, doubts.found)


def vehicle_key(w: VehicleRow) -> str:
    """Return the label, which replaces the number plate."""
    return w.label


def _agency(name: str) -> AgencyReference:
    return AgencyReference(name=Text(id=name))


def _mode(written: str | None, doubts: Doubts) -> TransitMode | None:
    mode = MODES.get((written or "").strip())
    if mode is None:
        _note_unknown(doubts, "/mode", written)
    return mode


def _fare(w: RouteRow, doubts: Doubts) -> Money | None:
    """Return the fare; None for an amount that is not in rupiah."""
    amount = plain_number(w.price)
    if amount.value is not None and w.currency_type != _RUPIAH:
        _note_unknown(doubts, "/fare", w.currency_type)
        return None
    return doubts.collect("/fare", rupiah(amount))


def _route_stops(stops: tuple[RouteStop, ...], doubts: Doubts) -> tuple[Reference, ...]:
    """Return references to the stops; one that is not in the list of stops is left out, with a doubt."""
    for stop in stops:
        if not stop.listed:
            _note_unknown(doubts, "/stops", stop.stop_id)
    return tuple(
        Reference(id=stop.stop_id, name=_name(stop.stop_name).value or stop.stop_id) for stop in stops if stop.listed
    )


def _shape(points: tuple[ShapeRow, ...]) -> Reading[LineString]:
    """Return the line through all points; absent if one is unreadable or outside the city, since a gap is no course."""
    if not points:
        return absent()
    numbers = [_sequence(point.shape_pt_sequence) for point in points]
    if None in numbers:
        return absent(DoubtCode.NUMBER_FORM)
    if len(set(numbers)) < len(numbers):
        return absent(DoubtCode.NUMBER_AMBIGUOUS)
    in_order = sorted(zip(numbers, points, strict=True), key=lambda pair: pair[0] or 0)
    places = [position(coordinate(point.shape_pt_lat), coordinate(point.shape_pt_lon)) for _, point in in_order]
    line = tuple(place.value.coordinates for place in places if place.value is not None)
    if len(line) < max(len(points), 2):
        return absent(*dict.fromkeys(doubt for place in places for doubt in place.doubts) or (DoubtCode.FIELD_MISSING,))
    return Reading(LineString(coordinates=line))


def _sequence(written: str | None) -> int | None:
    text = (written or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _boarding(written: str | None, doubts: Doubts) -> WheelchairBoarding | None:
    """Return whether one can board in a wheelchair; None when it is not stated (empty, or 0)."""
    word = (written or "").strip()
    boarding = BOARDING.get(word)
    if boarding is None and word not in {"", _NOT_STATED}:
        _note_unknown(doubts, "/wheelchair_boarding", word)
    return boarding


def _trip(written: str | None) -> Reading[str]:
    """Return the id of a trip; one that is longer than any of the timetable is no id."""
    trip = plain_text(written, placeholders=frozenset())
    return absent(DoubtCode.CODE_UNKNOWN) if trip.value is not None and len(trip.value) > _LONGEST_ID else trip


def _colour(field: str, written: str | None, doubts: Doubts) -> str | None:
    if not written:
        return None
    colour = written.strip().removeprefix("#").upper()
    if len(colour) == 6 and set(colour) <= _HEXADECIMAL:
        return colour
    _note_unknown(doubts, field, written)
    return None


def _note_unknown(doubts: Doubts, field: str, written: str | None) -> None:
    """Add the doubt about a code that no table has, with the code; without one, that the field is missing."""
    word = plain_text(written, placeholders=frozenset()).value  # 0 is a route type: tram
    if word is None:
        doubts.note(field, DoubtCode.FIELD_MISSING)
    else:
        doubts.note_unknown(field, DoubtCode.CODE_UNKNOWN, word)


def _name(written: str | None) -> Reading[str]:
    """Return a name without the quotation marks of a spreadsheet."""
    return plain_text(written.strip().strip('"') if written else None)


def _degrees(value: float | None) -> Reading[float]:
    """Return degrees that were sent with 32 bits, rounded to the six significant decimals."""
    if value is None:
        return absent()
    return Reading(round(value, 6)) if math.isfinite(value) else absent(DoubtCode.NUMBER_AMBIGUOUS)


def _between(value: float | None, most: float) -> Reading[float]:
    if value is None:
        return absent()
    return Reading(round(value, 1)) if 0 <= value <= most else absent(DoubtCode.NUMBER_AMBIGUOUS)


def _kmh(metres_a_second: float) -> float:
    return round(metres_a_second * _TO_KMH, 1)
