"""Conversion of a timetable to departures: the trips of a day, repeated by their headway texts. Pure, with limits.

Source: GTFS Schedule. Times are counted from noon minus twelve hours of the service day and may exceed 24:00.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError
from adapters.legacy.dates import service_time
from adapters.trans_banjarmasin.tables import Timetable, good
from adapters.trans_banjarmasin.wire import (
    CalendarDateRow,
    CalendarRow,
    DepartureRow,
    FrequencyRow,
    StopTimeRow,
    TripRow,
)

MOST_A_DAY: Final = 12_000
SHORTEST_HEADWAY: Final = timedelta(seconds=60)
_NO_PICKUP: Final = "1"
_EXACT: Final = "1"
_ADDED, _REMOVED = "1", "2"
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HEADWAY: Final = re.compile(r"(\d{1,5})\s*(|s|detik|m|mnt|menit|jam)\.?", re.ASCII | re.IGNORECASE)
_UNITS: Final = {"": 1, "s": 1, "detik": 1, "m": 60, "mnt": 60, "menit": 60, "jam": 3600}

Departure = DepartureRow | Bad


@dataclass(frozen=True)
class _Run:
    """One run of a trip: its delay against the trip's own times, and the times to report."""

    later: timedelta = timedelta(0)
    start: str | None = None
    headway: int | None = None


@dataclass
class Schedule:
    """The tables of a timetable from which departures are made, read once for all days."""

    table: Timetable
    _trips: tuple[TripRow | Bad, ...] = field(init=False)
    _times: dict[str, list[StopTimeRow]] = field(init=False)
    _repeats: dict[str, list[FrequencyRow]] = field(init=False)
    _bad: tuple[Bad, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Read the tables."""
        times, repeats, dates = self.table.stop_times(), self.table.frequencies(), self.table.calendar_dates()
        self._trips, weeks = self.table.trips(), self.table.calendar()
        self._times, self._repeats = defaultdict(list), defaultdict(list)
        for time in good(times):
            self._times[time.trip_id].append(time)
        for repeat in good(repeats):
            self._repeats[repeat.trip_id].append(repeat)
        tables: tuple[tuple[object, ...], ...] = (self._trips, times, repeats, weeks, dates)
        self._bad = tuple(row for rows in tables for row in rows if isinstance(row, Bad))
        self._weeks, self._dates = good(weeks), good(dates)
        self._zone = self.table.agency().agency_timezone

    @property
    def unreadable(self) -> tuple[Bad, ...]:
        """The rows of all tables that could not be read; reported once, with the first day."""
        return self._bad

    def on(self, day: date) -> tuple[Departure, ...]:
        """Return every departure of one service day. Raises `UpstreamMalformedError` when there are too many."""
        services = running(day, self._weeks, self._dates)
        found: list[Departure] = []
        for trip in good(self._trips):
            if trip.service_id in services:
                for departure in self._of(trip, day):
                    found.append(departure)
                    if len(found) > MOST_A_DAY:
                        raise UpstreamMalformedError("the timetable has more departures a day than the limit")
        return tuple(found)

    def _of(self, trip: TripRow, day: date) -> Iterator[Departure]:
        times = sorted(self._times.get(trip.trip_id, ()), key=lambda time: time.stop_sequence)
        # There is no departure at the last stop, nor where the operator excludes boarding.
        boarding = [time for time in times[:-1] if time.pickup_type != _NO_PICKUP]
        if not boarding:
            return
        repeats = self._repeats.get(trip.trip_id)
        for run in _runs(repeats, times[0]) if repeats else (_Run(),):
            if isinstance(run, Bad):
                yield run
            else:
                yield from (self._departure(trip, time, run, day) for time in boarding)

    def _departure(self, trip: TripRow, time: StopTimeRow, run: _Run, day: date) -> DepartureRow:
        at = service_time(time.departure_time).value
        return DepartureRow(
            service_date=day,
            trip_id=trip.trip_id,
            stop_id=time.stop_id,
            route_id=trip.route_id,
            stop_sequence=time.stop_sequence,
            departure_time=time.departure_time if at is None else _written(at + run.later),
            start_time=run.start,
            trip_headsign=trip.trip_headsign,
            headway_secs=run.headway,
            agency_timezone=self._zone,
        )


def running(day: date, weeks: tuple[CalendarRow, ...], dates: tuple[CalendarDateRow, ...]) -> frozenset[str]:
    """Return the services of a day: those of its day of the week, plus added and minus removed ones."""
    written, weekday = day.strftime("%Y%m%d"), _WEEKDAYS[day.weekday()]
    found = {
        week.service_id
        for week in weeks
        if getattr(week, weekday) == "1" and week.start_date <= written <= week.end_date
    }
    of_the_day = [one for one in dates if one.date == written]
    found |= {one.service_id for one in of_the_day if one.exception_type == _ADDED}
    return frozenset(found - {one.service_id for one in of_the_day if one.exception_type == _REMOVED})


def headway(written: str) -> timedelta | None:
    """Return the time between two departures: in seconds (GTFS), or in the operator's notation `7 menit`."""
    found = _HEADWAY.fullmatch(written.strip())
    return timedelta(seconds=int(found[1]) * _UNITS[found[2].lower()]) if found else None


def _runs(repeats: list[FrequencyRow], begins: StopTimeRow) -> Iterator[_Run | Bad]:
    first = service_time(begins.departure_time).value
    for repeat in repeats:
        begin, end = service_time(repeat.start_time).value, service_time(repeat.end_time).value
        every = headway(repeat.headway_secs)
        if first is None or begin is None or end is None or every is None or every < SHORTEST_HEADWAY:
            yield Bad("frequencies.txt: a time, or a headway, that cannot be read or is too short")
            continue
        reported = None if repeat.exact_times == _EXACT else int(every.total_seconds())
        while begin < end:
            yield _Run(begin - first, _written(begin), reported)
            begin += every


def _written(time: timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
