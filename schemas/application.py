"""Applications for services, such as a letter from the kelurahan, with the steps of each, and the commands on them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from schemas.classes import Classed, general, personal
from schemas.command import Command
from schemas.dates import Day
from schemas.document import Document
from schemas.identifiers import Identifier
from schemas.places import RegionReference
from schemas.records import Body
from schemas.resident import exact_nik
from schemas.resources import Owner, Query, Resource
from schemas.texts import Coded, Text

_KEY: Any = Field(min_length=1, max_length=80)


class ApplicationStatus(StrEnum):
    """The eleven states of an application. Final: collected, rejected, withdrawn, revoked."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_COMPLETION = "needs-completion"
    UNDER_REVIEW = "under-review"
    AWAITING_SIGNATURE = "awaiting-signature"
    APPROVED = "approved"
    READY = "ready"
    COLLECTED = "collected"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class Applicant(Classed):
    """The applicant, as recorded in the system."""

    name: Annotated[str | None, personal("Nama", "Name")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the applicant")] = ()
    birth_date: Annotated[str | None, personal("Tanggal lahir", "Date of birth, as many parts as are known")] = None


class StatusChange(Classed):
    """One step of an application's history."""

    status: Annotated[ApplicationStatus, general("Status", "Status reached")]
    at: Annotated[datetime | None, general("Pada", "When")] = None
    role: Annotated[str | None, general("Oleh", "Role of the person who took it", examples=["lurah"])] = None
    note: Annotated[str | None, personal("Catatan", "Note of the office")] = None


class Application(Body):
    """An application and its outcome."""

    service: Annotated[Coded, general("Layanan", "The service applied for")]
    status: Annotated[ApplicationStatus, general("Status", "Status")]
    status_text: Annotated[Text | None, general("Status untuk warga", "Status in words for residents")] = None
    original_status: Annotated[str | None, general("Status asli", "The system's own word for an unknown status")] = None
    submitted_at: Annotated[datetime | None, general("Diajukan pada", "When it was submitted")] = None
    purpose: Annotated[str | None, personal("Keperluan", "Purpose of the letter")] = None
    applicant: Annotated[Applicant, personal("Pemohon", "Applicant")]
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan that handles it")] = None
    number: Annotated[str | None, general("Nomor surat", "Number of the letter")] = None
    reason: Annotated[str | None, personal("Alasan", "Reason given by the office")] = None
    history: Annotated[tuple[StatusChange, ...], general("Riwayat", "History, oldest first")] = ()
    documents: Annotated[tuple[Document, ...], general("Dokumen", "Documents, in the order of their numbers")] = ()


class ApplicationQuery(Query):
    """Filters of applications: kelurahan (dotted code), status, service code, submitted from/until (inclusive)."""

    region: str | None = None
    status: ApplicationStatus | None = None
    service: str | None = None
    submitted_from: Day | None = None
    submitted_until: Day | None = None


def _day(application: Application) -> date | None:
    return application.submitted_at.date() if application.submitted_at else None


def _matches(application: Application, query: ApplicationQuery) -> bool:
    day = _day(application)
    return all(
        (
            query.region is None or (application.region is not None and application.region.code == query.region),
            query.status in (None, application.status),
            query.service in (None, application.service.code),
            query.submitted_from is None or (day is not None and day >= query.submitted_from),
            query.submitted_until is None or (day is not None and day <= query.submitted_until),
        )
    )


def _owner(application: Application) -> Owner:
    region = application.region.code if application.region else None
    return Owner(nik=exact_nik(application.applicant.identifiers), region=region)


APPLICATION: Resource[Application, ApplicationQuery] = Resource(
    name="application",
    prefix="apl",
    title=Text(id="Permohonan", en="Application"),
    body=Application,
    query=ApplicationQuery,
    order=("-submitted_at", "id"),
    owner=_owner,
    matches=_matches,
    searched=lambda application: (
        application.service.display,
        application.number,
        application.purpose,
        application.status_text,
    ),
    scope="applications.read",
)


class SubmitApplication(Command):
    """The command to submit an application for the subject of the call."""

    service: Annotated[str, general("Layanan", "Code of the service applied for")]
    region: Annotated[str, general("Kelurahan", "Dotted code of the kelurahan that is to handle it")]
    purpose: Annotated[str, personal("Keperluan", "Purpose of the letter"), Field(min_length=3, max_length=500)]


class SupplementApplication(Command):
    """The command to submit information that the office found missing in an application of the subject."""

    application_key: Annotated[str, general("Permohonan", "Key of the application in its own system"), _KEY]
    note: Annotated[str, personal("Keterangan", "The missing information"), Field(min_length=3, max_length=500)]


class WithdrawApplication(Command):
    """The command to withdraw an application of the subject that has not been decided yet."""

    application_key: Annotated[str, general("Permohonan", "Key of the application in its own system"), _KEY]
    reason: Annotated[str, personal("Alasan", "Why it is withdrawn"), Field(min_length=3, max_length=200)]
