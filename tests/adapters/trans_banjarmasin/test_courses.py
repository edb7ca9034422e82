"""The stops and the shape of a route, out of small timetables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import UpstreamMalformedError
from adapters.trans_banjarmasin import normalise
from adapters.trans_banjarmasin.courses import courses
from adapters.trans_banjarmasin.wire import RouteRow, RouteStop, ShapeRow, StopRow, VehicleRow
from schemas.doubts import Doubt, DoubtCode
from schemas.transit import WheelchairBoarding
from tests.adapters.trans_banjarmasin.timetables import timetable

TRIPS = "route_id,service_id,trip_id,direction_id,shape_id\n"
TIMES = "trip_id,departure_time,stop_id,stop_sequence\n"
SHAPES = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n"
POINTS = "S,-3.32,114.59,1\nS,-3.33,114.60,2\n"


def _times(**stops: str) -> str:
    rows = (f"{trip},,{stop},{at}" for trip, order in stops.items() for at, stop in enumerate(order, start=1))
    return TIMES + "\n".join(rows) + "\n"


def _stops(**changed: str | None) -> list[str]:
    return [stop.stop_id for stop in courses(timetable(**changed))["K 1"].stops]


def test_the_stops_of_a_route_are_those_of_its_longest_outward_trip() -> None:
    trips = TRIPS + "K 1,DAILY,short,0,\nK 1,DAILY,long,0,\nK 1,DAILY,back,1,\n"
    assert _stops(trips=trips, stop_times=_times(short="BC", long="ABC", back="CBA")) == ["A", "B", "C"]


def test_stops_of_other_trips_come_last() -> None:
    trips = TRIPS + "K 1,DAILY,back,1,\nK 1,DAILY,out,,\n"
    assert _stops(trips=trips, stop_times=_times(back="CBA", out="AB")) == ["A", "B", "C"]


def test_a_stop_that_a_trip_serves_twice_comes_once() -> None:
    trips = TRIPS + "K 1,DAILY,round,0,\n"
    assert _stops(trips=trips, stop_times=_times(round="ABCA")) == ["A", "B", "C"]


def test_stops_are_in_the_order_of_their_sequence() -> None:
    times = TIMES + "T 1,,C,30\nT 1,,A,9\nT 1,,B ,10\n"
    assert _stops(trips=TRIPS + "K 1,DAILY,T 1,0,\n", stop_times=times) == ["A", "B", "C"]


def test_a_stop_outside_the_list_of_stops_is_a_doubt_and_no_reference() -> None:
    course = courses(timetable(stop_times=_times(**{"T 1": "AX"})))["K 1"]
    assert course.stops == (RouteStop(stop_id="A", stop_name="A"), RouteStop(stop_id="X", listed=False))
    normal = normalise.route(RouteRow(route_id="K 1", route_type="3", stops=course.stops))
    assert [(stop.id, stop.name) for stop in normal.body.stops] == [("A", "A")]
    assert normal.doubts == (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/stops", original="X"),)


def test_a_route_without_trips_has_no_course() -> None:
    assert courses(timetable(trips=TRIPS)) == {}


def test_the_shape_of_a_route_is_that_of_the_trip_with_its_stops() -> None:
    trips = TRIPS + "K 1,DAILY,back,1,R\nK 1,DAILY,out,0,S\n"
    tables = {"trips": trips, "stop_times": _times(back="CB", out="BC")}
    course = courses(timetable(**tables, shapes=SHAPES + POINTS + "R,-3.30,114.58,1\n"))["K 1"]
    assert {row.shape_id for row in course.shape} == {"S"}
    assert courses(timetable(**tables))["K 1"].shape == ()


def test_a_shape_that_many_routes_name_is_not_multiplied_without_end() -> None:
    trips = TRIPS + "".join(f"K {at},DAILY,T {at},0,S\n" for at in range(51))
    shapes = SHAPES + "".join(f"S,-3.32,114.59,{at}\n" for at in range(1_000))
    with pytest.raises(UpstreamMalformedError, match="more points"):
        courses(timetable(trips=trips, shapes=shapes))
    assert len(courses(timetable(trips=trips.rsplit("K 50")[0], shapes=shapes))) == 50


def _shape(*rows: tuple[str | None, str | None, str | None]) -> tuple[object, tuple[Doubt, ...]]:
    points = tuple(
        ShapeRow(shape_id="S", shape_pt_lat=latitude, shape_pt_lon=longitude, shape_pt_sequence=sequence)
        for latitude, longitude, sequence in rows
    )
    normal = normalise.route(RouteRow(route_id="K 1", route_type="3", shape=points))
    return normal.body.shape and normal.body.shape.coordinates, normal.doubts


FIRST = ("-3.32", "114.59", "1")


def test_the_points_of_a_shape_are_in_the_order_of_their_numbers() -> None:
    assert _shape(("-3.33", "114.6", "10"), ("-3.32", "114.59", "9")) == (((114.59, -3.32), (114.6, -3.33)), ())


@pytest.mark.parametrize(
    ("rows", "doubt"),
    [
        ((FIRST,), DoubtCode.FIELD_MISSING),
        ((FIRST, (None, "114.6", "2")), DoubtCode.FIELD_MISSING),
        ((FIRST, ("0", "0", "2")), DoubtCode.POSITION_OUTSIDE),
        ((FIRST, ("114.6", "-3.33", "2")), DoubtCode.POSITION_OUTSIDE),
        ((FIRST, ("-3,33", "114,6", "2")), DoubtCode.NUMBER_AMBIGUOUS),
        ((FIRST, ("-3.33", "114.6", "1")), DoubtCode.NUMBER_AMBIGUOUS),
        ((FIRST, ("-3.33", "114.6", "-1")), DoubtCode.NUMBER_FORM),
        ((FIRST, ("-3.33", "114.6", "1e9")), DoubtCode.NUMBER_FORM),
        ((FIRST, ("-3.33", "114.6", "٣")), DoubtCode.NUMBER_FORM),
        ((FIRST, ("-3.33", "114.6", "9" * 5_000)), DoubtCode.NUMBER_FORM),
        ((FIRST, ("-3.33", "114.6", None)), DoubtCode.NUMBER_FORM),
    ],
)
def test_a_shape_with_an_unusable_point_is_absent(
    rows: tuple[tuple[str | None, str | None, str | None], ...], doubt: DoubtCode
) -> None:
    assert _shape(*rows) == (None, (Doubt(code=doubt, field="/shape"),))


JUNK = st.none() | st.text(max_size=12) | st.from_regex(r"-?\d{1,3}([.,]\d{1,8})?", fullmatch=True)


@given(st.lists(st.tuples(JUNK, JUNK, JUNK), max_size=4))
def test_no_point_does_more_than_be_doubted(rows: list[tuple[str | None, str | None, str | None]]) -> None:
    line, doubts = _shape(*rows)
    assert bool(line) + bool(doubts) == bool(rows)


@pytest.mark.parametrize(
    ("written", "boarding"),
    [
        ("1", WheelchairBoarding.POSSIBLE),
        (" 2", WheelchairBoarding.NOT_POSSIBLE),
        ("0", None),
        ("", None),
        (None, None),
    ],
)
def test_boarding_in_a_wheelchair_is_as_stated_or_absent(written: str, boarding: WheelchairBoarding | None) -> None:
    normal = normalise.stop(StopRow(stop_id="A", wheelchair_boarding=written))
    assert (normal.body.wheelchair_boarding, normal.doubts) == (boarding, ())


@pytest.mark.parametrize("written", ["3", "ya", "-", "1.0"])
def test_an_unknown_word_for_boarding_is_in_the_doubt(written: str) -> None:
    normal = normalise.stop(StopRow(stop_id="A", wheelchair_boarding=written))
    assert normal.body.wheelchair_boarding is None
    assert normal.doubts == (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/wheelchair_boarding", original=written),)


@pytest.mark.parametrize(("written", "code"), [("'0008", "0008"), ("0", "0"), ("A-12", "A-12"), ("", None)])
def test_a_code_on_a_sign_keeps_its_zeros(written: str, code: str | None) -> None:
    assert normalise.stop(StopRow(stop_id="A", stop_code=written)).body.code == code


def test_a_placeholder_is_no_code() -> None:
    normal = normalise.stop(StopRow(stop_id="A", stop_code="-"))
    assert (normal.body.code, normal.doubts) == (None, (Doubt(code=DoubtCode.PLACEHOLDER, field="/code"),))


def test_the_trip_of_a_vehicle_is_that_of_its_departures() -> None:
    seen = VehicleRow(label="A", trip_id="K 1  PERGI ", timestamp=1_795_481_988)
    assert normalise.vehicle(seen).body.trip == "K 1 PERGI"
    assert normalise.vehicle(seen.model_copy(update={"timestamp": None})).body.trip is None
    long = normalise.vehicle(seen.model_copy(update={"trip_id": "K" * 101}))
    assert (long.body.trip, long.doubts) == (None, (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/trip"),))
