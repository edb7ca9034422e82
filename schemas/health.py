"""Appointments and visits (FHIR Appointment and Encounter) with their commands. Health data: read live, not stored."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from schemas.booking import BOOKING, Booking, BookingQuery, BookingStatus, matches_booking
from schemas.classes import personal, specific
from schemas.codes import (
    PHASE_OF_STATUS,
    TEXT_OF_STATUS,
    Coded,
    Phase,
    SpecificStatusPhase,
    SpecificStatusText,
    Status,
)
from schemas.command import Command
from schemas.dates import Day, Moment
from schemas.filters import between
from schemas.identifiers import Person
from schemas.places import Location
from schemas.records import Body
from schemas.references import Reference, RefersTo
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class Appointment(Booking):
    """A place in a clinic's queue."""

    kind: Annotated[Coded | None, specific("Jenis", "Kind of appointment")] = None
    title: Annotated[str | None, specific("Judul", "What is booked, in words")] = None
    location: Annotated[Location | None, specific("Lokasi", "Where it takes place")] = None
    facility: Annotated[Reference | None, specific("Faskes", "Facility"), RefersTo("facility", "fac")] = None
    clinic: Annotated[Coded | None, specific("Poli", "Clinic")] = None
    day: Annotated[date | None, specific("Tanggal", "Day")] = None
    starts_at: Annotated[datetime | None, specific("Mulai", "Expected start")] = None
    ends_at: Annotated[datetime | None, specific("Selesai", "Expected end")] = None
    number: Annotated[str | None, specific("Nomor antrean", "Queue number", examples=["A-007"])] = None
    status: Annotated[BookingStatus | None, specific("Status", "Status")] = None
    status_text: SpecificStatusText = TEXT_OF_STATUS
    phase: SpecificStatusPhase = PHASE_OF_STATUS
    coverage: Annotated[Coded | None, specific("Penjamin", "Insurance or other coverage that pays")] = None
    holder: Annotated[Person, personal("Pasien", "Patient")]


class AppointmentQuery(BookingQuery):
    """Filters of appointments: kind, day from and until (inclusive), status."""


APPOINTMENT: Resource[Appointment, AppointmentQuery] = Resource(
    name="appointment",
    prefix="apt",
    title=Text(id="Janji temu", en="Appointment"),
    body=Appointment,
    query=AppointmentQuery,
    order=("-day", "id"),
    owner=lambda appointment: Owner(nik=appointment.holder.nik),
    matches=matches_booking,
    scope="health.read",
    may_be_held=False,
    for_officers=False,
    generic=BOOKING,
    searched=lambda appointment: (
        appointment.facility.name if appointment.facility else None,
        appointment.clinic.text if appointment.clinic else None,
        appointment.number,
    ),
)


class BookAppointment(Command):
    """The command to book a place in a clinic's queue for the subject of the call. It contains no complaint."""

    facility_key: Annotated[str, specific("Faskes", "Key of the facility in its own system"), Field(max_length=40)]
    clinic: Annotated[str, specific("Poli", "Code of the clinic", examples=["general"]), Field(max_length=60)]
    day: Annotated[Day, specific("Tanggal", "Day")]


class CancelAppointment(Command):
    """The command to cancel a booking of the subject of the call."""

    appointment_key: Annotated[str, specific("Janji temu", "Key of the appointment in its own system")]
    reason: Annotated[str | None, specific("Alasan", "Why it is cancelled"), Field(max_length=100)] = None


class VisitStatus(Status):
    """The progress of a visit (FHIR Encounter)."""

    ARRIVED = "arrived", Phase.OPEN, "Hadir", "Arrived"
    IN_PROGRESS = "in-progress", Phase.OPEN, "Dilayani", "In progress"
    FINISHED = "finished", Phase.DONE, "Selesai", "Finished"
    CANCELLED = "cancelled", Phase.STOPPED, "Batal", "Cancelled"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Visit(Body):
    """A visit to a clinic. Findings and prescriptions stay with the health centre: no field here can contain them."""

    facility: Annotated[Reference | None, specific("Faskes", "Facility"), RefersTo("facility", "fac")] = None
    clinic: Annotated[Coded | None, specific("Poli", "Clinic")] = None
    kind: Annotated[Coded | None, specific("Kelas", "Class of the visit, v3-ActCode")] = None
    starts_at: Annotated[datetime | None, specific("Mulai", "Start")] = None
    ends_at: Annotated[datetime | None, specific("Selesai", "End")] = None
    status: Annotated[VisitStatus | None, specific("Status", "Status")] = None
    status_text: SpecificStatusText = TEXT_OF_STATUS
    phase: SpecificStatusPhase = PHASE_OF_STATUS
    coverage: Annotated[Coded | None, specific("Penjamin", "Insurance or other coverage that pays")] = None
    patient: Annotated[Person, personal("Pasien", "Patient")]


class VisitQuery(Query):
    """Filters of visits: starts from and until (inclusive), status."""

    starts_from: Moment | None = None
    starts_until: Moment | None = None
    status: VisitStatus | None = None


VISIT: Resource[Visit, VisitQuery] = Resource(
    name="visit",
    prefix="vis",
    title=Text(id="Kunjungan", en="Visit"),
    body=Visit,
    query=VisitQuery,
    order=("-starts_at", "id"),
    owner=lambda visit: Owner(nik=visit.patient.nik),
    matches=lambda visit, query: (
        between(visit.starts_at, query.starts_from, query.starts_until) and query.status in (None, visit.status)
    ),
    scope="health.read",
    may_be_held=False,
    for_officers=False,
)
