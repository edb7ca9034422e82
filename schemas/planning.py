"""Plans (programme, activity, sub-activity with its ceiling), and residents' proposals for them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general, personal
from schemas.command import Command
from schemas.dates import Day
from schemas.filters import BoundingBox, Words, between, inside, mentions
from schemas.identifiers import Identifier
from schemas.money import Money
from schemas.places import Point, RegionReference
from schemas.records import Body
from schemas.resident import exact_nik
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class PlanScheme(StrEnum):
    """The nomenclature of a plan's codes; the same digits have another meaning in another nomenclature."""

    PERMENDAGRI_90_2019 = "permendagri-90-2019"
    PERMENDAGRI_13_2006 = "permendagri-13-2006"
    OTHER = "other"


class PlanLevel(StrEnum):
    """The level of a line in the plan."""

    PROGRAMME = "programme"
    ACTIVITY = "activity"
    SUB_ACTIVITY = "sub-activity"


class Plan(Body):
    """One line of the yearly plan (RKPD)."""

    year: Annotated[int, general("Tahun", "Year")]
    scheme: Annotated[PlanScheme, general("Nomenklatur", "Nomenclature of the code")]
    code: Annotated[str, general("Kode", "Code, without a trailing dot")]
    level: Annotated[PlanLevel, general("Tingkat", "Level")]
    name: Annotated[str, general("Nama", "Name")]
    agency_code: Annotated[str | None, general("Kode SKPD", "The agency's code in the planning system")] = None
    parent_code: Annotated[str | None, general("Kode induk", "Code of the line above")] = None
    ceiling: Annotated[Money | None, general("Pagu", "Budget ceiling")] = None
    indicator: Annotated[str | None, general("Indikator", "Indicator")] = None


class PlanQuery(Query):
    """Filters of plans: year, level, beginning of the code, the agency's code, text in the name."""

    year: int | None = None
    level: PlanLevel | None = None
    code: str | None = None
    agency_code: str | None = None
    text: Words | None = None


PLAN: Resource[Plan, PlanQuery] = Resource(
    name="plan",
    prefix="pln",
    title=Text(id="Rencana", en="Plan"),
    body=Plan,
    query=PlanQuery,
    order=("-year", "code", "id"),
    owner=None,
    matches=lambda plan, query: (
        query.year in (None, plan.year)
        and query.level in (None, plan.level)
        and (query.code is None or plan.code.startswith(query.code))
        and query.agency_code in (None, plan.agency_code)
        and mentions(query.text, plan.name)
    ),
    searched=lambda plan: (plan.name, plan.code, plan.indicator),
)


class ProposalStatus(StrEnum):
    """The progress of a proposal."""

    KELURAHAN = "kelurahan"
    DISTRICT = "district"
    AGENCY = "agency"
    BUDGET_TEAM = "budget-team"
    ACCOMMODATED = "accommodated"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Recommendation(Classed):
    """The recommendation of one level on a proposal."""

    stage: Annotated[str, general("Tahap", "Level")]
    amount: Annotated[Money | None, general("Anggaran", "Amount recommended")] = None
    note: Annotated[str | None, general("Catatan", "Note")] = None


class Proposer(Classed):
    """The person who made the proposal."""

    name: Annotated[str | None, personal("Nama", "Name")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the proposer")] = ()


class Proposal(Body):
    """A proposal of residents for the plan."""

    year: Annotated[int, general("Tahun", "Year of the plan")]
    problem: Annotated[str, general("Masalah", "The problem")]
    title: Annotated[str | None, general("Usulan", "The proposal in one line")] = None
    place: Annotated[str | None, general("Lokasi", "Location in words")] = None
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None
    amount: Annotated[Money | None, general("Anggaran", "Amount requested")] = None
    volume: Annotated[str | None, general("Volume", "Quantity, in the system's words")] = None
    status: Annotated[ProposalStatus, general("Status", "Status")]
    original_status: Annotated[str | None, general("Status asli", "The system's own word for an unknown status")] = None
    reason: Annotated[str | None, general("Alasan", "Why it was rejected")] = None
    recommendations: Annotated[tuple[Recommendation, ...], general("Rekomendasi", "Recommendations")] = ()
    submitted_at: Annotated[datetime | None, general("Diajukan pada", "When it was submitted")] = None
    proposer: Annotated[Proposer | None, personal("Pengusul", "Who proposed it")] = None


class ProposalQuery(Query):
    """Filters of proposals: year, kelurahan, status, submitted from/until (days), bounding box, text."""

    year: int | None = None
    region: str | None = None
    status: ProposalStatus | None = None
    submitted_from: Day | None = None
    submitted_until: Day | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def _proposal_matches(proposal: Proposal, query: ProposalQuery) -> bool:
    region = proposal.region.code if proposal.region else None
    day = proposal.submitted_at.date() if proposal.submitted_at else None
    return all(
        (
            query.year in (None, proposal.year),
            query.region in (None, region),
            query.status in (None, proposal.status),
            between(day, query.submitted_from, query.submitted_until),
            inside(proposal.position, query.bbox),
            query.text is None or mentions(query.text, proposal.problem, proposal.title, proposal.place),
        )
    )


def _proposal_owner(proposal: Proposal) -> Owner:
    region = proposal.region.code if proposal.region else None
    return Owner(nik=exact_nik(proposal.proposer.identifiers) if proposal.proposer else None, region=region)


PROPOSAL: Resource[Proposal, ProposalQuery] = Resource(
    name="proposal",
    prefix="prp",
    title=Text(id="Usulan", en="Proposal"),
    body=Proposal,
    query=ProposalQuery,
    order=("-year", "-submitted_at", "id"),
    owner=_proposal_owner,
    anyone_may_see=lambda _proposal: True,
    matches=_proposal_matches,
    searched=lambda proposal: (
        proposal.title,
        proposal.problem,
        proposal.place,
        proposal.region.name if proposal.region else None,
    ),
    scope="proposals.read",
)


class SubmitProposal(Command):
    """The command to submit a proposal for the subject of the call."""

    year: Annotated[int, general("Tahun", "Year of the plan"), Field(ge=2000, le=2100)]
    problem: Annotated[str, personal("Masalah", "The problem"), Field(min_length=10, max_length=1000)]
    title: Annotated[str, personal("Usulan", "The proposal in one line"), Field(min_length=3, max_length=200)]
    region: Annotated[str, general("Kelurahan", "Dotted code of the kelurahan"), Field(max_length=13)]
    place: Annotated[str | None, personal("Tempat", "Location in words"), Field(max_length=200)] = None
    position: Annotated[Point | None, personal("Letak", "Position")] = None
    amount: Annotated[
        Decimal | None,
        general("Anggaran", "Amount requested, in rupiah"),
        Field(gt=0, max_digits=15, decimal_places=2),
    ] = None
    volume: Annotated[str | None, general("Volume", "Quantity, in words"), Field(max_length=100)] = None
