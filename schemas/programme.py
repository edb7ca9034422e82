"""Programmes for new entrepreneurs, and the enrolments in them."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general, personal, specific
from schemas.command import Command
from schemas.dates import Day, UncertainDate
from schemas.filters import Words, between, mentions
from schemas.identifiers import Identifier
from schemas.money import Money
from schemas.places import RegionReference
from schemas.records import Body
from schemas.resident import exact_nik
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class Programme(Body):
    """A yearly programme of one agency."""

    name: Annotated[Text, general("Nama program", "Name")]
    year: Annotated[int, general("Angkatan", "Cohort, the year", examples=[2026])]
    agency: Annotated[str, general("SKPD pembina", "The agency that runs it", examples=["dinas-koperasi"])]
    quota: Annotated[int | None, general("Kuota", "Places")] = None
    enrolled: Annotated[int | None, general("Jumlah peserta", "Places taken")] = None
    grant: Annotated[Money | None, general("Bantuan per orang", "Aid for each participant")] = None
    registration_until: Annotated[date | None, general("Batas pendaftaran", "Last day to register")] = None
    description: Annotated[Text | None, general("Uraian", "Description")] = None


class ProgrammeQuery(Query):
    """Filters of programmes: cohort, agency, last day to register from/until, text."""

    year: int | None = None
    agency: str | None = None
    closes_from: Day | None = None
    closes_until: Day | None = None
    text: Words | None = None


def _programme_matches(programme: Programme, query: ProgrammeQuery) -> bool:
    return (
        query.year in (None, programme.year)
        and query.agency in (None, programme.agency)
        and between(programme.registration_until, query.closes_from, query.closes_until)
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
    searched=lambda programme: (programme.name, programme.description, str(programme.year), programme.agency),
)


class EnrolmentStatus(StrEnum):
    """The state of the participant's enterprise on the day `status_on`."""

    STARTED = "started"
    ACTIVE = "active"
    STOPPED = "stopped"
    MOVED = "moved"
    UNTRACED = "untraced"


class Participant(Classed):
    """The participant, as named in the agency's list."""

    name: Annotated[str | None, personal("Nama", "Name")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the participant")] = ()
    phone: Annotated[str | None, personal("Telepon", "Telephone, E.164")] = None


class Enrolment(Body):
    """The participation of one person in one programme."""

    programme_name: Annotated[str | None, general("Nama program", "Name of the programme")] = None
    year: Annotated[int, general("Angkatan", "Cohort, the year")]
    agency: Annotated[str, general("SKPD pembina", "The agency that runs it")]
    group: Annotated[str | None, personal("Kelompok", "Group")] = None
    participant: Annotated[Participant, personal("Peserta", "Participant")]
    business_name: Annotated[str | None, personal("Nama usaha", "Name of the enterprise")] = None
    activity: Annotated[str | None, personal("Jenis usaha", "Line of business, in the agency's words")] = None
    grant: Annotated[Money | None, specific("Bantuan", "Aid received")] = None
    enrolled_on: Annotated[UncertainDate | None, personal("Tanggal daftar", "Day of enrolment")] = None
    status: Annotated[EnrolmentStatus | None, personal("Status usaha", "State of the enterprise")] = None
    status_on: Annotated[UncertainDate | None, personal("Status per tanggal", "Day of that state")] = None
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan")] = None


class EnrolmentQuery(Query):
    """Filters of enrolments: cohort, agency, status."""

    year: int | None = None
    agency: str | None = None
    status: EnrolmentStatus | None = None


def _owner(enrolment: Enrolment) -> Owner:
    region = enrolment.region.code if enrolment.region else None
    return Owner(nik=exact_nik(enrolment.participant.identifiers), region=region)


ENROLMENT: Resource[Enrolment, EnrolmentQuery] = Resource(
    name="enrolment",
    prefix="enr",
    title=Text(id="Kepesertaan", en="Enrolment"),
    body=Enrolment,
    query=EnrolmentQuery,
    order=("-year", "id"),
    owner=_owner,
    matches=lambda enrolment, query: (
        query.year in (None, enrolment.year)
        and query.agency in (None, enrolment.agency)
        and query.status in (None, enrolment.status)
    ),
    scope="programmes.read",
    searched=lambda enrolment: (enrolment.programme_name, enrolment.business_name, enrolment.activity),
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
