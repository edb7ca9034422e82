"""Wire records of patients' bookings and visits to canonical ones; the public part is in `facilities`. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Final

from adapters.contract import Normal
from adapters.e_puskesmas.codes import (
    CALLED,
    COVERAGES,
    EXAMINED,
    FEW_PLACEHOLDERS,
    INSURED,
    KINDS,
    OWN_CLINIC_LIST,
    OWN_COVERAGE_LIST,
    OWN_KIND_LIST,
    SERVED,
)
from adapters.e_puskesmas.facilities import clinic
from adapters.e_puskesmas.wire import Kunjungan, Pendaftaran, Peserta, PoliPendaftaran, Provider
from adapters.errors import UnusableRecordError
from adapters.legacy.booleans import flag
from adapters.legacy.dates import day_first_date, epoch_milliseconds, local_time, whole_day
from adapters.legacy.nik import nik_from_text
from adapters.legacy.numbers import count
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.texts import plain_text
from schemas.booking import BookingStatus
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.health import Appointment, Visit, VisitStatus
from schemas.identifiers import Identifier, IdentifierScheme, Person
from schemas.numbers import insurance_card
from schemas.references import Reference
from schemas.texts import Text

_LONGEST_WORD: Final = 60


def appointment(w: Pendaftaran) -> Normal[Appointment]:
    """Return the canonical appointment of a booking, with its doubts."""
    doubts = Doubts()
    day = doubts.collect("/day", whole_day(day_first_date(w.tglDaftar)))
    if day is None:
        raise UnusableRecordError("a booking without a day")
    expected = count(w.estimasiDilayani)
    facility, at_clinic = _facility(w.providerPelayanan, doubts), _clinic(w.poli, doubts)
    body = Appointment(
        title=_title(at_clinic, facility),
        facility=facility,
        clinic=at_clinic,
        day=day,
        starts_at=doubts.collect("/starts_at", epoch_milliseconds(expected.value).with_doubts(*expected.doubts)),
        number=doubts.collect("/number", plain_text(w.noUrut, placeholders=FEW_PLACEHOLDERS)),
        status=doubts.collect("/status", _status(w)),
        coverage=INSURED,
        holder=_person("/holder", w.peserta, doubts),
    )
    return Normal(body, doubts.found)


def _title(at_clinic: Coded, facility: Reference | None) -> str | None:
    """Return what is booked: the names of the clinic and of the centre, for lists that show neither."""
    names = (at_clinic.text.id if at_clinic.text else None, facility.name if facility else None)
    return ", ".join(name for name in names if name) or None


def _facility(w: Provider | None, doubts: Doubts) -> Reference | None:
    """Return the centre that serves the patient; its code is the key of the facility."""
    if w is None:
        return None
    name = doubts.collect("/facility/name", plain_text(w.nmProvider))
    return Reference(id=(w.kdProvider or "").strip() or None, name=name)


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
    insurance = w.asuransi.nama if w.asuransi else None
    body = Visit(
        facility=_facility(w.providerPelayanan, doubts),
        clinic=_clinic(w.poli, doubts),
        kind=doubts.collect("/kind", _coded(w.kdTkp, KINDS, OWN_KIND_LIST)),
        starts_at=begun or came,
        ends_at=doubts.collect("/ends_at", local_time(w.tanggalSelesai or None)),
        status=doubts.collect("/status", _visit_status(w, begun=begun is not None)),
        coverage=doubts.collect("/coverage", _coded(insurance, COVERAGES, OWN_COVERAGE_LIST)),
        patient=_person("/patient", w.peserta, doubts),
    )
    return Normal(body, doubts.found)


def visit_key(w: Kunjungan) -> str:
    """Return the centre's number of the visit."""
    return w.noKunjungan


def _visit_status(w: Kunjungan, *, begun: bool) -> Reading[VisitStatus]:
    """Return the status: cancelled, else examined or not.

    A patient who is not examined yet, but whose examination has begun, is in progress. The status is health data, so
    the doubt about an unknown word does not carry it.
    """
    cancelled = flag(w.batal, yes="Y", no="T")
    if cancelled.value:
        return Reading(VisitStatus.CANCELLED)
    examined = EXAMINED.get(_word(w.statusPeriksa))
    if cancelled.doubts or (examined is None and _word(w.statusPeriksa)):
        return Reading(VisitStatus.UNKNOWN, (DoubtCode.STATUS_UNKNOWN,))
    if examined is None:
        return Reading(VisitStatus.UNKNOWN, (DoubtCode.FIELD_MISSING,))
    return Reading(VisitStatus.IN_PROGRESS if begun and examined is VisitStatus.ARRIVED else examined)


