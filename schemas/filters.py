"""What filters of several resources share: spans of time, bounding boxes, text."""

from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import StringConstraints

from schemas.places import Point

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

Words = Annotated[str, StringConstraints(min_length=2, max_length=100)]


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


def mentions(text: str | None, *places: str | None) -> bool:
    """Whether every word of `text` stands in one of `places`, whatever the case."""
    if text is None:
        return True
    whole = " ".join(place for place in places if place).casefold()
    return all(word in whole for word in text.casefold().split())
