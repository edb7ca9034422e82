"""Public consultations (iCalendar VEVENT, schema.org Event), and the contributions to them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general, personal
from schemas.command import Command
from schemas.dates import Instant
from schemas.filters import BoundingBox, Words, between, inside, mentions
from schemas.places import Point, RegionReference
from schemas.records import Body
from schemas.resources import Query, Resource
from schemas.texts import Text


class ConsultationStage(StrEnum):
    """The stage of a consultation in the planning year."""

    INITIAL_DRAFT = "initial-draft"
    KELURAHAN = "kelurahan"
    DISTRICT = "district"
    AGENCY_FORUM = "agency-forum"
    CITY = "city"
    OTHER = "other"


class ConsultationStatus(StrEnum):
    """Whether a consultation takes place (iCalendar STATUS)."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Contribution(Classed):
    """A contribution to a consultation, and the official answer. It names no person."""

    text: Annotated[str, general("Masukan", "Contribution")]
    answer: Annotated[str | None, general("Jawaban", "Official answer")] = None
    at: Annotated[datetime | None, general("Pada", "When")] = None


class ConsultationDocument(Classed):
    """A document under consultation."""

    title: Annotated[str, general("Judul", "Title")]
    kind: Annotated[str, general("Jenis dokumen", "Kind of document", examples=["draft"])] = "document"
    media_type: Annotated[str | None, general("Jenis berkas", "Media type", examples=["application/pdf"])] = None
    size: Annotated[int | None, general("Ukuran", "Size in bytes")] = None
    issued_on: Annotated[date | None, general("Terbit pada", "When it was issued")] = None


class Consultation(Body):
    """A public consultation."""

    code: Annotated[str, general("Kode kegiatan", "The agency's own code of the event", examples=["fkp/12"])]
    number: Annotated[str | None, general("Nomor undangan", "Number of the invitation")] = None
    title: Annotated[str, general("Judul", "Title")]
    description: Annotated[str | None, general("Uraian", "Description")] = None
    stage: Annotated[ConsultationStage, general("Tahap", "Stage")] = ConsultationStage.OTHER
    status: Annotated[ConsultationStatus, general("Status", "Status")] = ConsultationStatus.CONFIRMED
    starts_at: Annotated[datetime | None, general("Mulai", "Start")] = None
    ends_at: Annotated[datetime | None, general("Selesai", "End")] = None
    venue: Annotated[str | None, general("Tempat", "Venue")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan")] = None
    organiser: Annotated[str | None, general("Penyelenggara", "Organiser")] = None
    open: Annotated[bool | None, general("Menerima masukan", "Whether contributions are accepted")] = None
    documents: Annotated[tuple[ConsultationDocument, ...], general("Dokumen", "Documents")] = ()
    contributions: Annotated[tuple[Contribution, ...], general("Masukan", "Contributions, oldest first")] = ()


class ConsultationQuery(Query):
    """Filters of consultations: stage, status, kelurahan, starts from/until, open, bounding box, text."""

    stage: ConsultationStage | None = None
    status: ConsultationStatus | None = None
    region: str | None = None
    starts_from: Instant | None = None
    starts_until: Instant | None = None
    open: bool | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def _matches(consultation: Consultation, query: ConsultationQuery) -> bool:
    region = consultation.region.code if consultation.region else None
    searched = (consultation.title, consultation.description, consultation.venue)
    return all(
        (
            query.stage in (None, consultation.stage),
            query.status in (None, consultation.status),
            query.region in (None, region),
            query.open in (None, consultation.open),
            between(consultation.starts_at, query.starts_from, query.starts_until),
            inside(consultation.position, query.bbox),
            query.text is None or mentions(query.text, *searched),
        )
    )


CONSULTATION: Resource[Consultation, ConsultationQuery] = Resource(
    name="consultation",
    prefix="cns",
    title=Text(id="Konsultasi publik", en="Public consultation"),
    body=Consultation,
    query=ConsultationQuery,
    order=("-starts_at", "id"),
    owner=None,
    matches=_matches,
    searched=lambda consultation: (
        consultation.title,
        consultation.venue,
        consultation.description,
        consultation.organiser,
    ),
)


class Contribute(Command):
    """The command to contribute to a consultation, for the subject of the call."""

    consultation: Annotated[str, general("Konsultasi", "Code of the consultation"), Field(max_length=40)]
    text: Annotated[str, personal("Masukan", "Text of the contribution"), Field(min_length=10, max_length=4000)]
