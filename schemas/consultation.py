"""Public consultations (iCalendar VEVENT, schema.org Event), and the contributions to them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from schemas.classes import Classed, general, personal
from schemas.codes import Code
from schemas.command import Command
from schemas.document import Document
from schemas.event import Event
from schemas.notice import NOTICE, Notice, NoticeQuery, matches_notice, notice_texts
from schemas.references import AgencyReference
from schemas.resources import Resource
from schemas.texts import Text


class ConsultationStage(Code):
    """The stage of a consultation in the planning year."""

    INITIAL_DRAFT = "initial-draft", "Rancangan awal", "Initial draft"
    KELURAHAN = "kelurahan", "Musyawarah kelurahan", "Kelurahan meeting"
    KECAMATAN = "kecamatan", "Musyawarah kecamatan", "Kecamatan meeting"
    AGENCY_FORUM = "agency-forum", "Forum perangkat daerah", "Agencies' forum"
    CITY = "city", "Musyawarah kota", "City meeting"
    OTHER = "other", "Lainnya", "Other"
    UNKNOWN = "unknown", "Tidak diketahui", "Unknown"


class Contribution(Classed):
    """A contribution to a consultation, and the official answer (schema.org Comment). It names no person."""

    id: Annotated[
        str,
        general("Nomor masukan", "Id of the contribution within its consultation", examples=["12"]),
        Field(pattern=r"^[A-Za-z0-9._-]{1,80}$"),
    ]
    at: Annotated[datetime | None, general("Pada", "When it was made")] = None
    text: Annotated[str, general("Masukan", "Contribution")]
    topic: Annotated[str | None, general("Bidang", "Field that it concerns, in the system's words")] = None
    answer: Annotated[Event | None, general("Jawaban", "Official answer")] = None


def received_order(at: datetime | None, contribution_id: str) -> tuple[int, int, int, str]:
    """Return the place of a contribution among others, as a sort key: when it was received, if known, and its id."""
    return (at is None, int(at.timestamp()) if at else 0, len(contribution_id), contribution_id)


def order_of(contribution: Contribution) -> tuple[int, int, int, str]:
    """Return the sort key of a contribution."""
    return received_order(contribution.at, contribution.id)


def _oldest_first(contributions: tuple[Contribution, ...]) -> tuple[Contribution, ...]:
    return tuple(sorted(contributions, key=order_of))


class Consultation(Notice):
    """A public consultation."""

    number: Annotated[str | None, general("Nomor undangan", "Number of the invitation")] = None
    stage: Annotated[ConsultationStage, general("Tahap", "Stage")] = ConsultationStage.UNKNOWN
    agency: Annotated[AgencyReference | None, general("Penyelenggara", "Organiser")] = None
    accepts_contributions: Annotated[bool | None, general("Menerima masukan", "Whether contributions are accepted")] = (
        None
    )
    documents: Annotated[tuple[Document, ...], general("Dokumen", "Documents")] = ()
    contributions: Annotated[
        tuple[Contribution, ...], general("Masukan", "Contributions, oldest first"), AfterValidator(_oldest_first)
    ] = ()


class ConsultationQuery(NoticeQuery):
    """Filters of consultations: those of notices, stage, whether contributions are accepted."""

    stage: ConsultationStage | None = None
    accepts_contributions: bool | None = None


def _matches(consultation: Consultation, query: ConsultationQuery) -> bool:
    return (
        matches_notice(consultation, query)
        and query.stage in (None, consultation.stage)
        and query.accepts_contributions in (None, consultation.accepts_contributions)
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
        *notice_texts(consultation),
        consultation.agency.name if consultation.agency else None,
    ),
    generic=NOTICE,
)


class Contribute(Command):
    """The command to contribute to a consultation, for the subject of the call."""

    consultation_key: Annotated[
        str, general("Konsultasi", "Key of the consultation in its own system"), Field(max_length=40)
    ]
    text: Annotated[str, personal("Masukan", "Text of the contribution"), Field(min_length=10, max_length=4000)]
