"""Wire records of the public part to canonical ones: the health centre and the queues of its clinics. Pure."""

import re
from datetime import time
from typing import Final

from adapters.contract import Normal
from adapters.e_puskesmas.codes import AGENCY_ID, CLINICS, FEW_PLACEHOLDERS, OWN_CLINIC_LIST
from adapters.e_puskesmas.wire import Jadwal, Poli, Profil, StatusAntrean
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import clock_time, iso_date, whole_day
from adapters.legacy.numbers import coordinate, count
from adapters.legacy.phones import phone
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import collect_region, kemendagri_digits, position
from adapters.legacy.texts import mask_long_numbers, plain_text
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.facility import FACILITY_KINDS, Facility, FacilityKind, OpeningHours, Queue
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.places import Location
from schemas.references import AgencyReference, Reference
from schemas.texts import Text

_KIND: Final = Coded.of(FACILITY_KINDS, FacilityKind.PUSKESMAS)
_AGENCY: Final = AgencyReference(id=AGENCY_ID)
_BPJS_CODE: Final = re.compile(r"[0-9A-Z]{8}", re.ASCII)
_MIDNIGHT: Final = time()


def facility(w: Profil) -> Normal[Facility]:
    """Return the canonical health centre, with its doubts."""
    doubts = Doubts()
    name = doubts.collect("/name", plain_text(w.nmProvider))
    if name is None:
        raise UnusableRecordError("a health centre without a name")
    body = Facility(
        kind=_KIND,
        name=name,
        identifiers=_identifiers(w.kdProvider, doubts),
        agency=_AGENCY,
        location=Location.of(
            text=doubts.collect("/location/text", plain_text(w.alamat)),
            region=collect_region(doubts, "/location/region", kemendagri_digits(w.kdKelurahan), w.kdKelurahan),
            postal_code=doubts.collect("/location/postal_code", plain_text(w.kodePos)),
            position=doubts.collect("/location/position", position(coordinate(w.lintang), coordinate(w.bujur))),
        ),
        phone=doubts.collect("/phone", phone(w.telp)),
        clinics=_clinics(w.poli, doubts),
        hours=_hours(w.jadwal, doubts),
    )
    return Normal(body, doubts.found)


def facility_key(w: Profil) -> str:
    """Return the centre's code."""
    return w.kdProvider


def queue(w: StatusAntrean) -> Normal[Queue]:
    """Return the state of one clinic's queue. A number of waiting people above the total is absent, with a doubt."""
    doubts = Doubts()
    day = doubts.collect("/day", whole_day(iso_date(w.tanggal)))
    if day is None:
        raise UnusableRecordError("a queue without a day")
    total = doubts.collect("/total", count(w.totalantrean))
    waiting = count(w.sisaantrean)
    if total is not None and waiting.value is not None and waiting.value > total:
        waiting = absent(DoubtCode.NUMBER_AMBIGUOUS)
    body = Queue(
        facility=Reference(id=w.kdProvider),
        clinic=_public_clinic(w.kodepoli, w.namapoli, "/clinic", doubts),
        day=day,
        called=plain_text(w.antreanpanggil, placeholders=FEW_PLACEHOLDERS).value,
        total=total,
        waiting=doubts.collect("/waiting", waiting),
        note=doubts.collect("/note", plain_text(w.keterangan).map(mask_long_numbers)),
    )
    return Normal(body, doubts.found)


def queue_key(w: StatusAntrean) -> str:
    """Return the clinic's code: a centre has one queue for each clinic, for today."""
    return w.kodepoli


def clinic(code: str, name: str | None) -> Coded:
    """Return the city's code for a clinic; a centre's own clinic keeps its code and name, under the service's list."""
    known = CLINICS.get(code.strip())
    if known is not None:
        return known
    shown = plain_text(name).map(lambda text: Text(id=text)).value
    return Coded(scheme=OWN_CLINIC_LIST, code=code.strip(), text=shown)


def _public_clinic(code: str, name: str | None, field: str, doubts: Doubts) -> Coded:
    """Return the clinic of a public record; the doubt about a centre's own clinic carries its code."""
    found = clinic(code, name)
    if found.scheme == OWN_CLINIC_LIST:
        doubts.note_unknown(field, DoubtCode.CODE_UNKNOWN, plain_text(code, placeholders=frozenset()).value)
    return found


def _identifiers(code: str, doubts: Doubts) -> tuple[Identifier, ...]:
    """Return the centre's BPJS code; one that does not have eight digits or letters is not exact, with a doubt."""
    value = doubts.collect("/identifiers", plain_text(code))
    if value is None:
        return ()
    exact = _BPJS_CODE.fullmatch(value) is not None
    if not exact:
        doubts.note("/identifiers/0", DoubtCode.NUMBER_FORM)
    return (Identifier(scheme=IdentifierScheme.HEALTH_FACILITY, value=value, exact=exact),)


def _clinics(clinics: tuple[Poli | None, ...], doubts: Doubts) -> tuple[Coded, ...]:
    """Return the clinics that are open today. An unreadable one is left out, with a doubt."""
    found: list[Coded] = []
    for poli in clinics:
        if poli is None:
            doubts.note("/clinics", DoubtCode.FIELD_MISSING)
        else:
            found.append(_public_clinic(poli.kodepoli, poli.namapoli, f"/clinics/{len(found)}", doubts))
    return tuple(found)


def _hours(days: tuple[Jadwal | None, ...], doubts: Doubts) -> tuple[OpeningHours, ...]:
    """Return the opening hours. An unreadable day is left out, with a doubt."""
    read = [doubts.collect("/hours", absent(DoubtCode.FIELD_MISSING) if day is None else _opening(day)) for day in days]
    return tuple(day for day in read if day is not None)


def _opening(w: Jadwal) -> Reading[OpeningHours]:
    """Return the opening hours of one day; absent on a closed day, on which both times are 00:00."""
    weekday, opens, closes = _weekday(w.hari), clock_time(w.buka), clock_time(w.tutup)
    if weekday.value is None or opens.value is None or closes.value is None:
        doubts = (*weekday.doubts, *opens.doubts, *closes.doubts)
        return absent(*doubts or (DoubtCode.FIELD_MISSING,))
    if opens.value == closes.value == _MIDNIGHT:
        return absent()
    return Reading(OpeningHours(weekday=weekday.value, opens=f"{opens.value:%H:%M}", closes=f"{closes.value:%H:%M}"))


def _weekday(written: str) -> Reading[int]:
    number = count(written)
    return number if number.value is None or 1 <= number.value <= 7 else absent(DoubtCode.CODE_UNKNOWN)
