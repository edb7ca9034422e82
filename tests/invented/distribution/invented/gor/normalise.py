"""Wire records of the system of the sports halls to canonical records. Pure."""

from datetime import date, datetime
from typing import Final

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import clock_time, whole_day
from adapters.legacy.nik import nik_from_number
from adapters.legacy.numbers import coordinate
from adapters.legacy.reading import Doubts
from adapters.legacy.regions import by_name, position
from adapters.legacy.spelled_dates import indonesian_date
from adapters.legacy.texts import plain_text
from invented.gor.wire import Gedung, Sewa
from invented.shared import code_list, coded, key_of, known_status, opening_hours, person
from schemas.booking import Booking, BookingStatus
from schemas.dates import WITA
from schemas.facility import Place
from schemas.places import Location
from schemas.references import AgencyReference
from schemas.texts import Text

BOOKINGS: Final = code_list(
    "booking-kind",
    Text(id="Jenis pemesanan", en="Kind of booking"),
    sports_hall=Text(id="Sewa lapangan", en="Court of a sports hall"),
)
HALLS: Final = code_list(
    "place-kind",
    Text(id="Jenis tempat", en="Kind of place"),
    sports_hall=Text(id="Gelanggang olahraga", en="Sports hall"),
)
CODE_LISTS: Final = (BOOKINGS, HALLS)

_AGENCY: Final = AgencyReference(id="dinas-olahraga")
_STATUSES: Final = {
    "DIPESAN": BookingStatus.BOOKED,
    "SELESAI": BookingStatus.FULFILLED,
    "BATAL": BookingStatus.CANCELLED,
    "TIDAK HADIR": BookingStatus.NO_SHOW,
}


def booking_key(w: Sewa) -> str:
    """Return the code of the booking."""
    return key_of(w.kode)


def booking(w: Sewa) -> Normal[Booking]:
    """Return the booking of a court."""
    doubts = Doubts()
    day = doubts.collect("/day", whole_day(indonesian_date(w.hari)))
    begin, _, end = (w.jam or "").partition("-")
    body = Booking(
        kind=coded(BOOKINGS, "sports-hall"),
        title=doubts.collect("/title", plain_text(w.lapangan)),
        day=day,
        starts_at=_moment(doubts, "/starts_at", day, begin),
        ends_at=_moment(doubts, "/ends_at", day, end),
        number=booking_key(w),
        status=known_status(doubts, _STATUSES, w.status, BookingStatus.UNKNOWN, public_word=False),
        agency=_AGENCY,
        location=Location.of(text=doubts.collect("/location/text", plain_text(w.gedung))),
        holder=person(doubts, "/holder", w.pemesan, nik_from_number(w.nik), w.telepon),
    )
    return Normal(body, doubts.found)


def _moment(doubts: Doubts, field: str, day: date | None, written: str) -> datetime | None:
    clock = doubts.collect(field, clock_time(written or None))
    return datetime.combine(day, clock, WITA) if day is not None and clock is not None else None


def hall_key(w: Gedung) -> str:
    """Return the id of the hall."""
    return key_of(w.id)


def hall(w: Gedung) -> Normal[Place]:
    """Return a hall as a place; it has the same hours every day."""
    doubts = Doubts()
    name = doubts.collect("/name", plain_text(w.nama))
    if name is None:
        raise UnusableRecordError("a hall without a name")
    latitude, _, longitude = (w.letak or "").partition(",")
    point = position(coordinate(latitude), coordinate(longitude))
    days = (opening_hours(doubts, weekday, w.buka) for weekday in range(1, 8))
    body = Place(
        kind=coded(HALLS, "sports-hall"),
        name=name,
        agency=_AGENCY,
        location=Location.of(
            text=doubts.collect("/location/text", plain_text(w.alamat)),
            region=doubts.collect("/location/region", by_name(w.kelurahan)),
            position=doubts.collect("/location/position", point),
        ),
        hours=tuple(day for day in days if day is not None),
    )
    return Normal(body, doubts.found)
