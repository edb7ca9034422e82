"""Dates of registers, of which the day or the month may be unknown, and strict types for dates in queries."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BeforeValidator, model_validator

from schemas.classes import Classed, general

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written_as_day(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("a day is written YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_written_as_day)]
"""A day in a request: YYYY-MM-DD only; pydantic alone would also accept seconds since 1970."""


def _written_as_instant(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]", value)):
        return value
    raise ValueError("a moment is written as in RFC 3339, such as 2026-11-23T09:00:00+08:00")


Instant = Annotated[AwareDatetime, BeforeValidator(_written_as_instant)]
"""A moment in a request: RFC 3339 with an offset only; pydantic alone would also accept seconds since 1970."""


class Precision(StrEnum):
    """The known parts of a date."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


_PARTS = {Precision.YEAR: 1, Precision.MONTH: 2, Precision.DAY: 3}


class UncertainDate(Classed):
    """A calendar date of which the day, or the month too, may be unknown.

    `value` is ISO 8601 with the known parts only: `1990`, `1990-02` or `1990-02-05`.
    """

    value: Annotated[str, general("Nilai", "Value, ISO 8601", examples=["1990-02-05"])]
    precision: Annotated[Precision, general("Ketelitian", "Precision")] = Precision.DAY

    @model_validator(mode="after")
    def _is_a_date(self) -> Self:
        parts = self.value.split("-")
        if len(parts) != _PARTS[self.precision]:
            raise ValueError("value must have as many parts as its precision requires")
        if [len(part) for part in parts] != [4, 2, 2][: len(parts)] or not all(
            p.isascii() and p.isdigit() for p in parts
        ):
            raise ValueError("value must be YYYY, YYYY-MM or YYYY-MM-DD")
        numbers = [int(part) for part in parts]
        date(*[*numbers, 1, 1][:3])
        return self

    @classmethod
    def of(cls, day: date) -> Self:
        """Return a complete date."""
        return cls(value=day.isoformat())
