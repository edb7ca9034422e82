"""What is public of a health centre: the centre itself, and how the queues of its clinics stand. Pure."""

from datetime import time
from typing import Final

from adapters.contract import Normal
from adapters.e_puskesmas.codes import CLINICS, FEW_PLACEHOLDERS, OWN_CLINIC_LIST
from adapters.e_puskesmas.wire import Jadwal, Poli, Profil, StatusAntrean
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import clock_time, iso_date, whole_day
from adapters.legacy.numbers import coordinate, count
from adapters.legacy.phones import phone
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import kemendagri_digits, position
from adapters.legacy.texts import plain_text
from schemas.facility import Facility, OpeningHours, Queue
from schemas.places import PublicAddress
from schemas.quality import QualityCode
from schemas.texts import Coded, Text

_MIDNIGHT: Final = time()


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
        clinic=clinic(w.kodepoli, w.namapoli, "/clinic", doubts),
        on=day,
        called=plain_text(w.antreanpanggil, placeholders=FEW_PLACEHOLDERS).value,
        total=total,
        waiting=doubts.of("/waiting", waiting),
        note=doubts.of("/note", plain_text(w.keterangan)),
    )
    return Normal(body, doubts.found)


def queue_key(w: StatusAntrean) -> str:
    """The clinic's code: a centre has one queue for each clinic, today's."""
    return w.kodepoli


def clinic(code: str, name: str | None, field: str, doubts: Doubts) -> Coded:
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
            found.append(clinic(poli.kodepoli, poli.namapoli, f"/clinics/{len(found)}", doubts))
    return tuple(found)


def _hours(days: tuple[Jadwal | None, ...], doubts: Doubts) -> tuple[OpeningHours, ...]:
    """The days on which the centre is open. One that cannot be read is left out, and said to be."""
    read = [doubts.of("/hours", absent(QualityCode.FIELD_MISSING) if day is None else _opening(day)) for day in days]
    return tuple(day for day in read if day is not None)


def _opening(w: Jadwal) -> Reading[OpeningHours]:
    """When the centre is open on one day; on a closed one both times are 00:00, and it is none."""
    weekday, opens, closes = _weekday(w.hari), clock_time(w.buka), clock_time(w.tutup)
    if weekday.value is None or opens.value is None or closes.value is None:
        doubts = (*weekday.doubts, *opens.doubts, *closes.doubts)
        return absent(*doubts or (QualityCode.FIELD_MISSING,))
    if opens.value == closes.value == _MIDNIGHT:
        return absent()
    return Reading(OpeningHours(weekday=weekday.value, opens=f"{opens.value:%H:%M}", closes=f"{closes.value:%H:%M}"))


def _weekday(written: str) -> Reading[int]:
    number = count(written)
    return number if number.value is None or 1 <= number.value <= 7 else absent(QualityCode.CODE_UNKNOWN)
