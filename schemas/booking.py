"""Bookings: a place in a queue, or a time with somebody or at a place (FHIR Appointment).

An appointment at a clinic is a profile of a booking. Any other kind, such as a time at a counter or a sports hall, is a
`booking` with a code of its own in `kind`. A booking that says something about health is always an appointment.
"""

from datetime import date, datetime
from typing import Annotated

from schemas.classes import general, personal
from schemas.codes import (
    PHASE_OF_STATUS,
    TEXT_OF_STATUS,
    Coded,
    PersonalStatusPhase,
    PersonalStatusText,
    Phase,
    Status,
)
from schemas.dates import Moment
from schemas.filters import between
from schemas.identifiers import Person
from schemas.places import Location
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class BookingStatus(Status):
    """The status of a booking (FHIR Appointment)."""

    BOOKED = "booked", Phase.OPEN, "Terdaftar", "Booked"
    ARRIVED = "arrived", Phase.OPEN, "Sudah datang", "Arrived"
    CALLED = "called", Phase.WAITING_FOR_YOU, "Dipanggil", "Called"
    IN_PROGRESS = "in-progress", Phase.OPEN, "Sedang dilayani", "In progress"
    FULFILLED = "fulfilled", Phase.DONE, "Selesai", "Fulfilled"
    CANCELLED = "cancelled", Phase.STOPPED, "Dibatalkan", "Cancelled"
    NO_SHOW = "no-show", Phase.STOPPED, "Tidak datang", "Did not come"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Booking(Body):
    """A place in a queue, or a time."""

    kind: Annotated[Coded | None, personal("Jenis", "Kind of booking")] = None
    title: Annotated[str | None, personal("Judul", "What is booked, in words")] = None
    day: Annotated[date | None, personal("Tanggal", "Day")] = None
    starts_at: Annotated[datetime | None, personal("Mulai", "Start")] = None
    ends_at: Annotated[datetime | None, personal("Selesai", "End")] = None
    number: Annotated[str | None, personal("Nomor", "Number of the booking, or in the queue")] = None
    status: Annotated[BookingStatus | None, personal("Status", "Status")] = None
    status_text: PersonalStatusText = TEXT_OF_STATUS
    phase: PersonalStatusPhase = PHASE_OF_STATUS
    agency: Annotated[AgencyReference | None, general("Dinas", "Agency responsible")] = None
    location: Annotated[Location | None, personal("Lokasi", "Where it takes place")] = None
    holder: Annotated[Person, personal("Pemesan", "Person for whom it was made")]


class BookingQuery(Query):
    """Filters of bookings: kind (a code), day from and until (inclusive), status."""

    kind: str | None = None
    day_from: Moment | None = None
    day_until: Moment | None = None
    status: BookingStatus | None = None


def matches_booking(booking: Booking, query: BookingQuery) -> bool:
    """Return whether a booking meets the filters that all bookings have."""
    return (
        (query.kind is None or (booking.kind is not None and booking.kind.code == query.kind))
        and between(booking.day, query.day_from, query.day_until)
        and query.status in (None, booking.status)
    )


def booking_texts(booking: Booking) -> tuple[str | Text | None, ...]:
    """Return the texts of a booking that the search indexes, its headline first."""
    place = booking.location.text if booking.location else None
    return (booking.title, booking.number, booking.kind.text if booking.kind else None, place)


BOOKING: Resource[Booking, BookingQuery] = Resource(
    name="booking",
    prefix="bkg",
    title=Text(id="Pemesanan", en="Booking"),
    body=Booking,
    query=BookingQuery,
    order=("-day", "id"),
    owner=lambda booking: Owner(nik=booking.holder.nik),
    matches=matches_booking,
    scope="bookings.read",
    for_officers=False,
    searched=booking_texts,
)