def _coded(written: str | None, table: Mapping[str, Coded], own: str) -> Reading[Coded]:
    """Return the city's code; an unknown word keeps its own code, under the service's list."""
    word = plain_text((written or "")[:_LONGEST_WORD], placeholders=FEW_PLACEHOLDERS)
    if word.value is None:
        return absent(*word.doubts)
    known = table.get(word.value.casefold())
    if known is not None:
        return Reading(known, word.doubts)
    unknown = Coded(scheme=own, code=word.value, text=Text(id=word.value))
    return Reading(unknown, (*word.doubts, DoubtCode.CODE_UNKNOWN))


def _status(w: Pendaftaran) -> Reading[BookingStatus]:
    """Return the status: cancelled, else the progress in the queue.

    A word that is in no table makes the status unknown, unless a column before it decides. The status is health data,
    so the doubt does not carry the word.
    """
    cancelled = flag(w.batal, yes="Y", no="T")
    if cancelled.value:
        return Reading(BookingStatus.CANCELLED)
    if cancelled.doubts:
        return Reading(BookingStatus.UNKNOWN, (DoubtCode.STATUS_UNKNOWN,))
    return _progress(w)


def _progress(w: Pendaftaran) -> Reading[BookingStatus]:
    """Return the progress in the queue: did not come when called, else served, else called, else arrived or booked."""
    called, served = CALLED.get(_word(w.panggil)), SERVED.get(_word(w.status))
    if called is BookingStatus.NO_SHOW:
        return Reading(called)
    if served is None:
        doubt = DoubtCode.STATUS_UNKNOWN if _word(w.status) else DoubtCode.FIELD_MISSING
        return Reading(BookingStatus.UNKNOWN, (doubt,))
    if served is BookingStatus.FULFILLED:
        return Reading(served)
    if called is None and _word(w.panggil):
        return Reading(BookingStatus.UNKNOWN, (DoubtCode.STATUS_UNKNOWN,))
    return _waiting(w.waktuCheckIn) if called is None else Reading(called)


def _waiting(desk: str | None) -> Reading[BookingStatus]:
    """Return the status of a patient who was not called: arrived if there is a time at the desk, else booked.

    A release without this column does not state that the patient arrived.
    """
    arrived = local_time(desk)
    if arrived.value is not None:
        return Reading(BookingStatus.ARRIVED)
    if DoubtCode.DATE_IMPOSSIBLE in arrived.doubts:
        return Reading(BookingStatus.UNKNOWN, (DoubtCode.DATE_IMPOSSIBLE,))
    return Reading(BookingStatus.BOOKED)


def _word(written: str | None) -> str:
    """Return a word of a status for comparison; empty for a placeholder."""
    return (plain_text(written, placeholders=FEW_PLACEHOLDERS).value or "").casefold()


def _clinic(w: PoliPendaftaran, doubts: Doubts) -> Coded:
    """Return the clinic of a patient's record. The clinic is health data, so the doubt does not carry its code."""
    found = clinic(w.kdPoli, w.nmPoli)
    if found.scheme == OWN_CLINIC_LIST:
        doubts.note("/clinic", DoubtCode.CODE_UNKNOWN)
    return found


def _person(field: str, w: Peserta, doubts: Doubts) -> Person:
    """Return the patient, whose JSON pointer is `field`."""
    name = doubts.collect(f"{field}/name", plain_text(w.nama))
    return Person(name=name, identifiers=_identifiers(f"{field}/identifiers", w, doubts))


def _identifiers(field: str, w: Peserta, doubts: Doubts) -> tuple[Identifier, ...]:
    """Return NIK and insurance card. A malformed card number is not exact, with a doubt."""
    found: list[Identifier] = []
    number = nik_from_text(w.noKTP)
    doubts.note(field if number.value is None else f"{field}/0", *number.doubts)
    if number.value is not None:
        found.append(number.value)
    card = (w.noKartu or "").strip()
    if card:
        exact = insurance_card.is_valid(card)
        if not exact:
            doubts.note(f"{field}/{len(found)}", DoubtCode.NUMBER_FORM)
        found.append(Identifier(scheme=IdentifierScheme.INSURANCE_CARD, value=card, exact=exact))
    return tuple(found)
