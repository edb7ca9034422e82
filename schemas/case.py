"""Cases: something that a person asks for or reports, and that an agency decides (Open311, FHIR Task).

Applications, complaints and proposals are profiles of a case: they have its fields and filters, and a few of their own.
Any other kind, such as a school admission or a building permit, is a `case` with a code of its own in `kind`.
"""

from datetime import datetime
from typing import Annotated

from schemas.classes import general, personal, specific
from schemas.codes import PHASE_OF_STATUS, TEXT_OF_STATUS, Coded, Phase, Status, StatusPhase, StatusText
from schemas.dates import Moment
from schemas.document import Document
from schemas.event import Event
from schemas.filters import between, in_region
from schemas.identifiers import Person
from schemas.places import Location, region_code
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class CaseStatus(Status):
    """The status of a case, in the usual order. Each system uses some of them."""

    DRAFT = "draft", Phase.WAITING_FOR_YOU, "Draf", "Draft"
    SUBMITTED = "submitted", Phase.OPEN, "Diajukan", "Submitted"
    NEEDS_COMPLETION = "needs-completion", Phase.WAITING_FOR_YOU, "Perlu dilengkapi", "Needs completion"
    VERIFIED = "verified", Phase.OPEN, "Diverifikasi", "Verified"
    FORWARDED = "forwarded", Phase.OPEN, "Diteruskan", "Forwarded"
    UNDER_REVIEW = "under-review", Phase.OPEN, "Sedang diperiksa", "Under review"
    IN_PROGRESS = "in-progress", Phase.OPEN, "Dikerjakan", "In progress"
    AWAITING_SIGNATURE = "awaiting-signature", Phase.OPEN, "Menunggu tanda tangan", "Awaiting signature"
    APPROVED = "approved", Phase.OPEN, "Disetujui", "Approved"
    ACCOMMODATED = "accommodated", Phase.DONE, "Diakomodasi", "Included in the plan"
    READY = "ready", Phase.WAITING_FOR_YOU, "Siap diambil", "Ready to be collected"
    ANSWERED = "answered", Phase.OPEN, "Dijawab", "Answered"
    COLLECTED = "collected", Phase.DONE, "Sudah diambil", "Collected"
    CLOSED = "closed", Phase.DONE, "Selesai", "Closed"
    REJECTED = "rejected", Phase.STOPPED, "Ditolak", "Rejected"
    WITHDRAWN = "withdrawn", Phase.STOPPED, "Dibatalkan pemohon", "Withdrawn by the applicant"
    CANCELLED = "cancelled", Phase.STOPPED, "Dibatalkan", "Cancelled"
    REVOKED = "revoked", Phase.STOPPED, "Dicabut", "Revoked"
    MERGED = "merged", Phase.STOPPED, "Digabung", "Merged with another case"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Case(Body):
    """Something asked for or reported, and its outcome."""

    kind: Annotated[Coded | None, general("Jenis", "Kind of case")] = None
    number: Annotated[str | None, general("Nomor", "Number under which the agency files it")] = None
    title: Annotated[str | None, personal("Judul", "Title")] = None
    text: Annotated[str | None, personal("Isi", "What the applicant asks for or reports")] = None
    status: Annotated[CaseStatus, general("Status", "Status")]
    status_text: StatusText = TEXT_OF_STATUS
    phase: StatusPhase = PHASE_OF_STATUS
    reason: Annotated[str | None, personal("Alasan", "Reason given by the agency")] = None
    submitted_at: Annotated[datetime | None, general("Diajukan pada", "When it was submitted")] = None
    updated_at: Annotated[datetime | None, general("Diperbarui pada", "When it last changed")] = None
    expected_at: Annotated[datetime | None, general("Perkiraan selesai", "When the outcome is due")] = None
    agency: Annotated[AgencyReference | None, general("Dinas", "Agency responsible")] = None
    location: Annotated[Location | None, general("Lokasi", "Where it is, or who handles it")] = None
    applicant: Annotated[Person | None, personal("Pemohon", "Person who asks or reports")] = None
    subject: Annotated[
        Person | None, specific("Untuk", "Person whom it is about, if not the applicant; it may be a child")
    ] = None
    outcome: Annotated[Coded | None, personal("Hasil", "What was decided, such as the school of an admission")] = None
    history: Annotated[tuple[Event, ...], personal("Riwayat", "History, oldest first")] = ()
    documents: Annotated[tuple[Document, ...], general("Dokumen", "Documents")] = ()


class CaseQuery(Query):
    """Filters of cases: region, kind (a code), status, submitted from/until."""

    region: str | None = None
    kind: str | None = None
    status: CaseStatus | None = None
    submitted_from: Moment | None = None
    submitted_until: Moment | None = None


def matches_case(case: Case, query: CaseQuery) -> bool:
    """Return whether a case meets the filters that all cases have."""
    return (
        in_region(region_code(case.location), query.region)
        and (query.kind is None or (case.kind is not None and case.kind.code == query.kind))
        and query.status in (None, case.status)
        and between(case.submitted_at, query.submitted_from, query.submitted_until)
    )


def owner_of_case(case: Case) -> Owner:
    """Return the applicant, and the region that handles the case."""
    return Owner(nik=case.applicant.nik if case.applicant else None, region=region_code(case.location))


def case_texts(case: Case) -> tuple[str | Text | None, ...]:
    """Return the texts of a case that the search indexes, its headline first."""
    place = case.location.text if case.location else None
    return (case.title, case.number, case.text, case.kind.text if case.kind else None, place, case.status_text)


CASE: Resource[Case, CaseQuery] = Resource(
    name="case",
    prefix="cas",
    title=Text(id="Perkara", en="Case"),
    body=Case,
    query=CaseQuery,
    order=("-submitted_at", "id"),
    owner=owner_of_case,
    matches=matches_case,
    scope="cases.read",
    for_officers=False,
    searched=case_texts,
)
