"""Public consultations (iCalendar VEVENT, schema.org Event), and what people contributed to them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general
from schemas.filters import between, mentions
from schemas.places import Point, RegionReference
from schemas.records import Body
from schemas.resources import Query, Resource
from schemas.texts import Text


class ConsultationStage(StrEnum):
    """Where in the planning year it stands."""

    INITIAL_DRAFT = "initial-draft"
    KELURAHAN = "kelurahan"
    DISTRICT = "district"
    AGENCY_FORUM = "agency-forum"
    CITY = "city"
    OTHER = "other"


class ConsultationStatus(StrEnum):
    """Whether it takes place (iCalendar STATUS)."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class Contribution(Classed):
    """What somebody contributed, and the official answer. Nobody is named."""

    text: Annotated[str, general("Masukan", "Contribution")]
    answer: Annotated[str | None, general("Jawaban", "Official answer")] = None
    at: Annotated[datetime | None, general("Pada", "When")] = None


class Consultation(Body):
    """A public consultation."""

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
    contributions: Annotated[tuple[Contribution, ...], general("Masukan", "Contributions")] = ()


class ConsultationQuery(Query):
    """Filters of consultations: stage, starts from/until, text."""

    stage: ConsultationStage | None = None
    starts_from: datetime | None = None
    starts_until: datetime | None = None
    text: str | None = None


CONSULTATION: Resource[Consultation, ConsultationQuery] = Resource(
    name="consultation",
    prefix="cns",
    title=Text(id="Konsultasi publik", en="Public consultation"),
    body=Consultation,
    query=ConsultationQuery,
    order=("-starts_at", "id"),
    owner=None,
    matches=lambda consultation, query: (
        query.stage in (None, consultation.stage)
        and between(consultation.starts_at, query.starts_from, query.starts_until)
        and mentions(query.text, consultation.title, consultation.description, consultation.venue)
    ),
)
