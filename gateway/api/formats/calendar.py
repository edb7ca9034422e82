"""Notices and bookings as iCalendar (RFC 5545).

An event needs a start time, or the day of a booking. Records without one are left out; the property
`X-GERBANG-UNDATED` has their number.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from gateway.api.formats.page import ListPage, Representation
from schemas.booking import BookingStatus
from schemas.catalogue import RESOURCES
from schemas.classes import Classed
from schemas.envelope import UnansweredOffice
from schemas.notice import NoticeStatus

_PRODUCT: Final = "-//Kota Banjarmasin//Gerbang//ID"
_STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        NoticeStatus.TENTATIVE: "TENTATIVE",
        NoticeStatus.CONFIRMED: "CONFIRMED",
        NoticeStatus.ACTIVE: "CONFIRMED",
        NoticeStatus.RESOLVED: "CONFIRMED",
        NoticeStatus.CANCELLED: "CANCELLED",
        **dict.fromkeys(set(BookingStatus) - {BookingStatus.UNKNOWN}, "CONFIRMED"),
        BookingStatus.CANCELLED: "CANCELLED",
        BookingStatus.NO_SHOW: "CANCELLED",
    }
)
"""STATUS of an event; one whose status is unknown has none."""


def _calendar(page: ListPage) -> bytes:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    undated = 0
    for item in page.parsed():
        start = _start(item)
        if start is None:
            undated += 1
        else:
            calendar.add_component(_event(item, start))
    calendar.add("x-gerbang-complete", "TRUE" if page.sources.complete and not page.next else "FALSE")
    calendar.add("x-gerbang-undated", str(undated))
    for system, source in page.sources.flat():
        place = f"{system}/{source.office}" if isinstance(source, UnansweredOffice) else system
        calendar.add("x-gerbang-source", f"{place}: {source.state}")
    content: bytes = calendar.to_ical()
    return content


def _start(item: dict[str, Any]) -> date | None:
    """Return the start of an event: its time, else the day of a booking, which is an event of the whole day."""
    if item["starts_at"] is not None:
        return _in_utc(item["starts_at"])
    day = item.get("day")
    return date.fromisoformat(day) if day else None


def _event(item: dict[str, Any], start: date) -> Any:  # noqa: ANN401 - the library is imported when it is needed
    from icalendar import Event

    event = Event()
    event.add("uid", item["id"])
    event.add("dtstamp", _in_utc(item["provenance"]["fetched_at"]))
    event.add("dtstart", start)
    if item["ends_at"] is not None and isinstance(start, datetime):
        event.add("dtend", _in_utc(item["ends_at"]))
    location, agency = item["location"] or {}, item["agency"] or {}
    texts = {
        "summary": item["title"] or _title(item),
        "description": item.get("description") or item.get("number"),
        "location": location.get("text"),
        "contact": agency.get("name"),
    }
    for name, text in texts.items():
        if text:
            event.add(name, text)
    if item["status"] in _STATUSES:
        event.add("status", _STATUSES[item["status"]])
    event.add("categories", [item.get("stage") or item["resource"]])
    if location.get("position") is not None:
        longitude, latitude = location["position"]["coordinates"]
        event.add("geo", (latitude, longitude))
    return event


def _title(item: dict[str, Any]) -> str:
    """Return what a record without a title is: its kind, else its resource, with its number."""
    kind = (item.get("kind") or {}).get("text") or RESOURCES[item["resource"]].title.id
    return " ".join(filter(None, (kind, item.get("number"))))


def has_start(body: type[Classed]) -> bool:
    """Return whether records of this body have a start, and so can be events."""
    return "starts_at" in body.model_fields


def _in_utc(content: str) -> datetime:
    # In UTC: calendar programs convert it to local time, and the file needs no VTIMEZONE.
    return datetime.fromisoformat(content).astimezone(UTC)


CALENDAR: Final = Representation(
    media_type="text/calendar",
    content_type="text/calendar; charset=utf-8",
    write=_calendar,
    carries_sources=False,
    extension="ics",
    prepare=lambda: import_module("icalendar"),
)
"""iCalendar, for calendar programs."""
