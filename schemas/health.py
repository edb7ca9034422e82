"""Health facilities, their queues, and appointments (FHIR Location and Appointment).

Queues are public and carry no person. Appointments are health data: specific, asked live, never held.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, general, personal, specific
from schemas.command import Command
from schemas.dates import Day
from schemas.filters import BoundingBox, Words, between, inside, mentions
from schemas.identifiers import Identifier
from schemas.places import Point, PublicAddress
from schemas.records import Body
from schemas.resident import exact_nik
from schemas.resources import Owner, Query, Resource
from schemas.texts import Coded, Text


class FacilityKind(StrEnum):
    """What kind of facility it is."""

    PUSKESMAS = "puskesmas"
    PUSTU = "pustu"
    CLINIC = "clinic"
    HOSPITAL = "hospital"


class OpeningHours(Classed):
    """When a facility is open on one day of the week (1 Monday to 7 Sunday), local times."""

    weekday: Annotated[int, general("Hari", "Day of the week, 1 is Monday")]
    opens: Annotated[str, general("Buka", "Opens", examples=["08:00"])]
    closes: Annotated[str, general("Tutup", "Closes", examples=["14:00"])]


class Facility(Body):
    """A health facility."""

    name: Annotated[str, general("Nama", "Name", examples=["Puskesmas Pekauman"])]
    kind: Annotated[FacilityKind, general("Jenis", "Kind")] = FacilityKind.PUSKESMAS
    address: Annotated[PublicAddress | None, general("Alamat", "Address")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None
    phone: Annotated[str | None, general("Telepon", "Telephone, E.164")] = None
    clinics: Annotated[tuple[Coded, ...], general("Poli", "Clinics")] = ()
    hours: Annotated[tuple[OpeningHours, ...], general("Jadwal", "Opening hours")] = ()


class FacilityQuery(Query):
    """Filters of facilities: kelurahan, kind, bounding box, text."""

    region: str | None = None
    kind: FacilityKind | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def _facility_searched(facility: Facility) -> tuple[str | Text | None, ...]:
    place = facility.address
    region = place.region.name if place and place.region else None
    clinics = (clinic.display for clinic in facility.clinics)
    return (facility.name, place.text if place else None, region, *clinics)


def _facility_matches(facility: Facility, query: FacilityQuery) -> bool:
    region = facility.address.region.code if facility.address and facility.address.region else None
    return (
        query.region in (None, region)
        and query.kind in (None, facility.kind)
        and inside(facility.position, query.bbox)
        and (query.text is None or mentions(query.text, *_facility_searched(facility)))
    )


FACILITY: Resource[Facility, FacilityQuery] = Resource(
    name="facility",
    prefix="fac",
    title=Text(id="Fasilitas kesehatan", en="Health facility"),
    body=Facility,
    query=FacilityQuery,
    order=("name", "id"),
    owner=None,
    matches=_facility_matches,
    searched=_facility_searched,
)


class Queue(Body):
    """The state of one clinic's queue today; nobody is named."""

    facility_key: Annotated[str, general("Faskes", "The facility's key in its own system", examples=["pekauman"])]
    clinic: Annotated[Coded, general("Poli", "Clinic")]
    on: Annotated[date, general("Tanggal", "Day")]
    called: Annotated[str | None, general("Nomor dipanggil", "Number being served", examples=["A-012"])] = None
    total: Annotated[int | None, general("Jumlah antrean", "Numbers given out")] = None
    waiting: Annotated[int | None, general("Sisa antrean", "Still waiting")] = None
    note: Annotated[str | None, general("Keterangan", "Note")] = None


class QueueQuery(Query):
    """Filters of queues: the facility's key."""

    facility_key: str | None = None


QUEUE: Resource[Queue, QueueQuery] = Resource(
    name="queue",
    prefix="que",
    title=Text(id="Antrean", en="Queue"),
    body=Queue,
    query=QueueQuery,
    order=("clinic.code", "id"),
    owner=None,
    matches=lambda queue, query: query.facility_key in (None, queue.facility_key),
)


