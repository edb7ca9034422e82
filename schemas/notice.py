"""Notices: something that happens to the public at a time and a place (schema.org Event, Open511).

Traffic incidents and public consultations are profiles of a notice. Any other kind, such as an outage, a flood or a
closed school, is a `notice` with a code of its own in `kind`.
"""

from datetime import datetime
from typing import Annotated

from schemas.classes import general
from schemas.codes import PHASE_OF_STATUS, TEXT_OF_STATUS, Code, Coded, Phase, Status, StatusPhase, StatusText
from schemas.dates import Moment
from schemas.filters import BoundingBox, Words, between, in_region, inside, mentions
from schemas.places import Location, position_of, region_code
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Query, Resource
from schemas.texts import Text


class NoticeStatus(Status):
    """Whether something takes place. `tentative`, `confirmed` and `cancelled` are those of iCalendar."""

    TENTATIVE = "tentative", Phase.OPEN, "Belum pasti", "Tentative"
    CONFIRMED = "confirmed", Phase.OPEN, "Pasti", "Confirmed"
    ACTIVE = "active", Phase.OPEN, "Berlangsung", "Active"
    RESOLVED = "resolved", Phase.DONE, "Selesai", "Resolved"
    CANCELLED = "cancelled", Phase.STOPPED, "Batal", "Cancelled"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Severity(Code):
    """How much a notice disturbs the public."""

    MINOR = "minor", "Ringan", "Minor"
    MODERATE = "moderate", "Sedang", "Moderate"
    MAJOR = "major", "Berat", "Major"
    UNKNOWN = "unknown", "Tidak diketahui", "Unknown"


class Notice(Body):
    """Something that happens to the public."""

    kind: Annotated[Coded | None, general("Jenis", "Kind")] = None
    title: Annotated[str, general("Judul", "Title")]
    description: Annotated[str | None, general("Uraian", "Description")] = None
    status: Annotated[NoticeStatus, general("Status", "Status")]
    status_text: StatusText = TEXT_OF_STATUS
    phase: StatusPhase = PHASE_OF_STATUS
    severity: Annotated[Severity | None, general("Keparahan", "Severity; null if it does not disturb")] = None
    starts_at: Annotated[datetime | None, general("Mulai", "Start")] = None
    ends_at: Annotated[datetime | None, general("Selesai", "End")] = None
    location: Annotated[Location | None, general("Lokasi", "Location")] = None
    agency: Annotated[AgencyReference | None, general("Dinas", "Agency responsible")] = None


class NoticeQuery(Query):
    """Filters of notices: kind (a code), status, severity, region, starts from/until, bounding box in degrees, text."""

    kind: str | None = None
    status: NoticeStatus | None = None
    severity: Severity | None = None
    region: str | None = None
    starts_from: Moment | None = None
    starts_until: Moment | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def matches_notice(notice: Notice, query: NoticeQuery) -> bool:
    """Return whether a notice meets the filters that all notices have."""
    return (
        (query.kind is None or (notice.kind is not None and notice.kind.code == query.kind))
        and query.status in (None, notice.status)
        and query.severity in (None, notice.severity)
        and in_region(region_code(notice.location), query.region)
        and between(notice.starts_at, query.starts_from, query.starts_until)
        and inside(position_of(notice.location), query.bbox)
        and (query.text is None or mentions(query.text, notice.title, notice.description, _place(notice)))
    )


def _place(notice: Notice) -> str | None:
    return notice.location.text if notice.location else None


def notice_texts(notice: Notice) -> tuple[str | None, ...]:
    """Return the texts of a notice that the search indexes, its headline first."""
    return (notice.title, _place(notice), notice.description)


NOTICE: Resource[Notice, NoticeQuery] = Resource(
    name="notice",
    prefix="ntc",
    title=Text(id="Pemberitahuan", en="Notice"),
    body=Notice,
    query=NoticeQuery,
    order=("-starts_at", "id"),
    owner=None,
    matches=matches_notice,
    searched=notice_texts,
)
