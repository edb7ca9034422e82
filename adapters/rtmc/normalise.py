"""Wire records of rtmc to canonical incidents and conditions. Pure."""

import re
from typing import Final

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import day_first_time
from adapters.legacy.numbers import coordinate, count, indonesian_number
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import position
from adapters.legacy.texts import plain_text
from adapters.rtmc import codes
from adapters.rtmc.wire import Kejadian, Ruas
from schemas.quality import QualityCode
from schemas.traffic import Condition, Congestion, Incident, IncidentKind, IncidentStatus, Severity

_PLATE: Final = re.compile(rf"\b(?:{codes.PLATE_REGIONS})[ .-]?\d{{1,4}}[ .-]?[A-Z]{{1,3}}\b", re.IGNORECASE)
_LONG_NUMBER: Final = re.compile(r"\+?\d(?:[ .-]?\d){9,}")
_WITHHELD: Final = "[nomor disamarkan]"
_FASTEST: Final = 200
_LOST: Final = "\ufffd"


def incident(w: Kejadian) -> Normal[Incident]:
    """Return the canonical incident, with its doubts."""
    doubts = Doubts()
    kind, called = codes.KINDS.get(_folded(w.jenis), (IncidentKind.OTHER, codes.OTHER_TITLE))
    unknown = kind is IncidentKind.OTHER
    if unknown:
        doubts.note("/kind", QualityCode.CODE_UNKNOWN)
    title = doubts.collect("/title", _free_text(w.judul))
    if title is None:
        doubts.note("/title", QualityCode.FIELD_MISSING)
    place = doubts.collect("/place", _free_text(w.lokasi, double_encoded=True))
    if unknown and title is None and place is None:
        raise UnusableRecordError("an incident without a known kind, a title and a place")
    ended = day_first_time(w.waktuSelesai, separator="/")
    if QualityCode.DATE_ZERO not in ended.doubts:
        doubts.note("/ends_at", *ended.doubts)
    body = Incident(
        kind=kind,
        original_kind=doubts.collect("/original_kind", _free_text(w.jenis)) if unknown else None,
        title=title or called,
        description=doubts.collect("/description", _free_text(w.uraian, html=True, double_encoded=True)),
        severity=doubts.collect("/severity", _severity(w.tingkat)) or Severity.UNKNOWN,
        status=doubts.collect("/status", _status(w, over=ended.value is not None)) or IncidentStatus.ACTIVE,
        starts_at=doubts.collect("/starts_at", day_first_time(w.waktu, separator="/")),
        ends_at=ended.value,
        place=place,
        position=doubts.collect("/position", position(coordinate(w.lat), coordinate(w.lng))),
    )
    return Normal(body, doubts.found)


def incident_key(w: Kejadian) -> str:
    """Return the incident's id."""
    return w.idKejadian


def condition(w: Ruas) -> Normal[Condition]:
    """Return the condition of one stretch in one direction. A dead detector reports neither speed nor volume."""
    doubts = Doubts()
    road = doubts.collect("/road", _text(w.namaRuas))
    if road is None:
        raise UnusableRecordError("a stretch of road without a name")
    body = Condition(
        road=road,
        direction=doubts.collect("/direction", _text(w.arah)),
        observed_at=doubts.collect("/observed_at", day_first_time(w.waktu, separator="/")),
        congestion=doubts.collect("/congestion", _congestion(w.tingkat)) or Congestion.UNKNOWN,
        speed=doubts.collect("/speed", _speed(w.kecepatan)),
        volume=doubts.collect("/volume", count(w.volume)),
        position=doubts.collect("/position", position(coordinate(w.lat), coordinate(w.lng))),
    )
    return Normal(body, doubts.found)


def condition_key(w: Ruas) -> str:
    """Return the code of the stretch and its direction."""
    return w.kodeRuas


def _folded(word: str | None) -> str:
    return " ".join((word or "").upper().split())


def _text(written: str | None, *, html: bool = False, double_encoded: bool = False) -> Reading[str]:
    reading = plain_text(written, html=html, double_encoded=double_encoded)
    lost = reading.value is not None and _LOST in reading.value
    return reading.with_doubts(QualityCode.TEXT_ENCODING) if lost else reading


def _free_text(written: str | None, *, html: bool = False, double_encoded: bool = False) -> Reading[str]:
    """Return text that people typed, with number plates, telephone numbers and NIK masked: these are police data."""
    reading = _text(written, html=html, double_encoded=double_encoded)
    return reading.map(lambda text: _LONG_NUMBER.sub(_WITHHELD, _PLATE.sub(_WITHHELD, text)))


def _severity(written: str | None) -> Reading[Severity]:
    known = codes.SEVERITIES.get(_folded(written))
    nothing = _folded(written) in {"", "-"}
    return Reading(known or Severity.UNKNOWN, () if known or nothing else (QualityCode.CODE_UNKNOWN,))


def _status(w: Kejadian, *, over: bool) -> Reading[IncidentStatus]:
    """Return the status as stated; with an unknown word, an incident without an end is active."""
    known = codes.STATUSES.get(_folded(w.status))
    if known is not None:
        return Reading(known)
    return Reading(IncidentStatus.RESOLVED if over else IncidentStatus.ACTIVE, (QualityCode.STATUS_UNKNOWN,))


def _speed(written: str | None) -> Reading[float]:
    """Return km/h, written with a decimal comma; an impossible speed is an error of the detector."""
    speed = indonesian_number(written).map(float)
    return absent(QualityCode.NUMBER_AMBIGUOUS) if speed.value is not None and speed.value > _FASTEST else speed


def _congestion(written: str | None) -> Reading[Congestion]:
    known = codes.CONGESTION.get(_folded(written))
    nothing = _folded(written) in {"", "-"}
    return Reading(known or Congestion.UNKNOWN, () if known or nothing else (QualityCode.CODE_UNKNOWN,))
