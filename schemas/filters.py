"""What filters of several resources share: spans of time, bounding boxes, text."""

from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, StringConstraints

from schemas.places import Point

T = TypeVar("T", date, datetime)


def between(moment: T | None, first: T | None, last: T | None) -> bool:
    """Whether a moment lies in a span, both ends included; what has no moment lies in no span."""
    if first is None and last is None:
        return True
    return moment is not None and (first is None or moment >= first) and (last is None or moment <= last)


def read_box(bbox: str) -> tuple[float, float, float, float]:
    """`west,south,east,north` in degrees. Raises `ValueError`."""
    west, south, east, north = (float(part) for part in bbox.split(","))
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("a bounding box is west,south,east,north in degrees")
    return west, south, east, north


def _box(bbox: str) -> str:
    try:
        read_box(bbox)
    except ValueError:
        raise ValueError("a bounding box is west,south,east,north in degrees, such as 114.5,-3.4,114.7,-3.2") from None
    return bbox


BoundingBox = Annotated[str, StringConstraints(max_length=80), AfterValidator(_box)]
Words = Annotated[str, StringConstraints(min_length=2, max_length=100)]


def inside(point: Point | None, bbox: str | None) -> bool:
    """Whether a point lies in a bounding box; what has no point lies in none."""
    if bbox is None:
        return True
    if point is None:
        return False
    west, south, east, north = read_box(bbox)
    longitude, latitude = point.coordinates
    return west <= longitude <= east and south <= latitude <= north


def mentions(text: str | None, *places: str | None) -> bool:
    """Whether every word of `text` stands in one of `places`, whatever the case."""
    if text is None:
        return True
    whole = " ".join(place for place in places if place).casefold()
    return all(word in whole for word in text.casefold().split())
