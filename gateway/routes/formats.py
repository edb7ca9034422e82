"""Lists in other forms than JSON: GeoJSON for maps, CSV for spreadsheets, iCalendar for calendars.

Each is made from what was disclosed, and from nothing else. The honest account of the sources travels along: as members
of the collection, as headers, as properties of the calendar.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from schemas.envelope import Source, is_complete

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A disclosed page: its items as JSON values, its sources, the cursor of the next."""

    items: list[Item]
    sources: tuple[Source, ...]
    next_cursor: str | None


def as_geojson(page: Page) -> bytes:
    """A FeatureCollection (RFC 7946); what has no position is a feature without geometry."""
    features = [
        {
            "type": "Feature",
            "id": item["id"],
            "geometry": item.get("position"),
            "properties": {name: value for name, value in item.items() if name not in {"id", "position"}},
        }
        for item in page.items
    ]
    sources = [source.model_dump(mode="json", exclude_none=True) for source in page.sources]
    collection = {
        "type": "FeatureCollection",
        "features": features,
        "next": page.next_cursor,
        "complete": is_complete(page.sources),
        "sources": sources,
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def as_csv(page: Page) -> bytes:
    """A table with a header (RFC 4180): nested values get a column each, lists are joined.

    A cell that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    rows = [dict(_flat(item)) for item in page.items]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_calendar(page: Page) -> bytes:
    """A calendar (RFC 5545) of what has a start."""
    complete = "TRUE" if is_complete(page.sources) else "FALSE"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gerbang//Gerbang//ID", f"X-GERBANG-COMPLETE:{complete}"]
    for item in page.items:
        if item.get("starts_at"):
            lines += _event(item)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


FORMATS: Final[Mapping[str, Callable[[Page], bytes]]] = {
    "application/geo+json": as_geojson,
    "text/csv": as_csv,
    "text/calendar": as_calendar,
}


def _flat(item: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in item.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield f"{prefix}{name}", "; ".join(part if isinstance(part, str) else json.dumps(part) for part in value)
        else:
            yield f"{prefix}{name}", value


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value


def _event(item: Item) -> list[str]:
    lines = ["BEGIN:VEVENT", f"UID:{item['id']}", f"DTSTAMP:{_utc(item['provenance']['fetched_at'])}"]
    lines.append(f"DTSTART:{_utc(item['starts_at'])}")
    if item.get("ends_at"):
        lines.append(f"DTEND:{_utc(item['ends_at'])}")
    for name, field in (("SUMMARY", "title"), ("DESCRIPTION", "description"), ("LOCATION", "venue")):
        if item.get(field):
            lines.append(f"{name}:{_escaped(item[field])}")
    if item.get("status"):
        lines.append(f"STATUS:{item['status'].upper()}")
    return [*lines, "END:VEVENT"]


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for character, written in (
        ("\\", "\\\\"),
        (";", "\\;"),
        (",", "\\,"),
        ("\r\n", "\\n"),
        ("\n", "\\n"),
        ("\r", "\\n"),
    ):
        text = text.replace(character, written)
    return text


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, continued with a space; no character is split."""
    part, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > 75:
            yield part
            part, size = " ", 1
        part, size = part + character, size + width
    yield part
