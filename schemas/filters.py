"""What filters of several resources share: spans of time, bounding boxes, text."""

import re
from datetime import date, datetime
from typing import Annotated, Final, TypeVar
from unicodedata import decimal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from schemas.folding import folded
from schemas.places import Point
from schemas.texts import Text

T = TypeVar("T", date, datetime)


def between(moment: T | None, first: T | None, last: T | None) -> bool:
    """Whether a moment lies in a span, both ends included; what has no moment lies in no span."""
    if first is None and last is None:
        return True
    return moment is not None and (first is None or moment >= first) and (last is None or moment <= last)


def read_box(bbox: str) -> tuple[float, float, float, float]:
    """`west,south,east,north` in degrees."""
    west, south, east, north = (float(part) for part in bbox.split(","))
    return west, south, east, north


_LONGITUDE = r"-?(180(\.0{1,8})?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,8})?)"
_LATITUDE = r"-?(90(\.0{1,8})?|[1-8]?[0-9](\.[0-9]{1,8})?)"

BoundingBox = Annotated[str, StringConstraints(pattern=f"^{_LONGITUDE},{_LATITUDE},{_LONGITUDE},{_LATITUDE}$")]
"""`west,south,east,north` in degrees. A west beyond the east crosses the antimeridian, as in RFC 7946."""

PERSONAL_NUMBER: Final = "personal_number"
"""The type of the error for words that hold what may be a personal number."""

_LONG_NUMBER: Final = r"[0-9](?:[\s.'’_-]*[0-9]){12}"
"""Thirteen digits, as an insurance card has and a NIK or KK more than has, however they are grouped.

A stroke groups none: numbers of letters have strokes (`7/145.1/01.001/2026`), and people look for these.
"""


def _without_personal_numbers(words: str) -> str:
    # Digits of other scripts and shapes (Arabic, full width) say the same.
    if re.search(_LONG_NUMBER, "".join(str(decimal(letter, letter)) for letter in words)):
        raise PydanticCustomError(PERSONAL_NUMBER, "a personal number does not belong into an address")
    return words


Words = Annotated[
    str,
    StringConstraints(min_length=2, max_length=100),
    AfterValidator(_without_personal_numbers),
    # With the length in it, or else generators of questions lose sight of it.
    Field(json_schema_extra={"pattern": rf"^(?![\s\S]*{_LONG_NUMBER})[\s\S]{{2,100}}$"}),
]
"""Words to look for. They stand in an address, so that personal numbers are refused."""


def inside(point: Point | None, bbox: str | None) -> bool:
    """Whether a point lies in a bounding box; what has no point lies in none."""
    if bbox is None:
        return True
    if point is None:
        return False
    west, south, east, north = read_box(bbox)
    longitude, latitude = point.coordinates
    between_meridians = west <= longitude <= east if west <= east else longitude >= west or longitude <= east
    return between_meridians and south <= latitude <= north


def mentions(text: str | None, *places: str | Text | None) -> bool:
    """Whether every word of `text` begins a word of `places`, both folded."""
    if text is None:
        return True
    found = set(folded(*places))
    return all(word in found or any(other.startswith(word) for other in found) for word in folded(text))
