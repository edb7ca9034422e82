"""From the service's payloads to canonical records. Pure."""

import hashlib
from collections.abc import Mapping
from typing import Final

from adapters.contract import Normal
from adapters.e_puskesmas.codes import (
    CALLED,
    CLINICS,
    EXAMINED,
    INSURED,
    KINDS,
    OWN_CLINIC_LIST,
    OWN_KIND_LIST,
    OWN_PAYER_LIST,
    PAYERS,
    SERVED,
)
from adapters.e_puskesmas.wire import Jadwal, Kunjungan, Pendaftaran, Peserta, Poli, Profil, StatusAntrean
from adapters.errors import UnusableRecordError
from adapters.legacy.booleans import flag
from adapters.legacy.dates import clock_time, day_first_date, epoch_milliseconds, iso_date, local_time, whole_day
from adapters.legacy.nik import nik_from_text
from adapters.legacy.numbers import coordinate, count
from adapters.legacy.phones import phone
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import kemendagri_digits, position
from adapters.legacy.texts import plain_text
from schemas.health import (
    Appointment,
    AppointmentStatus,
    Facility,
    OpeningHours,
    Patient,
    Queue,
    Visit,
    VisitStatus,
)
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.numbers import insurance_card
from schemas.places import PublicAddress
from schemas.quality import QualityCode
from schemas.texts import Coded, Text

# In these columns a lone figure or letter may be meant.
_FEW_PLACEHOLDERS = frozenset({"-", "--", "."})
_LONGEST_WORD: Final = 60


def facility(w: Profil) -> Normal[Facility]:
    """The health centre."""
    doubts = Doubts()
    name = doubts.of("/name", plain_text(w.nmProvider))
    if name is None:
        raise UnusableRecordError("a health centre without a name")
    address = PublicAddress(
        text=doubts.of("/address/text", plain_text(w.alamat)),
        region=doubts.of("/address/region", kemendagri_digits(w.kdKelurahan)),
        postal_code=doubts.of("/address/postal_code", plain_text(w.kodePos)),
    )
    body = Facility(
        name=name,
        address=None if address == PublicAddress() else address,
        position=doubts.of("/position", position(coordinate(w.lintang), coordinate(w.bujur))),
        phone=doubts.of("/phone", phone(w.telp)),
        clinics=_clinics(w.poli, doubts),
        hours=_hours(w.jadwal, doubts),
    )
    return Normal(body, doubts.found)


def facility_key(w: Profil) -> str:
    """The centre's code."""
    return w.kdProvider


def queue(w: StatusAntrean) -> Normal[Queue]:
    """How one clinic's queue stands. More waiting than numbers given out is no number of people."""
    doubts = Doubts()
    day = doubts.of("/on", whole_day(iso_date(w.tanggal)))
    if day is None:
        raise UnusableRecordError("a queue of no day")
    total = doubts.of("/total", count(w.totalantrean))
    waiting = count(w.sisaantrean)
    if total is not None and waiting.value is not None and waiting.value > total:
        waiting = absent(QualityCode.NUMBER_AMBIGUOUS)
    body = Queue(
        facility_key=w.kdProvider,
        clinic=_clinic(w.kodepoli, w.namapoli, "/clinic", doubts),
        on=day,
        called=plain_text(w.antreanpanggil, placeholders=_FEW_PLACEHOLDERS).value,
        total=total,
        waiting=doubts.of("/waiting", waiting),
        note=doubts.of("/note", plain_text(w.keterangan)),
    )
    return Normal(body, doubts.found)


def queue_key(w: StatusAntrean) -> str:
    """The clinic's code: a centre has one queue for each clinic, today's."""
    return w.kodepoli


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
        clinic=_clinic(w.poli.kdPoli, w.poli.nmPoli, "/clinic", doubts),
        on=day,
        starts_at=doubts.of("/starts_at", epoch_milliseconds(expected.value).but(*expected.doubts)),
        number=doubts.of("/number", plain_text(w.noUrut, placeholders=_FEW_PLACEHOLDERS)),
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
        clinic=_clinic(w.poli.kdPoli, w.poli.nmPoli, "/clinic", doubts),
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
    word = plain_text((written or "")[:_LONGEST_WORD], placeholders=_FEW_PLACEHOLDERS)
    if word.value is None:
        return absent(*word.doubts)
    known = table.get(word.value.casefold())
    if known is not None:
        return Reading(known, word.doubts)
    unknown = Coded(system=own, code=word.value, display=Text(id=word.value))
    return Reading(unknown, (*word.doubts, QualityCode.CODE_UNKNOWN))


def _clinic(code: str, name: str | None, field: str, doubts: Doubts) -> Coded:
    """The city's code for a clinic; a centre's own clinic keeps its code and name, with a doubt."""
    known = CLINICS.get(code.strip())
    if known is not None:
        return known
    doubts.note(field, QualityCode.CODE_UNKNOWN)
    shown = plain_text(name).then(lambda text: Text(id=text)).value
    return Coded(system=OWN_CLINIC_LIST, code=code.strip(), display=shown)


def _clinics(clinics: tuple[Poli | None, ...], doubts: Doubts) -> tuple[Coded, ...]:
    """The clinics that are open today. One that cannot be read is left out, and said to be."""
    found: list[Coded] = []
    for poli in clinics:
        if poli is None:
            doubts.note("/clinics", QualityCode.FIELD_MISSING)
        else:
            found.append(_clinic(poli.kodepoli, poli.namapoli, f"/clinics/{len(found)}", doubts))
    return tuple(found)


def _hours(days: tuple[Jadwal | None, ...], doubts: Doubts) -> tuple[OpeningHours, ...]:
    """The days on which the centre is open; on a closed one both times are 00:00.

    One that cannot be read is left out, and said to be.
    """
    found = []
    for at, w in enumerate(days):
        if w is None:
            doubts.note("/hours", QualityCode.FIELD_MISSING)
            continue
        field = f"/hours/{at}"
        weekday = doubts.of(field, _weekday(w.hari))
        opens = doubts.of(field, clock_time(w.buka, midnight_is_none=True))
        closes = doubts.of(field, clock_time(w.tutup, midnight_is_none=True))
        if opens is not None and closes is not None and weekday is not None:
            found.append(OpeningHours(weekday=weekday, opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}"))
    return tuple(found)


def _weekday(written: str) -> Reading[int]:
    number = count(written)
    return number if number.value is None or 1 <= number.value <= 7 else absent(QualityCode.CODE_UNKNOWN)


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
