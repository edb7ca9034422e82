"""Wire records of LAPOR to canonical complaints, and the command to submit one to its fields. Pure."""

from typing import Final

from adapters.contract import Normal, Refused
from adapters.errors import UnusableRecordError
from adapters.lapor import codes
from adapters.lapor.wire import Laporan, Pelapor, Tanggapan
from adapters.legacy.booleans import flag
from adapters.legacy.dates import local_time
from adapters.legacy.nik import nik_from_text
from adapters.legacy.numbers import coordinate
from adapters.legacy.reading import Doubts
from adapters.legacy.receipts import with_code, without_code
from adapters.legacy.regions import by_name, collect_region, position
from adapters.legacy.texts import plain_text
from schemas.case import CaseStatus
from schemas.codes import Coded
from schemas.complaint import Complaint, SubmitComplaint
from schemas.doubts import DoubtCode
from schemas.event import Event
from schemas.identifiers import Person
from schemas.places import Location, RegionLevel, RegionReference, regions
from schemas.references import AgencyReference
from schemas.texts import Text

_LONGEST_WORD: Final = 40
_SHORTEST_TEXT: Final = 10
_NO_PLACEHOLDERS: Final[frozenset[str]] = frozenset()


def key(w: Laporan) -> str:
    """Return the tracking number."""
    return w.trackingid


def complaint(w: Laporan) -> Normal[Complaint]:
    """Return the canonical complaint, with its doubts."""
    doubts = Doubts()
    text = doubts.collect("/text", plain_text(text_without_code(w.isi), placeholders=_NO_PLACEHOLDERS))
    if text is None:
        raise UnusableRecordError("a complaint without a text")
    status, status_text = _status(w.tahap, doubts)
    degrees = [coordinate(column, zero_is_absent=True) for column in (w.lat, w.lng)]
    body = Complaint(
        kind=_category(w, doubts),
        number=w.trackingid,
        title=doubts.collect("/title", plain_text(w.judul)),
        text=text,
        status=status,
        status_text=status_text,
        # The server has already added an hour to Jakarta's time: the values are WITA.
        submitted_at=doubts.collect("/submitted_at", local_time(w.tanggal)),
        updated_at=doubts.collect("/updated_at", local_time(w.perubahan)),
        expected_at=doubts.collect("/expected_at", local_time(w.tenggat or None)),
        agency=doubts.collect("/agency", plain_text(w.instansi).map(_agency)),
        location=Location.of(
            text=doubts.collect("/location/text", plain_text(w.lokasi)),
            region=_region(w, doubts),
            position=doubts.collect("/location/position", position(*degrees)),
        ),
        history=_replies(w.tanggapan, doubts),
        confidential=_unless_denied("/confidential", w.rahasia, doubts),
        anonymous=_unless_denied("/anonymous", w.anonim, doubts),
        applicant=_reporter(w.pelapor, doubts),
    )
    return Normal(body, doubts.found)


def text_without_code(written: str | None) -> str | None:
    """Return the text as the reporter wrote it: without the receipt code."""
    return None if written is None else without_code(written)


def _unless_denied(field: str, written: str | None, doubts: Doubts) -> bool:
    """Return a flag that protects people: False only if the column clearly states no."""
    stated = flag(written, yes="1", no="0")
    for code in stated.doubts:
        doubts.note_unknown(field, code, plain_text(written, placeholders=_NO_PLACEHOLDERS).value)
    if written is None or not written.strip():
        doubts.note(field, DoubtCode.FIELD_MISSING)
    return stated.value is not False


def _region(w: Laporan, doubts: Doubts) -> RegionReference | None:
    region = by_name(w.kelurahan or None, w.kecamatan or None)
    return collect_region(doubts, "/location/region", region, w.kelurahan, w.kecamatan)


def _agency(name: str) -> AgencyReference:
    return AgencyReference(name=Text(id=name))


