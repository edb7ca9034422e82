"""The rows of the operator's GTFS tables, and its vehicles, with GTFS's own names.

The client adds values from other tables to a row. No field contains a number plate.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


Id = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=100)]
"""An id of the operator, with single blanks and without surrounding ones."""


Runs = Literal["0", "1"]
GtfsDay = Annotated[str, Field(pattern=r"^[0-9]{8}$")]


class Wire(BaseModel):
    """A row: unknown columns are dropped; a missing or empty column is absent."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class AgencyRow(Wire):
    """`agency.txt`."""

    agency_name: str | None = None
    agency_timezone: str | None = None


class RouteStop(Wire):
    """A stop of a route, set by the client; `listed`: whether it is in `stops.txt`."""

    stop_id: Id
    stop_name: str | None = None
    listed: bool = True


class ShapeRow(Wire):
    """`shapes.txt`: one point of a shape."""

    shape_id: Id
    shape_pt_lat: str | None = None
    shape_pt_lon: str | None = None
    shape_pt_sequence: str | None = None


class RouteRow(Wire):
    """`routes.txt`; the client adds `agency_name`, `price`, `currency_type`, `stops` and `shape`."""

    route_id: Id
    route_short_name: str | None = None
    route_long_name: str | None = None
    route_type: str | None = None
    route_color: str | None = None
    route_text_color: str | None = None
    agency_name: str | None = None
    price: str | None = None
    currency_type: str | None = None
    stops: tuple[RouteStop, ...] = ()
    shape: tuple[ShapeRow, ...] = ()


class StopRow(Wire):
    """`stops.txt`; the client adds `route_types`, the types of the routes that stop there."""

    stop_id: Id
    stop_code: str | None = None
    stop_name: str | None = None
    stop_lat: str | None = None
    stop_lon: str | None = None
    wheelchair_boarding: str | None = None
    route_types: tuple[str, ...] = ()


class TripRow(Wire):
    """`trips.txt`."""

    trip_id: Id
    route_id: Id
    service_id: Id
    trip_headsign: str | None = None
    direction_id: str | None = None
    shape_id: Annotated[str | None, BeforeValidator(_one_line)] = None


class StopTimeRow(Wire):
    """`stop_times.txt`."""

    trip_id: Id
    stop_id: Id
    stop_sequence: Annotated[int, Field(ge=0, le=100_000)]
    departure_time: str | None = None
    pickup_type: str | None = None


class CalendarRow(Wire):
    """`calendar.txt`. A week without one of its days or its dates is ambiguous: it is set aside."""

    service_id: Id
    monday: Runs
    tuesday: Runs
    wednesday: Runs
    thursday: Runs
    friday: Runs
    saturday: Runs
    sunday: Runs
    start_date: GtfsDay
    end_date: GtfsDay


class CalendarDateRow(Wire):
    """`calendar_dates.txt`."""

    service_id: Id
    date: str
    exception_type: str


class FrequencyRow(Wire):
    """`frequencies.txt`."""

    trip_id: Id
    start_time: str
    end_time: str
    headway_secs: str
    exact_times: str | None = None


class FareRow(Wire):
    """`fare_attributes.txt`."""

    fare_id: Id
    price: str | None = None
    currency_type: str | None = None


class FareRuleRow(Wire):
    """`fare_rules.txt`."""

    fare_id: Id
    route_id: Id | None = None


class DepartureRow(Wire):
    """One departure of one trip from one stop on one service day, joined by the client from five tables.

    `start_time`: for a repeated trip, the start of this repetition. `agency_timezone`: as the operator declares it.
    """

    service_date: date
    trip_id: Id
    stop_id: Id
    route_id: Id
    stop_sequence: int
    departure_time: str | None
    start_time: str | None = None
    trip_headsign: str | None = None
    headway_secs: int | None = None
    agency_timezone: str | None = None


class VehicleRow(Wire):
    """A `VehiclePosition`; the client adds `label`, in place of the number plate, and the time of the request."""

    label: Annotated[str, Field(min_length=1)]
    trip_id: str | None = None
    route_id: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    bearing: float | None = None
    speed: float | None = None
    timestamp: int | None = None
    asked_at: datetime | None = None
