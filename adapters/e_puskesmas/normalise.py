"""Wire records of patients' bookings and visits to canonical ones; the public part is in `facilities`. Pure."""

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
    """Return the canonical appointment of a booking, with its doubts."""
    doubts = Doubts()
    day = doubts.collect("/on", whole_day(day_first_date(w.tglDaftar)))
    if day is None:
        raise UnusableRecordError("a booking without a day")
    provider = w.providerPelayanan.nmProvider if w.providerPelayanan else None
    expected = count(w.estimasiDilayani)
    body = Appointment(
        facility_name=doubts.collect("/facility_name", plain_text(provider)),
        clinic=clinic(w.poli.kdPoli, w.poli.nmPoli, "/clinic", doubts),
        on=day,
        starts_at=doubts.collect("/starts_at", epoch_milliseconds(expected.value).with_doubts(*expected.doubts)),
        number=doubts.collect("/number", plain_text(w.noUrut, placeholders=FEW_PLACEHOLDERS)),
        status=doubts.collect("/status", _status(w)),
        payer=INSURED,
        patient=Patient(
            name=doubts.collect("/patient/name", plain_text(w.peserta.nama)),
            identifiers=_identifiers(w.peserta, doubts),
        ),
    )
    return Normal(body, doubts.found)


def appointment_key(w: Pendaftaran) -> str:
    """Return day, clinic, number, and a digest of the card: two patients may have one number."""
    return booking_key(w.tglDaftar, w.poli.kdPoli, w.noUrut, w.peserta.noKartu or "")


def booking_key(day: str, clinic: str, number: str, card: str) -> str:
    """Return the key of a booking, made from the service's own values."""
    return f"{day}/{clinic}/{number}~{_whose(card)}"


def is_of(key: str, card: str) -> bool:
    """Return whether the key is that of a booking under this card."""
    return key.rpartition("~")[2] == _whose(card)


def _whose(card: str) -> str:
    return hashlib.blake2b(card.encode(), digest_size=8).hexdigest()


def visit(w: Kunjungan) -> Normal[Visit]:
    """Return the canonical visit, with its doubts: when and where, never for what."""
    doubts = Doubts()
    begun = doubts.collect("/starts_at", local_time(w.tanggalMulai or None))
    came = doubts.collect("/starts_at", local_time(w.waktuDaftar or None))
    if begun is None and came is None:
        raise UnusableRecordError("a visit without a time")
    provider = w.providerPelayanan.nmProvider if w.providerPelayanan else None
    body = Visit(
        facility_name=doubts.collect("/facility_name", plain_text(provider)),
        clinic=clinic(w.poli.kdPoli, w.poli.nmPoli, "/clinic", doubts),
        kind=doubts.collect("/kind", _coded(w.kdTkp, KINDS, OWN_KIND_LIST)),
        starts_at=begun or came,
        ends_at=doubts.collect("/ends_at", local_time(w.tanggalSelesai or None)),
        status=doubts.collect("/status", _visit_status(w, begun=begun is not None)),
        payer=doubts.collect("/payer", _coded(w.asuransi.nama if w.asuransi else None, PAYERS, OWN_PAYER_LIST)),
        patient=Patient(
            name=doubts.collect("/patient/name", plain_text(w.peserta.nama)),
            identifiers=_identifiers(w.peserta, doubts),
        ),
    )
    return Normal(body, doubts.found)


def visit_key(w: Kunjungan) -> str:
    """Return the centre's number of the visit."""
    return w.noKunjungan


def _visit_status(w: Kunjungan, *, begun: bool) -> Reading[VisitStatus]:
    """Return the status: cancelled, else examined or not.

    A patient who is not examined yet, but whose examination has begun, is in progress.
    """
    cancelled = flag(w.batal, yes="Y", no="T")
    if cancelled.value:
        return Reading(VisitStatus.CANCELLED, cancelled.doubts)
    examined = EXAMINED.get((w.statusPeriksa or "").strip())
    if examined is None:
        return Reading(VisitStatus.UNKNOWN, (*cancelled.doubts, QualityCode.STATUS_UNKNOWN))
    served = VisitStatus.IN_PROGRESS if begun and examined is VisitStatus.ARRIVED else examined
    return Reading(served, cancelled.doubts)


def _coded(written: str | None, table: Mapping[str, Coded], own: str) -> Reading[Coded]:
    """Return the city's code; an unknown word keeps its own code, under the service's list."""
    word = plain_text((written or "")[:_LONGEST_WORD], placeholders=FEW_PLACEHOLDERS)
    if word.value is None:
        return absent(*word.doubts)
    known = table.get(word.value.casefold())
    if known is not None:
        return Reading(known, word.doubts)
    unknown = Coded(system=own, code=word.value, display=Text(id=word.value))
    return Reading(unknown, (*word.doubts, QualityCode.CODE_UNKNOWN))


def _status(w: Pendaftaran) -> Reading[AppointmentStatus]:
    """Return the status: cancelled, else the call in the queue, else served, or arrived at the desk.

    A release without the desk's time states only that the patient was not served; that counts as arrived.
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
