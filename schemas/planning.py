"""Plans (programme, activity, sub-activity with its ceiling), and residents' proposals for them."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from schemas.case import CASE, Case, CaseQuery, matches_case, owner_of_case
from schemas.classes import general, personal
from schemas.codes import Code, Coded
from schemas.command import Command
from schemas.event import Event
from schemas.filters import BoundingBox, Words, inside, mentions
from schemas.identifiers import Person
from schemas.money import Money
from schemas.places import Point, position_of, region_name
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Query, Resource
from schemas.texts import Text


class PlanScheme(Code):
    """The nomenclature of a plan's codes; the same digits have another meaning in another nomenclature."""

    PERMENDAGRI_90_2019 = "permendagri-90-2019", "Permendagri 90/2019", "Regulation 90/2019"
    PERMENDAGRI_13_2006 = "permendagri-13-2006", "Permendagri 13/2006", "Regulation 13/2006"


class PlanLevel(Code):
    """The level of a line in the plan."""

    PROGRAMME = "programme", "Program", "Programme"
    ACTIVITY = "activity", "Kegiatan", "Activity"
    SUB_ACTIVITY = "sub-activity", "Subkegiatan", "Sub-activity"


class Plan(Body):
    """One line of the yearly plan (RKPD)."""

    year: Annotated[int, general("Tahun", "Year")]
    code: Annotated[Coded, general("Kode", "Code, without a trailing dot, in the nomenclature of its list")]
    parent: Annotated[Coded | None, general("Induk", "Code of the line above")] = None
    level: Annotated[PlanLevel, general("Tingkat", "Level")]
    name: Annotated[str, general("Nama", "Name")]
    agency: Annotated[AgencyReference | None, general("Dinas", "Agency that carries it out")] = None
    ceiling: Annotated[Money | None, general("Pagu", "Budget ceiling")] = None
    indicator: Annotated[str | None, general("Indikator", "Indicator")] = None


class PlanQuery(Query):
    """Filters of plans: year, level, beginning of the code, the agency's id, text in the name."""

    year: int | None = None
    level: PlanLevel | None = None
    code: str | None = None
    agency: str | None = None
    text: Words | None = None


PLAN: Resource[Plan, PlanQuery] = Resource(
    name="plan",
    prefix="pln",
    title=Text(id="Rencana", en="Plan"),
    body=Plan,
    query=PlanQuery,
    order=("-year", "code.code", "id"),
    owner=None,
    matches=lambda plan, query: (
        query.year in (None, plan.year)
        and query.level in (None, plan.level)
        and (query.code is None or plan.code.code.startswith(query.code))
        and (query.agency is None or (plan.agency is not None and plan.agency.id == query.agency))
        and mentions(query.text, plan.name)
    ),
    searched=lambda plan: (plan.name, plan.code.code, plan.indicator, plan.agency.name if plan.agency else None),
)


class ProposalStage(Code):
    """The level at which a proposal is, or was decided."""

    KELURAHAN = "kelurahan", "Kelurahan", "Kelurahan"
    KECAMATAN = "kecamatan", "Kecamatan", "Kecamatan"
    PARTNER = "partner", "Mitra Bapperida", "Partner of the planning agency"
    AGENCY = "agency", "Perangkat daerah", "Agency"
    BUDGET_TEAM = "budget-team", "Tim anggaran", "Budget team"


class Proposal(Case):
    """A proposal of residents for the plan."""

    year: Annotated[int, general("Tahun", "Year of the plan")]
    title: Annotated[str | None, general("Usulan", "The proposal in one line")] = None
    text: Annotated[str, general("Masalah", "The problem")]
    stage: Annotated[ProposalStage | None, general("Tahap", "Level at which it is; null if it is not known")] = None
    amount: Annotated[Money | None, general("Anggaran", "Amount requested")] = None
    quantity: Annotated[str | None, general("Volume", "Quantity, in the system's words")] = None
    reason: Annotated[str | None, general("Alasan", "Why it was rejected")] = None
    history: Annotated[tuple[Event, ...], general("Rekomendasi", "Recommendations of the levels, in their order")] = ()
    applicant: Annotated[Person | None, personal("Pengusul", "Who proposed it")] = None


class ProposalQuery(CaseQuery):
    """Filters of proposals: year, stage, region, status, submitted from/until, bounding box, text."""

    year: int | None = None
    stage: ProposalStage | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def _place(proposal: Proposal) -> str | None:
    return proposal.location.text if proposal.location else None


def _matches(proposal: Proposal, query: ProposalQuery) -> bool:
    return (
        matches_case(proposal, query)
        and query.year in (None, proposal.year)
        and query.stage in (None, proposal.stage)
        and inside(position_of(proposal.location), query.bbox)
        and (query.text is None or mentions(query.text, proposal.text, proposal.title, _place(proposal)))
    )


PROPOSAL: Resource[Proposal, ProposalQuery] = Resource(
    name="proposal",
    prefix="prp",
    title=Text(id="Usulan", en="Proposal"),
    body=Proposal,
    query=ProposalQuery,
    order=("-year", "-submitted_at", "id"),
    owner=owner_of_case,
    anyone_may_see=lambda _proposal: True,
    matches=_matches,
    searched=lambda proposal: (
        proposal.title,
        proposal.number,
        proposal.text,
        _place(proposal),
        region_name(proposal.location),
    ),
    scope="proposals.read",
    generic=CASE,
)


class SubmitProposal(Command):
    """The command to submit a proposal for the subject of the call."""

    year: Annotated[int, general("Tahun", "Year of the plan"), Field(ge=2000, le=2100)]
    text: Annotated[str, personal("Masalah", "The problem"), Field(min_length=10, max_length=1000)]
    title: Annotated[str, personal("Usulan", "The proposal in one line"), Field(min_length=3, max_length=200)]
    region: Annotated[str, general("Kelurahan", "Dotted code of the kelurahan"), Field(max_length=13)]
    place: Annotated[str | None, personal("Lokasi", "Location in words"), Field(max_length=200)] = None
    position: Annotated[Point | None, personal("Letak", "Position")] = None
    amount: Annotated[
        Decimal | None,
        general("Anggaran", "Amount requested, in rupiah"),
        Field(gt=0, max_digits=15, decimal_places=2),
    ] = None
    quantity: Annotated[str | None, general("Volume", "Quantity, in words"), Field(max_length=100)] = None
