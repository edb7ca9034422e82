"""Bookings: a place in a queue, or a time with somebody or at a place (FHIR Appointment).

An appointment at a clinic is a profile of a booking.
"""

from datetime import date, datetime
from typing import Annotated

from schemas.classes import personal
from schemas.codes import (
    PHASE_OF_STATUS,
    TEXT_OF_STATUS,
    PersonalStatusPhase,
    PersonalStatusText,
    Phase,
    Status,
)
from schemas.dates import Moment
from schemas.filters import between
from schemas.identifiers import Person
from schemas.records import Body
from schemas.resources import Query


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

    day: Annotated[date | None, personal("Tanggal", "Day")] = None
    starts_at: Annotated[datetime | None, personal("Mulai", "Start")] = None
    ends_at: Annotated[datetime | None, personal("Selesai", "End")] = None
    number: Annotated[str | None, personal("Nomor", "Number of the booking, or in the queue")] = None
    status: Annotated[BookingStatus | None, personal("Status", "Status")] = None
    status_text: PersonalStatusText = TEXT_OF_STATUS
    phase: PersonalStatusPhase = PHASE_OF_STATUS
    holder: Annotated[Person, personal("Pemesan", "Person for whom it was made")]


class BookingQuery(Query):
    """Filters of bookings: day from and until (inclusive), status."""

    day_from: Moment | None = None
    day_until: Moment | None = None
    status: BookingStatus | None = None


def matches_booking(booking: Booking, query: BookingQuery) -> bool:
    """Return whether a booking meets the filters that all bookings have."""
    return between(booking.day, query.day_from, query.day_until) and query.status in (None, booking.status)
