"""Patients' bookings and visits to canonical records; what is public stands in `facilities`. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Final

from adapters.contract import Normal
from adapters.e_puskesmas.codes import (
    CALLED,
    EXAMINED,
    FEW_PLACEHOLDERS,
    INSURED,
    KINDS,
    OWN_KIND_LIST,
    OWN_PAYER_LIST,
    PAYERS,
    SERVED,
)
from adapters.e_puskesmas.facilities import clinic
from adapters.e_puskesmas.wire import Kunjungan, Pendaftaran, Peserta
from adapters.errors import UnusableRecordError
from adapters.legacy.booleans import flag
from adapters.legacy.dates import day_first_date, epoch_milliseconds, local_time, whole_day
from adapters.legacy.nik import nik_from_text
from adapters.legacy.numbers import count
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.texts import plain_text
from schemas.health import Appointment, AppointmentStatus, Patient, Visit, VisitStatus
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.numbers import insurance_card
from schemas.quality import QualityCode
from schemas.texts import Coded, Text

_LONGEST_WORD: Final = 60


def appointment(w: Pendaftaran) -> Normal[Appointment]:
    """A booking."""
    doubts = Doubts()
    day = doubts.of("/on", whole_day(day_first_date(w.tglDaftar)))
    if day is None:
        raise UnusableRecordError("a booking of no day")
    provider = w.providerPelayanan.nmProvider if w.providerPelayanan else None
    expected = count(w.estimasiDilayani)
    body = Appointment(
        facility_name=doubts.of("/facility_name", plain_text(provider)),
        clinic=clinic(w.poli.kdPoli, w.poli.nmPoli, "/clinic", doubts),
        on=day,
        starts_at=doubts.of("/starts_at", epoch_milliseconds(expected.value).but(*expected.doubts)),
        number=doubts.of("/number", plain_text(w.noUrut, placeholders=FEW_PLACEHOLDERS)),
        status=doubts.of("/status", _status(w)),
        payer=INSURED,
        patient=Patient(
            name=doubts.of("/patient/name", plain_text(w.peserta.nama)),
            identifiers=_identifiers(w.peserta, doubts),
        ),
    )
    return Normal(body, doubts.found)


def appointment_key(w: Pendaftaran) -> str:
    """Day, clinic and number, and whose it is: two patients may hold one number. The card itself is not in it."""
    return booking_key(w.tglDaftar, w.poli.kdPoli, w.noUrut, w.peserta.noKartu or "")


def booking_key(day: str, clinic: str, number: str, card: str) -> str:
    """The key of a booking, by the service's own words."""
    return f"{day}/{clinic}/{number}~{_whose(card)}"


def is_of(key: str, card: str) -> bool:
    """Whether a booking's key is that of a booking under this card."""
    return key.rpartition("~")[2] == _whose(card)


def _whose(card: str) -> str:
    return hashlib.blake2b(card.encode(), digest_size=8).hexdigest()


def visit(w: Kunjungan) -> Normal[Visit]:
    """A visit: when and where, never what for."""
    doubts = Doubts()
    begun = doubts.of("/starts_at", local_time(w.tanggalMulai or None))
    came = doubts.of("/starts_at", local_time(w.waktuDaftar or None))
    if begun is None and came is None:
        raise UnusableRecordError("a visit of no time")
    provider = w.providerPelayanan.nmProvider if w.providerPelayanan else None
    body = Visit(
        facility_name=doubts.of("/facility_name", plain_text(provider)),
        clinic=clinic(w.poli.kdPoli, w.poli.nmPoli, "/clinic", doubts),
        kind=doubts.of("/kind", _coded(w.kdTkp, KINDS, OWN_KIND_LIST)),
        starts_at=begun or came,
        ends_at=doubts.of("/ends_at", local_time(w.tanggalSelesai or None)),
        status=doubts.of("/status", _visit_status(w, begun=begun is not None)),
        payer=doubts.of("/payer", _coded(w.asuransi.nama if w.asuransi else None, PAYERS, OWN_PAYER_LIST)),
        patient=Patient(
            name=doubts.of("/patient/name", plain_text(w.peserta.nama)),
            identifiers=_identifiers(w.peserta, doubts),
        ),
    )
    return Normal(body, doubts.found)


def visit_key(w: Kunjungan) -> str:
    """The centre's number of the visit."""
    return w.noKunjungan


def _visit_status(w: Kunjungan, *, begun: bool) -> Reading[VisitStatus]:
    """Cancelled, else whether they were examined; who has not been, and whose examination began, is being served."""
    cancelled = flag(w.batal, yes="Y", no="T")
    if cancelled.value:
        return Reading(VisitStatus.CANCELLED, cancelled.doubts)
    examined = EXAMINED.get((w.statusPeriksa or "").strip())
    if examined is None:
        return Reading(VisitStatus.UNKNOWN, (*cancelled.doubts, QualityCode.STATUS_UNKNOWN))
    served = VisitStatus.IN_PROGRESS if begun and examined is VisitStatus.ARRIVED else examined
    return Reading(served, cancelled.doubts)


def _coded(written: str | None, table: Mapping[str, Coded], own: str) -> Reading[Coded]:
    """The city's code; a word that the table has not keeps its own, under the service's own list."""
    word = plain_text((written or "")[:_LONGEST_WORD], placeholders=FEW_PLACEHOLDERS)
    if word.value is None:
        return absent(*word.doubts)
    known = table.get(word.value.casefold())
    if known is not None:
        return Reading(known, word.doubts)
    unknown = Coded(system=own, code=word.value, display=Text(id=word.value))
    return Reading(unknown, (*word.doubts, QualityCode.CODE_UNKNOWN))


def _status(w: Pendaftaran) -> Reading[AppointmentStatus]:
    """Cancelled, else what the queue says of who was called, else whether they were served or came to the desk.

    A release without the desk's time says only that somebody has not been served; that counts as arrived.
    """
    cancelled = flag(w.batal, yes="Y", no="T")
    called = CALLED.get((w.panggil or "").strip())
    served = SERVED.get(" ".join((w.status or "").casefold().split()))
    desk = local_time(w.waktuCheckIn)
    if cancelled.value:
        status = AppointmentStatus.CANCELLED
    elif called is AppointmentStatus.NO_SHOW:
        status = called
    elif served is None:
        return Reading(AppointmentStatus.UNKNOWN, (QualityCode.STATUS_UNKNOWN,))
    elif served is AppointmentStatus.FULFILLED:
        status = served
    elif called is None and w.waktuCheckIn is not None and desk.value is None:
        status = AppointmentStatus.BOOKED
    else:
        status = called or served
    return Reading(status, cancelled.doubts)


def _identifiers(w: Peserta, doubts: Doubts) -> tuple[Identifier, ...]:
    found: list[Identifier] = []
    number = nik_from_text(w.noKTP)
    doubts.note("/patient/identifiers" if number.value is None else "/patient/identifiers/0", *number.doubts)
    if number.value is not None:
        found.append(number.value)
    card = (w.noKartu or "").strip()
    if card:
        exact = insurance_card.is_valid(card)
        found.append(Identifier(scheme=IdentifierScheme.INSURANCE_CARD, value=card, exact=exact))
    return tuple(found)
