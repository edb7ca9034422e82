"""Programmes for new entrepreneurs, and the enrolments in them."""

from datetime import date
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general, personal, specific
from schemas.codes import PHASE_OF_STATUS, TEXT_OF_STATUS, PersonalStatusPhase, PersonalStatusText
from schemas.command import Command
from schemas.dates import Moment, PartialDate
from schemas.enterprise import EnterpriseStatus
from schemas.entitlement import ENTITLEMENT, Entitlement, EntitlementQuery, matches_entitlement, owner_of_entitlement
from schemas.filters import Words, between, mentions
from schemas.identifiers import Person
from schemas.money import Money
from schemas.records import Body
from schemas.references import AgencyReference, Reference, RefersTo
from schemas.resources import Query, Resource
from schemas.texts import Text


class Programme(Body):
    """A yearly programme of one agency."""

    name: Annotated[Text, general("Nama program", "Name")]
    year: Annotated[int, general("Angkatan", "Cohort, the year", examples=[2026])]
    agency: Annotated[AgencyReference, general("SKPD pembina", "The agency that runs it")]
    quota: Annotated[int | None, general("Kuota", "Places")] = None
    enrolled: Annotated[int | None, general("Jumlah peserta", "Places taken")] = None
    grant: Annotated[Money | None, general("Bantuan per orang", "Aid for each participant")] = None
    closes_on: Annotated[date | None, general("Batas pendaftaran", "Last day to register")] = None
    description: Annotated[Text | None, general("Uraian", "Description")] = None


class ProgrammeQuery(Query):
    """Filters of programmes: cohort, agency, last day to register from/until, text."""

    year: int | None = None
    agency: str | None = None
    closes_from: Moment | None = None
    closes_until: Moment | None = None
    text: Words | None = None


def _programme_matches(programme: Programme, query: ProgrammeQuery) -> bool:
    return (
        query.year in (None, programme.year)
        and query.agency in (None, programme.agency.id)
        and between(programme.closes_on, query.closes_from, query.closes_until)
        and mentions(query.text, programme.name, programme.description)
    )


PROGRAMME: Resource[Programme, ProgrammeQuery] = Resource(
    name="programme",
    prefix="prg",
    title=Text(id="Program", en="Programme"),
    body=Programme,
    query=ProgrammeQuery,
    order=("-year", "name.id", "id"),
    owner=None,
    matches=_programme_matches,
    searched=lambda programme: (
        programme.name,
        programme.description,
        str(programme.year),
        programme.agency.name,
    ),
)


class ParticipantEnterprise(Classed):
    """The business of a participant, as the agency last saw it."""

    name: Annotated[str | None, personal("Nama usaha", "Name of the enterprise")] = None
    activity: Annotated[str | None, personal("Jenis usaha", "Line of business, in the agency's words")] = None
    status: Annotated[EnterpriseStatus | None, personal("Status usaha", "State of the enterprise")] = None
    status_text: PersonalStatusText = TEXT_OF_STATUS
    phase: PersonalStatusPhase = PHASE_OF_STATUS
    seen_on: Annotated[PartialDate | None, personal("Status per tanggal", "Day of that state")] = None


class Enrolment(Entitlement):
    """The participation of one person in one programme."""

    programme: Annotated[Reference | None, general("Program", "Programme"), RefersTo("programme", "prg")] = None
    year: Annotated[int, general("Angkatan", "Cohort, the year")]
    agency: Annotated[AgencyReference, general("SKPD pembina", "The agency that runs it")]
    group: Annotated[str | None, personal("Kelompok", "Group")] = None
    holder: Annotated[Person, personal("Peserta", "Participant")]
    enterprise: Annotated[ParticipantEnterprise | None, personal("Usaha", "The participant's enterprise")] = None
    grant: Annotated[Money | None, specific("Bantuan", "Aid received")] = None


class EnrolmentQuery(EntitlementQuery):
    """Filters of enrolments: the programme's id, cohort, agency, status."""

    programme: str | None = None
    year: int | None = None


def _enrolment_searched(enrolment: Enrolment) -> tuple[str | None, ...]:
    enterprise = enrolment.enterprise or ParticipantEnterprise()
    programme = enrolment.programme.name if enrolment.programme else None
    return (programme, enterprise.name, enterprise.activity)


ENROLMENT: Resource[Enrolment, EnrolmentQuery] = Resource(
    name="enrolment",
    prefix="enr",
    title=Text(id="Kepesertaan", en="Enrolment"),
    body=Enrolment,
    query=EnrolmentQuery,
    order=("-year", "id"),
    owner=owner_of_entitlement,
    matches=lambda enrolment, query: (
        matches_entitlement(enrolment, query)
        and query.year in (None, enrolment.year)
        and query.programme in (None, enrolment.programme.id if enrolment.programme else None)
    ),
    scope="programmes.read",
    generic=ENTITLEMENT,
    searched=_enrolment_searched,
)


class Enrol(Command):
    """The command to enrol the subject of the call in a programme of one agency and year."""

    agency: Annotated[str, general("SKPD pembina", "The agency that runs it"), Field(max_length=40)]
    year: Annotated[int, general("Angkatan", "Cohort, the year"), Field(ge=2000, le=2100)]
    region: Annotated[str, general("Kelurahan", "Dotted code of the kelurahan"), Field(max_length=13)]
    name: Annotated[str, personal("Nama", "Name, as on the identity card"), Field(min_length=2, max_length=120)]
    phone: Annotated[str | None, personal("Telepon", "Telephone, E.164"), Field(max_length=20)] = None
    business_name: Annotated[str | None, personal("Nama usaha", "Name of the enterprise"), Field(max_length=120)] = None
    activity: Annotated[
        str, personal("Jenis usaha", "Present or planned line of business"), Field(min_length=3, max_length=200)
    ]
