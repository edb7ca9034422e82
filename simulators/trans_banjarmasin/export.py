"""The operator's timetable as a GTFS archive, with the quirks of its spreadsheets (Q53, Q66)."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from simulators.trans_banjarmasin.network import HALTS, LINES, Halt, Line

Row = Sequence[str | int]

_BOAT: Final = 4
_WHITE: Final = "FFFFFF"
_BOM: Final = "\ufeff"
_STAMP: Final = (2026, 1, 2, 8, 0, 0)
# Departures of the boats from each end, in minutes since noon minus twelve hours: the last ones after midnight.
_BOATS: Final = {"KL 1": (360, 480, 600, 840, 960, 1080, 1425, 1470), "KL 2": (390, 570, 780, 960)}
_HEADWAYS: Final = (
    ("06:00:00", "08:00:00", "10 menit", "0"),
    ("08:00:00", "16:00:00", "1800", "0"),
    ("16:00:00", "19:00:00", "15 menit", "1"),
)


def archive(today: date) -> bytes:
    """Return the whole archive. Its holidays are those of the year of `today`."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        for name, content in tables(today).items():
            packed.writestr(ZipInfo(name, _STAMP), content.encode(), ZIP_DEFLATED)
    return made.getvalue()


def tables(today: date) -> dict[str, str]:
    """Return every file of the archive."""
    return {
        "agency.txt": _table(
            "agency_id,agency_name,agency_url,agency_timezone,agency_lang",
            # Q66: the time zone of most feeds in the country; the times themselves are local times at the stops.
            [("TBJM", "Trans Banjarmasin", "https://trans.example/", "Asia/Jakarta", "id")],
        ),
        "routes.txt": _table(
            "route_id,agency_id,route_short_name,route_long_name,route_type,route_color,route_text_color",
            [(line.id, "TBJM", line.short, line.name, line.kind, line.colour, _WHITE) for line in LINES],
        ),
        # Q53: exported from a spreadsheet with Indonesian locale, and renamed to .txt.
        "stops.txt": _table(
            "stop_id;stop_code;stop_name;stop_lat;stop_lon;wheelchair_boarding", _stops(), separator=";"
        ),
        "trips.txt": _table("route_id,service_id,trip_id,trip_headsign,direction_id,shape_id", _trips()),
        "stop_times.txt": _table(
            "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type", _stop_times()
        ),
        "calendar.txt": _table(
            "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
            [("HARIAN", *(1,) * 7, "20200217", "20991231"), ("AKHIR PEKAN", *(0,) * 5, 1, 1, "20200217", "20991231")],
        ),
        "calendar_dates.txt": _table(
            "service_id,date,exception_type",
            [("HARIAN", f"{today.year}0817", 2), ("AKHIR PEKAN", f"{today.year}0817", 1)],
        ),
        "frequencies.txt": _table("trip_id;start_time;end_time;headway_secs;exact_times", _headways(), separator=";"),
        "shapes.txt": _table("shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence", _shapes()),
        "fare_attributes.txt": _table(
            "fare_id,price,currency_type,payment_method,transfers",
            [(f"T {line.short}", line.fare, "IDR", 0, 0) for line in LINES],
        ),
        "fare_rules.txt": _table("fare_id,route_id", [(f"T {line.short}", line.id) for line in LINES]),
    }


def _table(head: str, rows: Iterable[Row], *, separator: str = ",") -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow(head.split(separator))
    writer.writerows(rows)
    return _BOM + text.getvalue()


def _stops() -> Iterable[Row]:
    for number, halt in enumerate(HALTS.values(), start=1):
        latitude, longitude = (f"{degrees:.6f}".replace(".", ",") for degrees in (halt.latitude, halt.longitude))
        if halt.id == "HT GATOT 01":
            latitude, longitude = longitude, latitude
        # The apostrophe prevents a spreadsheet from dropping leading zeros.
        yield halt.id, f"'{number:04d}", _name(number, halt), latitude, longitude, halt.boarding


def _name(number: int, halt: Halt) -> str:
    return f'"{halt.name}" ' if number == 3 else halt.name


def _directions() -> Iterable[tuple[Line, bool]]:
    return ((line, back) for line in LINES for back in (False, True))


def _departures(line: Line) -> tuple[int, ...]:
    return _BOATS.get(line.id, (360,))


def _trip(line: Line, start: int, *, back: bool) -> str:
    return f"{line.id} {'PULANG' if back else 'PERGI'}" + (f" {start:04d}" if line.kind == _BOAT else "")


def _trips() -> Iterable[Row]:
    for line, back in _directions():
        goal = HALTS[line.stops(back=back)[-1][0]].name
        for start in _departures(line):
            weekend = line.id == "KL 2" and start == _BOATS["KL 2"][-1]
            service = "AKHIR PEKAN" if weekend else "HARIAN"
            yield line.id, service, _trip(line, start, back=back), goal, int(back), _shape(line, back=back)


def _shape(line: Line, *, back: bool) -> str:
    return f"{line.id} {'PULANG' if back else 'PERGI'}"


def _shapes() -> Iterable[Row]:
    """Yield the points of each shape: its halts, and a point between two, in no order, as the drawing tool saves it.

    The recorder had no satellite fix at one point of KL 2 (Q45).
    """
    for line, back in _directions():
        halts = [HALTS[halt] for halt, _ in line.stops(back=back)]
        points = [(halts[0].latitude, halts[0].longitude)]
        for here, there in pairwise(halts):
            north, east = there.latitude - here.latitude, there.longitude - here.longitude
            points.append((here.latitude + north / 2 + east / 20, here.longitude + east / 2 - north / 20))
            points.append((there.latitude, there.longitude))
        if line.id == "KL 2":
            points[1] = (0.0, 0.0)
        for sequence in sorted(range(len(points)), key=lambda at: (at % 2, at)):
            latitude, longitude = points[sequence]
            yield _shape(line, back=back), f"{latitude:.6f}", f"{longitude:.6f}", sequence + 1


def _stop_times() -> Iterable[Row]:
    for line, back in _directions():
        for start in _departures(line):
            stops = line.stops(back=back)
            for sequence, (halt, minutes) in enumerate(stops, start=1):
                at = _clock(start + minutes)
                # Some ids have a trailing blank that the other table does not have.
                stop = f"{halt} " if sequence == 2 else halt
                yield _trip(line, start, back=back), at, at, stop, sequence, 1 if sequence == len(stops) else 0


def _headways() -> Iterable[Row]:
    for line, back in _directions():
        if line.kind != _BOAT:
            for first, last, headway, exact in _HEADWAYS:
                yield _trip(line, 0, back=back), first, last, headway, exact


def _clock(minutes: int) -> str:
    """Return a GTFS time; past 24:00 for trips after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
