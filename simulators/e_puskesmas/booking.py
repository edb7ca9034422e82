"""Booking and cancelling a place in a queue: the checks, and what is stored."""

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from simulators.e_puskesmas.answers import called_now, label
from simulators.e_puskesmas.diary import DAYS_AHEAD
from simulators.e_puskesmas.offices import HealthCentre
from simulators.e_puskesmas.store import Booking, Store
from simulators.records import Ledger

MEDIA_TYPE: Final = "text/plain"
_CODE: Final = re.compile(r"\[([A-Z0-9-]+)\]\s*$")
_DAY: Final = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")


class BookingRefusedError(Exception):
    """The booking or cancellation is refused; `field` is the invalid field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


class Desk:
    """One health centre's booking desk. It does not detect duplicates: a repeated booking is stored twice (Q50)."""

    def __init__(self, centre: HealthCentre, store: Store, ledger: Ledger) -> None:
        self._centre = centre
        self._store = store
        self._ledger = ledger

    def book(self, media_type: str, body: bytes, now: datetime) -> dict[str, str]:
        """Store a booking; return its number. Raises `BookingRefusedError`."""
        fields = _fields(media_type, body)
        if fields.get("kdProviderPeserta") != self._centre.code:
            raise BookingRefusedError("kdProviderPeserta", "Peserta tidak terdaftar pada FKTP ini")
        clinic, day = str(fields.get("kdPoli")), _parse_day(fields.get("tglDaftar"))
        if clinic not in self._centre.clinics:
            raise BookingRefusedError("kdPoli", "Poli tidak ditemukan")
        if day is None or not now.date() <= day <= now.date() + timedelta(days=DAYS_AHEAD):
            raise BookingRefusedError("tglDaftar", "Tanggal daftar di luar jadwal pendaftaran")
        patient = self._store.patient(card=str(fields.get("noKartu")))
        if patient is None:
            raise BookingRefusedError("noKartu", "Peserta tidak ditemukan")
        complaint = str(fields.get("keluhan", ""))
        # Read, then written: two concurrent bookings may get the same number (Q39).
        number = max(self._store.numbers(clinic, day), default=0) + 1
        booking = Booking(card=patient.card, clinic=clinic, day=day, number=number, complaint=complaint)
        self._store.book(booking)
        given = label(clinic, number)
        write = {"write": "pendaftaran", "kdPoli": clinic, "tglDaftar": day.isoformat(), "noUrut": given}
        self._ledger.add(write, code=_code(complaint))
        return {"field": "noUrut", "message": given}

    def cancel(self, media_type: str, body: bytes, now: datetime) -> None:
        """Cancel a booking. Raises `BookingRefusedError`."""
        fields = _fields(media_type, body)
        row, booking = self._booking_to_cancel(fields)
        called = called_now(self._store.numbers(booking.clinic, booking.day), now)
        if booking.cancelled:
            raise BookingRefusedError("nomorantrean", "Antrean sudah dibatalkan")
        if booking.day < now.date() or (booking.day == now.date() and booking.number <= called):
            raise BookingRefusedError("nomorantrean", "Antrean sudah dilayani")
        reason = str(fields.get("alasan", ""))
        self._store.cancel(row, reason)
        write = {"write": "batal", "kodepoli": booking.clinic, "nomorantrean": label(booking.clinic, booking.number)}
        self._ledger.add(write, code=_code(reason))

    def _booking_to_cancel(self, fields: Mapping[str, Any]) -> tuple[int, Booking]:
        """Return the row and the booking to cancel; the last one of several."""
        for row, booking in self._store.rows_of(str(fields.get("nomorkartu"))):
            named = (booking.clinic, booking.day.isoformat(), label(booking.clinic, booking.number))
            if named == (fields.get("kodepoli"), fields.get("tanggalperiksa"), fields.get("nomorantrean")):
                return row, booking
        raise BookingRefusedError("nomorantrean", "Antrean tidak ditemukan")


def _fields(media_type: str, body: bytes) -> Mapping[str, Any]:
    """Parse the JSON object in the body, which must be declared as plain text (Q16)."""
    if media_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise BookingRefusedError("content-type", "Content-Type harus text/plain")
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise BookingRefusedError("body", "Format JSON tidak sesuai")
    return fields


def _parse_day(text: object) -> date | None:
    found = _DAY.fullmatch(str(text))
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _code(text: str) -> str | None:
    found = _CODE.search(text)
    return found[1] if found else None
