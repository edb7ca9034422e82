"""Dates: those of which the day or the month may be unknown, periods, and strict types for dates in queries."""

import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from schemas.classes import Classed, general

WITA: Final = timezone(timedelta(hours=8), "WITA")
"""The time zone of the city (UTC+08:00, no daylight saving time)."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAY_OR_INSTANT: Final = "date-or-date-time"
"""The format of a moment in the OpenAPI document: a `date` or a `date-time`."""
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")

_AWARE: Final[TypeAdapter[datetime]] = TypeAdapter(AwareDatetime)


def _partial(value: str) -> str:
    if not _PARTIAL.fullmatch(value):
        raise ValueError("a date is written YYYY, YYYY-MM or YYYY-MM-DD")
    parts = [int(part) for part in value.split("-")]
    date(*[*parts, 1, 1][:3])
    return value


PartialDate = Annotated[
    str,
    AfterValidator(_partial),
    Field(json_schema_extra={"pattern": "^[0-9]{4}(-[0-9]{2}){0,2}$"}),
]
"""A calendar date in ISO 8601 with the known parts only: `1990`, `1990-02` or `1990-02-05`."""


class Period(Classed):
    """A period of calendar time (FHIR Period), both ends included, each with the known parts of its date."""

    start: Annotated[PartialDate | None, general("Mulai", "First day, month or year", examples=["2026-01"])] = None
    end: Annotated[PartialDate | None, general("Sampai", "Last day, month or year", examples=["2026-03"])] = None

    @classmethod
    def year(cls, year: int) -> "Period":
        """Return a calendar year."""
        return cls(start=f"{year:04d}", end=f"{year:04d}")


def _written_as_day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_written_as_day)]
"""A day in a request: YYYY-MM-DD only; pydantic alone would also accept seconds since 1970."""


def _moment(value: object) -> date | datetime:
    """Return a day as a date, and an instant as an aware datetime; pydantic alone would accept seconds since 1970."""
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
        if isinstance(value, str) and _INSTANT.match(value):
            return _AWARE.validate_python(value)
    except ValueError:
        pass
    raise PydanticCustomError(
        "moment", "write a day as YYYY-MM-DD, or a moment as in RFC 3339, such as 2026-11-23T09:00:00+08:00"
    )


Moment = Annotated[
    datetime | date,
    PlainValidator(_moment),
    PlainSerializer(lambda moment: moment.isoformat(), return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "format": DAY_OR_INSTANT, "examples": ["2026-11-23", "2026-11-23T09:00:00+08:00"]}
    ),
]
"""A bound in a query: a day (in the city's time zone, and wholly included) or an instant.

Its schema is a string with a format of our own, and no union of two formats: some generators make a class of the union
that does not compile.
"""


def first_instant(moment: date | datetime) -> datetime:
    """Return the instant itself, or that in which a day begins in the city's time zone."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.min, WITA)


def last_instant(moment: date | datetime) -> datetime:
    """Return the instant itself, or the last one of a day in the city's time zone."""
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time.max, WITA)


def day_of(moment: date | datetime) -> date:
    """Return the day of a moment in the city's time zone."""
    return moment.astimezone(WITA).date() if isinstance(moment, datetime) else moment
