"""Departures out of small timetables: days of service, repetitions, midnight."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError
from adapters.trans_banjarmasin import normalise
from adapters.trans_banjarmasin.departures import Schedule, headway
from adapters.trans_banjarmasin.wire import DepartureRow
from schemas.dates import WITA
from tests.adapters.trans_banjarmasin.timetables import TABLES, timetable

TUESDAY = date(2026, 11, 24)


def _times(day: date, **changed: str | None) -> list[tuple[str, datetime]]:
    rows = [row for row in Schedule(timetable(**changed)).on(day) if isinstance(row, DepartureRow)]
    return [(row.stop_id, normalise.departure(row).body.departs_at) for row in rows]


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=WITA)


def test_past_midnight_a_departure_is_on_the_next_day_of_the_calendar() -> None:
    assert _times(TUESDAY) == [("A", _at(24, 23, 50)), ("B", _at(25, 0, 10))]


def test_nobody_departs_from_the_last_stop_or_where_nobody_gets_in() -> None:
    times = "trip_id,departure_time,stop_id,stop_sequence,pickup_type\nT 1,6:00:00,A,1,0\nT 1,6:10:00,B,5,1\n"
    assert _times(TUESDAY, stop_times=times + "T 1,6:20:00,C,9,0\n") == [("A", _at(24, 6, 0))]


def test_services_run_on_their_days_and_on_exceptions() -> None:
    sunday = date(2026, 11, 29)
    assert len(_times(sunday)) == 3
    dates = "service_id,date,exception_type\nSUNDAY,20261124,1\nDAILY,20261124,2\n"
    assert _times(TUESDAY, calendar_dates=dates) == [("A", _at(24, 8, 0))]
    assert _times(date(2027, 1, 5)) == []
    assert _times(TUESDAY, calendar=None, calendar_dates=dates) == [("A", _at(24, 8, 0))]


def test_repetitions_are_expanded_until_their_end_and_say_their_headway() -> None:
    frequencies = "trip_id;start_time;end_time;headway_secs;exact_times\nT 1;06:00:00;06:30:00;10 menit;0\n"
    rows = Schedule(timetable(frequencies=frequencies + "T 1;23:55:00;24:05:00;600;1\n")).on(TUESDAY)
    departures = [row for row in rows if isinstance(row, DepartureRow)]
    assert [(row.stop_id, row.departure_time, row.headway_secs) for row in departures] == [
        ("A", "06:00:00", 600),
        ("B", "06:20:00", 600),
        ("A", "06:10:00", 600),
        ("B", "06:30:00", 600),
        ("A", "06:20:00", 600),
        ("B", "06:40:00", 600),
        ("A", "23:55:00", None),
        ("B", "24:15:00", None),
    ]
    assert len({normalise.departure_key(row) for row in departures}) == len(departures)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("7 menit", 420),
        ("420", 420),
        ("1 jam", 3600),
        ("10mnt", 600),
        ("10-15 menit", None),
        ("-", None),
        ("7,5", None),
    ],
)
def test_headways_are_seconds_or_words(written: str, seconds: int | None) -> None:
    assert headway(written) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize("headway_secs", ["0", "1", "59", "sering"])
def test_a_headway_that_cannot_be_is_set_aside(headway_secs: str) -> None:
    frequencies = f"trip_id;start_time;end_time;headway_secs\nT 1;00:00:00;99:00:00;{headway_secs}\n"
    assert [type(row) for row in Schedule(timetable(frequencies=frequencies)).on(TUESDAY)] == [Bad]


def test_more_departures_than_any_city_has_are_refused() -> None:
    frequencies = "trip_id;start_time;end_time;headway_secs\n" + "T 1;00:00:00;99:00:00;60\n" * 5_000
    with pytest.raises(UpstreamMalformedError, match="departures"):
        Schedule(timetable(frequencies=frequencies)).on(TUESDAY)


def test_a_row_that_cannot_be_read_costs_only_itself() -> None:
    times = TABLES["stop_times.txt"] + "T 1,06:00:00,A,first\nT 1,,A\n"
    schedule = Schedule(timetable(stop_times=times))
    assert len(schedule.unreadable) == 2
    assert len(schedule.on(TUESDAY)) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"stop_times": None},
        {"stops": "stop_id,stop_name,stop_lat,stop_lon\nA,A,-3.32,114.59\n"},  # another dialect than declared
        {"stops": "stop_id;stop_id;stop_name;stop_lat;stop_lon\n"},
        {"stops": ""},
        {"stops": 'stop_id;stop_name;stop_lat;stop_lon\n"A;A'},
    ],
)
def test_a_table_that_is_another_is_refused(changed: dict[str, str | None]) -> None:
    with pytest.raises(UpstreamMalformedError):
        timetable(**changed).stop_times() and timetable(**changed).stops()


def test_the_spreadsheet_is_taken_off() -> None:
    stops = '\ufeffstop_id;stop_name;stop_lat;stop_lon\r\n HT  0 ;"\'Halte ""0""";\'-3,32;114,59\r\n;;;\r\n'
    (stop,) = timetable(stops=stops).stops()
    assert not isinstance(stop, Bad)
    assert (stop.stop_id, stop.stop_name, stop.stop_lat) == ("HT 0", 'Halte "0"', "-3,32")


@given(st.text(max_size=200) | st.text(alphabet='T1;,"\n:0', max_size=200))
def test_no_table_does_more_than_be_refused(junk: str) -> None:
    for name in ("stop_times", "frequencies", "calendar_dates"):
        table = TABLES.get(f"{name}.txt", "trip_id;start_time;end_time;headway_secs\n")
        junk = junk.encode("utf-8", "replace").decode()
        try:
            rows = Schedule(timetable(**{name: table + junk})).on(TUESDAY)
        except UpstreamMalformedError:
            continue
        assert isinstance(rows, tuple)
