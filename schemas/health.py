"""Appointments and visits (FHIR Appointment and Encounter) with their commands. Health data: read live, not stored."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.classes import Classed, personal, specific
from schemas.command import Command
from schemas.dates import Day
from schemas.filters import between
from schemas.identifiers import Identifier
from schemas.records import Body
from schemas.resident import exact_nik
from schemas.resources import Owner, Query, Resource
from schemas.texts import Coded, Text


class AppointmentStatus(StrEnum):
    """FHIR Appointment status, as far as the city's queues have it."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CALLED = "called"
    IN_PROGRESS = "in-progress"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"
    UNKNOWN = "unknown"


class Patient(Classed):
    """The patient of an appointment or a visit."""

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
    """The command to book a place in a clinic's queue for the subject of the call. It contains no complaint."""

    facility_key: Annotated[str, specific("Faskes", "Key of the facility in its own system"), Field(max_length=40)]
    clinic: Annotated[str, specific("Poli", "Code of the clinic", examples=["general"]), Field(max_length=60)]
    on: Annotated[Day, specific("Tanggal", "Day")]


class CancelAppointment(Command):
    """The command to cancel a booking of the subject of the call."""

    appointment_key: Annotated[str, specific("Janji temu", "Key of the appointment in its own system")]
    reason: Annotated[str | None, specific("Alasan", "Why it is cancelled"), Field(max_length=100)] = None


class VisitStatus(StrEnum):
    """The progress of a visit (FHIR Encounter)."""

    ARRIVED = "arrived"
    IN_PROGRESS = "in-progress"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Visit(Body):
    """A visit to a clinic. Findings and prescriptions stay with the health centre: no field here can contain them."""

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