def _status(written: str | None, doubts: Doubts) -> tuple[CaseStatus, Text]:
    """Return the status of a stage and LAPOR's words for it; the word of an unknown stage is in the doubt."""
    known = codes.STAGES.get(codes.folded(written))
    if known is not None:
        return known
    word = plain_text((written or "")[:_LONGEST_WORD], placeholders=_NO_PLACEHOLDERS).value
    doubts.note_unknown("/status", DoubtCode.STATUS_UNKNOWN if word else DoubtCode.FIELD_MISSING, word)
    return CaseStatus.UNKNOWN, CaseStatus.UNKNOWN.text


def _category(w: Laporan, doubts: Doubts) -> Coded | None:
    topic = plain_text((w.topik or "")[:_LONGEST_WORD]).value
    if topic is None:
        return None
    known = codes.CATEGORIES.get(topic)
    if known is not None:
        return known
    doubts.note_unknown("/kind", DoubtCode.CODE_UNKNOWN, topic)
    name = plain_text(w.topik_nama).map(lambda text: Text(id=text)).value
    return Coded(scheme=codes.OWN_TOPICS, code=topic, text=name)


def _replies(written: tuple[Tanggapan, ...], doubts: Doubts) -> tuple[Event, ...]:
    found: list[Event] = []
    for answer in written:
        place = f"/history/{len(found)}"
        read = plain_text(answer.isi)
        text = doubts.collect(f"{place}/text" if read.value else "/history", read)
        if text is None:
            continue
        at = doubts.collect(f"{place}/at", local_time(answer.tanggal))
        by = doubts.collect(f"{place}/by", plain_text(answer.instansi).map(lambda name: Text(id=name)))
        found.append(Event(at=at, by=by, text=text))
    return tuple(found)


def _reporter(w: Pelapor | None, doubts: Doubts) -> Person | None:
    if w is None:
        return None
    number = doubts.collect("/applicant/identifiers", nik_from_text(w.nik))
    full_name = " ".join(part for part in (w.namadepan, w.namabelakang) if part)
    name = doubts.collect("/applicant/name", plain_text(full_name))
    return Person(name=name, identifiers=(number,) if number else ())


def submission(command: SubmitComplaint, nik: str | None, code: str) -> dict[str, str] | Refused:
    """Return the fields of a report; the receipt code is appended to the text in brackets."""
    if not nik:
        return Refused("nik-missing", "Laporan memerlukan NIK.")
    topic = codes.TOPICS.get(command.kind)
    if topic is None:
        return Refused("kind-unknown", "Topik ini tidak ada di LAPOR.")
    place = _place(command.region)
    if place is None:
        return Refused("region-unknown", "Kelurahan ini tidak ada di Kota Banjarmasin.")
    text = plain_text(command.text, placeholders=_NO_PLACEHOLDERS).value or ""
    if len(text) < _SHORTEST_TEXT:
        return Refused("text-refused", "Isi laporan terlalu pendek.")
    longitude, latitude = command.position.coordinates if command.position else (None, None)
    return {
        "nik": nik,
        "rahasia": "1" if command.confidential else "0",
        "anonim": "1" if command.anonymous else "0",
        "judul": plain_text(command.title).value or "",
        "isi": with_code(text, code),
        "topik": topic,
        **place,
        "lokasi": plain_text(command.place).value or "",
        "lat": "" if latitude is None else f"{latitude:.6f}",
        "lng": "" if longitude is None else f"{longitude:.6f}",
    }


def _place(code: str | None) -> dict[str, str] | None:
    """Return the names of a kelurahan and its kecamatan; empty for None, None for a region outside the city."""
    if code is None:
        return {}
    kelurahan = regions().get(code)
    if kelurahan is None or kelurahan.parent is None or kelurahan.level is not RegionLevel.KELURAHAN:
        return None
    return {"kelurahan": kelurahan.name, "kecamatan": kelurahan.parent.name or ""}
