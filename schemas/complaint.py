"""Complaints (Open311 service requests), and the command that submits one."""

from typing import Annotated

from pydantic import Field

from schemas.case import CASE, Case, CaseQuery, matches_case, owner_of_case
from schemas.classes import general, personal
from schemas.codes import Coded
from schemas.command import Command
from schemas.event import Event
from schemas.filters import BoundingBox, Words, inside, mentions
from schemas.identifiers import Person
from schemas.places import Point, position_of, region_name
from schemas.resources import Owner, Resource
from schemas.texts import Text


class Complaint(Case):
    """A complaint. It may be hidden from the public (`confidential`), or its reporter from the agency (`anonymous`)."""

    kind: Annotated[Coded | None, general("Kategori", "Category")] = None
    title: Annotated[str | None, general("Judul", "Title")] = None
    text: Annotated[str, general("Isi", "Text of the complaint")]
    history: Annotated[tuple[Event, ...], general("Tanggapan", "Replies of the agencies, oldest first")] = ()
    confidential: Annotated[bool, general("Rahasia", "Not shown to the public")] = False
    anonymous: Annotated[bool, general("Anonim", "The reporter is not disclosed to the agency")] = False
    applicant: Annotated[Person | None, personal("Pelapor", "Reporter")] = None


class ComplaintQuery(CaseQuery):
    """Filters of complaints: region, category (`kind`), status, submitted from/until, bounding box, text."""

    bbox: BoundingBox | None = None
    text: Words | None = None


def _matches(complaint: Complaint, query: ComplaintQuery) -> bool:
    return (
        matches_case(complaint, query)
        and inside(position_of(complaint.location), query.bbox)
        and (query.text is None or mentions(query.text, complaint.title, complaint.text, _place(complaint)))
    )


def _place(complaint: Complaint) -> str | None:
    return complaint.location.text if complaint.location else None


def _owner(complaint: Complaint) -> Owner:
    """Return the owner.

    A complaint of a reporter who is anonymous to the agencies belongs to no region's officers.
    """
    owner = owner_of_case(complaint)
    return Owner(nik=owner.nik) if complaint.anonymous else owner


COMPLAINT: Resource[Complaint, ComplaintQuery] = Resource(
    name="complaint",
    prefix="cmp",
    title=Text(id="Aduan", en="Complaint"),
    body=Complaint,
    query=ComplaintQuery,
    order=("-submitted_at", "id"),
    owner=_owner,
    anyone_may_see=lambda complaint: not complaint.confidential,
    matches=_matches,
    searched=lambda complaint: (
        complaint.title,
        complaint.number,
        complaint.text,
        _place(complaint),
        region_name(complaint.location),
        complaint.kind.text if complaint.kind else None,
    ),
    scope="complaints.read",
    generic=CASE,
)


class SubmitComplaint(Command):
    """The command to submit a complaint for the subject of the call."""

    text: Annotated[str, personal("Isi laporan", "Text of the complaint"), Field(min_length=10, max_length=2000)]
    title: Annotated[str | None, personal("Judul", "Title"), Field(max_length=150)] = None
    kind: Annotated[str, general("Kategori", "Code of the category"), Field(max_length=40)]
    region: Annotated[str | None, general("Kelurahan", "Dotted code of the kelurahan"), Field(max_length=13)] = None
    place: Annotated[str | None, personal("Lokasi", "Location in words"), Field(max_length=200)] = None
    position: Annotated[Point | None, personal("Letak", "Position")] = None
    confidential: Annotated[bool, general("Rahasia", "Not to be shown to the public")] = False
    anonymous: Annotated[bool, general("Anonim", "The reporter must not be disclosed to the agency")] = False