class AppointmentStatus(StrEnum):
    """FHIR Appointment status, as far as the city's queues know it."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CALLED = "called"
    IN_PROGRESS = "in-progress"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"
    UNKNOWN = "unknown"


class Patient(Classed):
    """Who the appointment is for."""

    name: Annotated[str | None, personal("Nama", "Name")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the patient")] = ()


class Appointment(Body):
    """A place in a clinic's queue."""

    facility_name: Annotated[str | None, specific("Faskes", "Facility")] = None
    clinic: Annotated[Coded | None, specific("Poli", "Clinic")] = None
    on: Annotated[date | None, specific("Tanggal", "Day")] = None
    starts_at: Annotated[datetime | None, specific("Mulai", "Expected start")] = None
    number: Annotated[str | None, specific("Nomor antrean", "Queue number", examples=["A-007"])] = None
    status: Annotated[AppointmentStatus | None, specific("Status", "Status")] = None
    payer: Annotated[Coded | None, specific("Penjamin", "Who pays")] = None
    patient: Annotated[Patient, personal("Pasien", "Patient")]


class AppointmentQuery(Query):
    """Filters of appointments: days from and until (inclusive), status."""

    on_from: Day | None = None
    on_until: Day | None = None
    status: AppointmentStatus | None = None


def _appointment_matches(appointment: Appointment, query: AppointmentQuery) -> bool:
    return all(
        (
            query.on_from is None or (appointment.on is not None and appointment.on >= query.on_from),
            query.on_until is None or (appointment.on is not None and appointment.on <= query.on_until),
            query.status in (None, appointment.status),
        )
    )


APPOINTMENT: Resource[Appointment, AppointmentQuery] = Resource(
    name="appointment",
    prefix="apt",
    title=Text(id="Janji temu", en="Appointment"),
    body=Appointment,
    query=AppointmentQuery,
    order=("-on", "id"),
    owner=lambda appointment: Owner(nik=exact_nik(appointment.patient.identifiers)),
    matches=_appointment_matches,
    scope="health.read",
    may_be_held=False,
    for_officers=False,
    searched=lambda appointment: (
        appointment.facility_name,
        appointment.clinic.display if appointment.clinic else None,
        appointment.number,
    ),
)


class BookAppointment(Command):
    """The command to book a place in a clinic's queue for the subject of the call. Nothing is said of any complaint."""

    facility_key: Annotated[str, specific("Faskes", "Key of the facility in its own system"), Field(max_length=40)]
    clinic: Annotated[str, specific("Poli", "Code of the clinic", examples=["general"]), Field(max_length=60)]
    on: Annotated[date, specific("Tanggal", "Day")]


class CancelAppointment(Command):
    """The command to give back a place in a queue that the subject of the call has booked."""

    appointment_key: Annotated[str, specific("Janji temu", "Key of the appointment in its own system")]
    reason: Annotated[str | None, specific("Alasan", "Why it is cancelled"), Field(max_length=100)] = None


class VisitStatus(StrEnum):
    """How far a visit has come (FHIR Encounter)."""

    ARRIVED = "arrived"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Visit(Body):
    """A visit to a clinic. What was found and prescribed stays with the health centre: no field here can hold it."""

    facility_name: Annotated[str | None, specific("Faskes", "Facility")] = None
    clinic: Annotated[Coded | None, specific("Poli", "Clinic")] = None
    kind: Annotated[Coded | None, specific("Kelas", "Class of the visit, v3-ActCode")] = None
    starts_at: Annotated[datetime | None, specific("Mulai", "Start")] = None
    ends_at: Annotated[datetime | None, specific("Selesai", "End")] = None
    status: Annotated[VisitStatus | None, specific("Status", "Status")] = None
    payer: Annotated[Coded | None, specific("Penjamin", "Who pays")] = None
    patient: Annotated[Patient, personal("Pasien", "Patient")]


class VisitQuery(Query):
    """Filters of visits: days from and until (inclusive), status."""

    on_from: Day | None = None
    on_until: Day | None = None
    status: VisitStatus | None = None


VISIT: Resource[Visit, VisitQuery] = Resource(
    name="visit",
    prefix="vis",
    title=Text(id="Kunjungan", en="Visit"),
    body=Visit,
    query=VisitQuery,
    order=("-starts_at", "id"),
    owner=lambda visit: Owner(nik=exact_nik(visit.patient.identifiers)),
    matches=lambda visit, query: (
        between(visit.starts_at.date() if visit.starts_at else None, query.on_from, query.on_until)
        and query.status in (None, visit.status)
    ),
    scope="health.read",
    may_be_held=False,
    for_officers=False,
)
