"""Filters that several resources share: time spans, bounding boxes, text."""

import re
from datetime import date, datetime
from typing import Annotated, Final
from unicodedata import decimal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from schemas.dates import day_of
from schemas.folding import folded
from schemas.places import Point
from schemas.texts import Text


def between(moment: date | datetime | None, first: date | datetime | None, last: date | datetime | None) -> bool:
    """Return whether a moment is within a span, both ends included. None is within no limited span.

    A bound that is a day includes the whole day, in the city's time zone.
    """
    if first is None and last is None:
        return True
    return (
        moment is not None
        and (first is None or _not_after(first, moment))
        and (last is None or _not_after(moment, last))
    )


def _not_after(one: date | datetime, other: date | datetime) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one <= other
    return day_of(one) <= day_of(other)


def in_region(code: str | None, region: str | None) -> bool:
    """Return whether the region `code` is `region` or lies within it. None lies in no region; no region excludes none.

    Codes are dotted Kemendagri codes: a region's code begins with that of the region which contains it.
    """
    return region is None or (code is not None and (code == region or code.startswith(f"{region}.")))


def read_box(bbox: str) -> tuple[float, float, float, float]:
    """Parse `west,south,east,north` in degrees."""
    west, south, east, north = (float(part) for part in bbox.split(","))
    return west, south, east, north


_LONGITUDE = r"-?(180(\.0{1,8})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,8})?)"
_LATITUDE = r"-?(90(\.0{1,8})?|[1-8]?[0-9](\.[0-9]{1,8})?)"

BoundingBox = Annotated[str, StringConstraints(pattern=f"^{_LONGITUDE},{_LATITUDE},{_LONGITUDE},{_LATITUDE}$")]
"""`west,south,east,north` in degrees. If west is greater than east, the box crosses the antimeridian (RFC 7946)."""

PERSONAL_NUMBER: Final = "personal_number"
"""Error type for search words that contain a possible personal number."""

_LONG_NUMBER: Final = r"[0-9](?:[\s.'’_-]*[0-9]){12}"
"""Thirteen digits, however grouped: an insurance card number has 13, a NIK or KK has 16.

A slash does not group digits: people search for reference numbers of letters, such as `7/145.1/01.001/2026`.
"""


def _without_personal_numbers(words: str) -> str:
    # Digits of other scripts and shapes (Arabic, full width) count too.
    if re.search(_LONG_NUMBER, "".join(str(decimal(letter, letter)) for letter in words)):
        raise PydanticCustomError(PERSONAL_NUMBER, "a personal number must not be in an address")
    return words


Words = Annotated[
    str,
    StringConstraints(min_length=2, max_length=100),
    AfterValidator(_without_personal_numbers),
    # The pattern includes the length, because test generators ignore the length otherwise.
    Field(json_schema_extra={"pattern": rf"^(?![\s\S]*{_LONG_NUMBER})[\s\S]{{2,100}}$"}),
]
"""Search words. They are part of an address, so personal numbers are refused."""


def inside(point: Point | None, bbox: str | None) -> bool:
    """Return whether a point is in a bounding box. None is in no box."""
    if bbox is None:
        return True
    if point is None:
        return False
    west, south, east, north = read_box(bbox)
    longitude, latitude = point.coordinates
    between_meridians = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    return between_meridians and south <= latitude <= north


def mentions(text: str | None, *places: str | Text | None) -> bool:
    """Return whether every word of `text` begins a word of `places`, both folded."""
    if text is None:
        return True
    found = set(folded(*places))
    return all(word in found or any(other.startswith(word) for other in found) for word in folded(text))
