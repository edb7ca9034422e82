"""Public consultations as iCalendar (RFC 5545).

An event needs a start time. Consultations without one are left out; the property `X-GERBANG-UNDATED` has their number.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from gateway.api.formats.page import ListPage, Representation
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
        if item["starts_at"] is None:
            undated += 1
        else:
            calendar.add_component(_event(item))
    calendar.add("x-gerbang-complete", "TRUE" if page.sources.complete and not page.next else "FALSE")
    calendar.add("x-gerbang-undated", str(undated))
    for system, source in page.sources.flat():
        place = f"{system}/{source.office}" if isinstance(source, UnansweredOffice) else system
        calendar.add("x-gerbang-source", f"{place}: {source.state}")
    content: bytes = calendar.to_ical()
    return content


def _event(item: dict[str, Any]) -> Any:  # noqa: ANN401 - the library is imported when it is needed
    from icalendar import Event

    event = Event()
    event.add("uid", item["id"])
    event.add("dtstamp", _in_utc(item["provenance"]["fetched_at"]))
    event.add("dtstart", _in_utc(item["starts_at"]))
    if item["ends_at"] is not None:
        event.add("dtend", _in_utc(item["ends_at"]))
    location, agency = item["location"] or {}, item["agency"] or {}
    texts = {
        "summary": item["title"],
        "description": item["description"],
        "location": location.get("text"),
        "contact": agency.get("name"),
    }
    for name, text in texts.items():
        if text:
            event.add(name, text)
    if item["status"] in _STATUSES:
        event.add("status", _STATUSES[item["status"]])
    event.add("categories", [item["stage"]])
    if location.get("position") is not None:
        longitude, latitude = location["position"]["coordinates"]
        event.add("geo", (latitude, longitude))
    return event


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
