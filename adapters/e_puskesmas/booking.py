"""Booking and cancelling of queue places, and their look-up by the receipt code.

A booking has one free text, the complaint. The gateway never writes a complaint: it writes a note of origin and the
receipt code. Of the complaints in the list, only such a code is read.
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from adapters.contract import Absent, Bad, Refused, Stored
from adapters.e_puskesmas import client, codes, normalise
from adapters.e_puskesmas.answers import enveloped, let_in, opened, refusal
from adapters.e_puskesmas.client import HealthCall
from adapters.e_puskesmas.sealing import headers, timestamp
from adapters.e_puskesmas.wire import Berkode, Envelope, Keterangan
from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import read_value
from adapters.legacy.texts import refusal_text
from adapters.upstream import HttpAnswer, HttpRequest
from schemas.health import BookAppointment, CancelAppointment

_BOOK: Final = "/pcare-rest/pendaftaran"
_CANCEL: Final = "/antreanfktp/antrean/batal"
_MARKED: Final = TypeAdapter(Berkode)
_NUMBER: Final = TypeAdapter(Keterangan)
_OBJECTIONS: Final[TypeAdapter[list[Keterangan]]] = TypeAdapter(list[Keterangan])
_OBJECTED: Final = 412
_CREATED: Final = 201
_CANCELLED: Final = 200
_FAILED: Final = 201
_MOST_PAGES: Final = 100

_NO_CARD: Final = Refused("no-card", "Tidak terdaftar sebagai peserta di puskesmas ini.")
_UNKNOWN: Final = Refused("appointment-unknown", "Antrean tidak ditemukan.")


async def book(call: HealthCall, fields: Mapping[str, Any]) -> Stored | Refused:
    """Book a place.

    Any answer but a clear one raises; it is then unknown whether the booking was stored.
    """
    card = await client.card(call)
    if card is None:
        return _NO_CARD
    stamp, answer = await _post(call, _BOOK, {**fields, "noKartu": card})
    if answer.status == _OBJECTED:
        return _objection(enveloped(answer))
    envelope = _answered(call, answer, _CREATED)
    given = read_value(opened(envelope.response, call.settings, stamp), _NUMBER)
    if given.field != "noUrut" or not given.message.strip():
        raise UpstreamMalformedError("the answer to the booking has no queue number")
    number = given.message.strip()
    return Stored(normalise.booking_key(fields["tglDaftar"], fields["kdPoli"], number, card), number)


async def cancel(call: HealthCall, key: str, fields: Mapping[str, Any]) -> Stored | Refused:
    """Cancel a booking. Another resident's booking is refused like one that does not exist."""
    card = await client.card(call)
    if card is None or not normalise.is_of(key, card):
        return _UNKNOWN
    _, answer = await _post(call, _CANCEL, {**fields, "nomorkartu": card})
    envelope = _answered(call, answer, _CANCELLED, _FAILED)
    if envelope.meta.code == _CANCELLED:
        return Stored(key, fields["nomorantrean"])
    reason = refusal_text(envelope.meta.message)
    return Refused(codes.REFUSED_CANCELLATIONS.get(reason.casefold(), "refused"), reason)


async def look_for_booking(call: HealthCall, _command: BookAppointment, code: str) -> Stored | Absent:
    """Find the booking whose complaint ends with the receipt code."""
    async for booking in _bookings(call):
        if booking.keluhan == code:
            return Stored(normalise.appointment_key(booking), booking.noUrut)
    return Absent()


async def look_for_cancellation(call: HealthCall, command: CancelAppointment, code: str) -> Stored | Absent:
    """Return whether the booking was cancelled for a reason that ends with the receipt code."""
    async for booking in _bookings(call):
        if booking.alasanBatal == code and normalise.appointment_key(booking) == command.appointment_key:
            return Stored(command.appointment_key, booking.noUrut)
    return Absent()


async def _bookings(call: HealthCall) -> AsyncIterator[Berkode]:
    """Yield all bookings of the subject. Raises when a row is unreadable or the list has no end.

    An unreadable row could be the one that is looked up.
    """
    mark: str | None = None
    for _ in range(_MOST_PAGES):
        page = await client.page_of(call, "pendaftaran", _MARKED, mark)
        for booking in page.items:
            if isinstance(booking, Bad):
                raise UpstreamMalformedError("the list does not show whether the booking exists")
            yield booking
        mark = page.next
        if mark is None:
            return
    raise UpstreamMalformedError("the list of bookings has no end")


async def _post(call: HealthCall, path: str, fields: Mapping[str, Any]) -> tuple[str, HttpAnswer]:
    """Send a write once; return the timestamp that opens the answer, and the answer.

    The service requires the content type text/plain for its JSON.
    """
    stamp = timestamp(call.now)
    signed = {**headers(call.settings, stamp), "Content-Type": "text/plain"}
    request = HttpRequest("POST", path, headers=signed, content=json.dumps(dict(fields)).encode(), safe=False)
    return stamp, await call.up.send(request)


def _answered(call: HealthCall, answer: HttpAnswer, *expected: int) -> Envelope:
    """Return the envelope if its code is one of those expected."""
    envelope = enveloped(let_in(answer, call.now))
    if envelope.meta.code not in expected:
        raise refusal(envelope.meta, answer, call.now)
    return envelope


def _objection(envelope: Envelope) -> Refused:
    """Return the service's objection. Raises `UpstreamMalformedError` when there is none."""
    objections = read_value(envelope.response, _OBJECTIONS)
    if envelope.meta.code != _OBJECTED or not objections:
        raise UpstreamMalformedError("the booking was refused without a reason")
    return Refused(codes.REFUSED_FIELDS.get(objections[0].field, "refused"), refusal_text(objections[0].message))
