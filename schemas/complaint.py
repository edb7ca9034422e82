"""Complaints (Open311 service requests, with the statuses of the city's process), and the command that submits one."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general, personal
from schemas.command import Command
from schemas.dates import Day
from schemas.filters import BoundingBox, Words, between, inside, mentions
from schemas.identifiers import Identifier
from schemas.places import Point, RegionReference
from schemas.records import Body
from schemas.resident import exact_nik
from schemas.resources import Owner, Query, Resource
from schemas.texts import Coded, Text


class ComplaintStatus(StrEnum):
    """The progress of a complaint. The first five are "open" in Open311."""

    RECEIVED = "received"
    VERIFIED = "verified"
    FORWARDED = "forwarded"
    IN_PROGRESS = "in-progress"
    ANSWERED = "answered"
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"


class AgencyReply(Classed):
    """A reply of an agency."""

    text: Annotated[str, general("Tanggapan", "Answer")]
    at: Annotated[datetime | None, general("Pada", "When")] = None
    agency: Annotated[str | None, general("Dinas", "Who answered")] = None


class Reporter(Classed):
    """The person who made the complaint; shown only to themselves if they chose to stay anonymous to the agency."""

    name: Annotated[str | None, personal("Nama", "Name")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the reporter")] = ()


class Complaint(Body):
    """A complaint. It may be hidden from the public (`confidential`), or its reporter from the agency (`anonymous`)."""

    number: Annotated[str, general("Nomor aduan", "Tracking number")]
    title: Annotated[str | None, general("Judul", "Title")] = None
    text: Annotated[str, general("Isi", "Text of the complaint")]
    category: Annotated[Coded | None, general("Kategori", "Category")] = None
    status: Annotated[ComplaintStatus, general("Status", "Status")]
    original_status: Annotated[str | None, general("Status asli", "The system's own word for an unknown status")] = None
    created_at: Annotated[datetime | None, general("Dibuat pada", "When it was made")] = None
    updated_at: Annotated[datetime | None, general("Diperbarui pada", "When it last changed")] = None
    expected_at: Annotated[datetime | None, general("Perkiraan selesai", "When an answer is due")] = None
    agency: Annotated[str | None, general("Dinas", "Agency responsible")] = None
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan")] = None
    place: Annotated[str | None, general("Lokasi", "Location in words")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None
    answers: Annotated[tuple[AgencyReply, ...], general("Tanggapan", "Answers, oldest first")] = ()
    confidential: Annotated[bool, general("Rahasia", "Not shown to the public")] = False
    anonymous: Annotated[bool, general("Anonim", "The reporter is not disclosed to the agency")] = False
    reporter: Annotated[Reporter | None, personal("Pelapor", "Reporter")] = None


class ComplaintQuery(Query):
    """Filters of complaints: status, kelurahan, category, made from/until (days), bounding box, text."""

    status: ComplaintStatus | None = None
    region: str | None = None
    category: str | None = None
    created_from: Day | None = None
    created_until: Day | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def _matches(complaint: Complaint, query: ComplaintQuery) -> bool:
    region = complaint.region.code if complaint.region else None
    category = complaint.category.code if complaint.category else None
    day = complaint.created_at.date() if complaint.created_at else None
    return all(
        (
            query.status in (None, complaint.status),
            query.region in (None, region),
            query.category in (None, category),
            between(day, query.created_from, query.created_until),
            inside(complaint.position, query.bbox),
            query.text is None or mentions(query.text, complaint.title, complaint.text, complaint.place),
        )
    )


def _owner(complaint: Complaint) -> Owner:
    """Return the owner.

    A complaint of a reporter who is anonymous to the agencies belongs to no kelurahan's officers.
    """
    if complaint.anonymous:
        return Owner(nik=exact_nik(complaint.reporter.identifiers) if complaint.reporter else None)
    region = complaint.region.code if complaint.region else None
    return Owner(nik=exact_nik(complaint.reporter.identifiers) if complaint.reporter else None, region=region)


COMPLAINT: Resource[Complaint, ComplaintQuery] = Resource(
    name="complaint",
    prefix="cmp",
    title=Text(id="Aduan", en="Complaint"),
    body=Complaint,
    query=ComplaintQuery,
    order=("-created_at", "id"),
    owner=_owner,
    anyone_may_see=lambda complaint: not complaint.confidential,
    matches=_matches,
    searched=lambda complaint: (
        complaint.title,
        complaint.number,
        complaint.text,
        complaint.place,
        complaint.region.name if complaint.region else None,
        complaint.category.display if complaint.category else None,
    ),
    scope="complaints.read",
)


class SubmitComplaint(Command):
    """The command to submit a complaint for the subject of the call."""

    text: Annotated[str, personal("Isi laporan", "Text of the complaint"), Field(min_length=10, max_length=2000)]
    title: Annotated[str | None, personal("Judul", "Title"), Field(max_length=150)] = None
    category: Annotated[str, general("Topik", "Code of the category"), Field(max_length=40)]
    region: Annotated[str | None, general("Kelurahan", "Dotted code of the kelurahan"), Field(max_length=13)] = None
    place: Annotated[str | None, personal("Tempat", "Location in words"), Field(max_length=200)] = None
    position: Annotated[Point | None, personal("Letak", "Position")] = None
    confidential: Annotated[bool, general("Rahasia", "Not to be shown to the public")] = False
    anonymous: Annotated[bool, general("Anonim", "The reporter must not be disclosed to the agency")] = False
