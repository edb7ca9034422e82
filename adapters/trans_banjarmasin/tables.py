"""The tables of a GTFS archive (google/transit, GTFS Schedule), in the CSV dialects of this operator."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import TypeAdapter

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError
from adapters.legacy.archives import Archive
from adapters.legacy.envelopes import read_rows
from adapters.trans_banjarmasin.wire import (
    AgencyRow,
    CalendarDateRow,
    CalendarRow,
    FareRow,
    FareRuleRow,
    FrequencyRow,
    RouteRow,
    ShapeRow,
    StopRow,
    StopTimeRow,
    TripRow,
    Wire,
)

R = TypeVar("R", bound=Wire)

MOST_ROWS: Final = 50_000
_MOST_PARTS: Final = 60
_MOST_UNPACKED: Final = 8_000_000


@dataclass(frozen=True)
class Table:
    """One file: its separator, and its required columns. `must`: whether the file is required."""

    name: str
    columns: frozenset[str]
    separator: str = ","
    must: bool = True


_AGENCY: Final = Table("agency.txt", frozenset({"agency_name", "agency_timezone"}))
_ROUTES: Final = Table("routes.txt", frozenset({"route_id", "route_type"}))
_STOPS: Final = Table("stops.txt", frozenset({"stop_id", "stop_name", "stop_lat", "stop_lon"}), ";")
_TRIPS: Final = Table("trips.txt", frozenset({"trip_id", "route_id", "service_id"}))
_STOP_TIMES: Final = Table("stop_times.txt", frozenset({"trip_id", "stop_id", "stop_sequence", "departure_time"}))
_CALENDAR: Final = Table("calendar.txt", frozenset({"service_id", "start_date", "end_date"}), must=False)
_DATES: Final = Table("calendar_dates.txt", frozenset({"service_id", "date", "exception_type"}), must=False)
_FREQUENCIES: Final = Table(
    "frequencies.txt", frozenset({"trip_id", "start_time", "end_time", "headway_secs"}), ";", must=False
)
_SHAPES: Final = Table(
    "shapes.txt", frozenset({"shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"}), must=False
)
_FARES: Final = Table("fare_attributes.txt", frozenset({"fare_id", "price", "currency_type"}), must=False)
_FARE_RULES: Final = Table("fare_rules.txt", frozenset({"fare_id", "route_id"}), must=False)


class Timetable:
    """An archive and its tables. Every method raises `UpstreamMalformedError`; an invalid row becomes `Bad`."""

    def __init__(self, content: bytes) -> None:
        self._archive = Archive(content, max_parts=_MOST_PARTS, max_unpacked=_MOST_UNPACKED)

    def agency(self) -> AgencyRow:
        """Return the operator: the first row."""
        return next(iter(good(self._rows(_AGENCY, AgencyRow))), AgencyRow())

    def routes(self) -> tuple[RouteRow | Bad, ...]:
        """`routes.txt`."""
        return self._rows(_ROUTES, RouteRow)

    def stops(self) -> tuple[StopRow | Bad, ...]:
        """`stops.txt`, with semicolons."""
        return self._rows(_STOPS, StopRow)

    def trips(self) -> tuple[TripRow | Bad, ...]:
        """`trips.txt`."""
        return self._rows(_TRIPS, TripRow)

    def stop_times(self) -> tuple[StopTimeRow | Bad, ...]:
        """`stop_times.txt`."""
        return self._rows(_STOP_TIMES, StopTimeRow)

    def calendar(self) -> tuple[CalendarRow | Bad, ...]:
        """`calendar.txt`."""
        return self._rows(_CALENDAR, CalendarRow)

    def calendar_dates(self) -> tuple[CalendarDateRow | Bad, ...]:
        """`calendar_dates.txt`."""
        return self._rows(_DATES, CalendarDateRow)

    def frequencies(self) -> tuple[FrequencyRow | Bad, ...]:
        """`frequencies.txt`, with semicolons."""
        return self._rows(_FREQUENCIES, FrequencyRow)

    def shapes(self) -> tuple[ShapeRow | Bad, ...]:
        """`shapes.txt`."""
        return self._rows(_SHAPES, ShapeRow)

    def fares(self) -> tuple[FareRow | Bad, ...]:
        """`fare_attributes.txt`."""
        return self._rows(_FARES, FareRow)

    def fare_rules(self) -> tuple[FareRuleRow | Bad, ...]:
        """`fare_rules.txt`."""
        return self._rows(_FARE_RULES, FareRuleRow)

    def _rows(self, table: Table, model: type[R]) -> tuple[R | Bad, ...]:
        content = self._archive.part(table.name)
        if content is None:
            if table.must:
                raise UpstreamMalformedError(f"the timetable has no {table.name}")
            return ()
        return read_rows(_read(content, table), TypeAdapter(model))


def good(rows: tuple[R | Bad, ...]) -> tuple[R, ...]:
    """Return the rows that could be read."""
    return tuple(row for row in rows if not isinstance(row, Bad))


def _read(content: bytes, table: Table) -> Iterator[dict[str, str]]:
    """Yield each row as a mapping from column names, without empty cells and a spreadsheet's apostrophes."""
    try:
        text = content.decode("utf-8-sig")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=table.separator, strict=True)
        head = [name.strip() for name in next(rows, [])]
        if not table.columns <= set(head) or len(set(head)) < len(head):
            raise UpstreamMalformedError(f"{table.name} lacks required columns, or repeats one")
        for count, row in enumerate(rows):
            if count >= MOST_ROWS:
                raise UpstreamMalformedError(f"{table.name} has more rows than the limit")
            cells = {name: cell.strip().removeprefix("'") for name, cell in zip(head, row, strict=False)}
            if any(cells.values()):
                yield {name: cell for name, cell in cells.items() if cell}
    except (UnicodeDecodeError, csv.Error):
        raise UpstreamMalformedError(f"{table.name} is not a table in the dialect of this operator") from None
