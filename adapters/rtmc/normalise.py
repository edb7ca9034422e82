"""From the service's incidents and roads to canonical ones. Pure."""

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
    """What disturbs traffic."""
    doubts = Doubts()
    kind, called = codes.KINDS.get(_folded(w.jenis), (IncidentKind.OTHER, codes.OTHER_TITLE))
    unknown = kind is IncidentKind.OTHER
    if unknown:
        doubts.note("/kind", QualityCode.CODE_UNKNOWN)
    title = doubts.of("/title", _free_text(w.judul))
    if title is None:
        doubts.note("/title", QualityCode.FIELD_MISSING)
    place = doubts.of("/place", _free_text(w.lokasi, double_encoded=True))
    if unknown and title is None and place is None:
        raise UnusableRecordError("an incident that says neither what it is nor where")
    ended = day_first_time(w.waktuSelesai, separator="/")
    if QualityCode.DATE_ZERO not in ended.doubts:
        doubts.note("/ends_at", *ended.doubts)
    body = Incident(
        kind=kind,
        original_kind=doubts.of("/original_kind", _free_text(w.jenis)) if unknown else None,
        title=title or called,
        description=doubts.of("/description", _free_text(w.uraian, html=True, double_encoded=True)),
        severity=doubts.of("/severity", _severity(w.tingkat)) or Severity.UNKNOWN,
        status=doubts.of("/status", _status(w, over=ended.value is not None)) or IncidentStatus.ACTIVE,
        starts_at=doubts.of("/starts_at", day_first_time(w.waktu, separator="/")),
        ends_at=ended.value,
        place=place,
        position=doubts.of("/position", position(coordinate(w.lat), coordinate(w.lng))),
    )
    return Normal(body, doubts.found)


def incident_key(w: Kejadian) -> str:
    """The incident's id."""
    return w.idKejadian


def condition(w: Ruas) -> Normal[Condition]:
    """How traffic flows on one stretch, in one direction. A detector that is dead has neither speed nor volume."""
    doubts = Doubts()
    road = doubts.of("/road", _text(w.namaRuas))
    if road is None:
        raise UnusableRecordError("a stretch of road without a name")
    body = Condition(
        road=road,
        direction=doubts.of("/direction", _text(w.arah)),
        observed_at=doubts.of("/observed_at", day_first_time(w.waktu, separator="/")),
        congestion=doubts.of("/congestion", _congestion(w.tingkat)) or Congestion.UNKNOWN,
        speed=doubts.of("/speed", _speed(w.kecepatan)),
        volume=doubts.of("/volume", count(w.volume)),
        position=doubts.of("/position", position(coordinate(w.lat), coordinate(w.lng))),
    )
    return Normal(body, doubts.found)


def condition_key(w: Ruas) -> str:
    """The code of the stretch and its direction."""
    return w.kodeRuas


def _folded(word: str | None) -> str:
    return " ".join((word or "").upper().split())


def _text(written: str | None, *, html: bool = False, double_encoded: bool = False) -> Reading[str]:
    reading = plain_text(written, html=html, double_encoded=double_encoded)
    lost = reading.value is not None and _LOST in reading.value
    return reading.but(QualityCode.TEXT_ENCODING) if lost else reading


def _free_text(written: str | None, *, html: bool = False, double_encoded: bool = False) -> Reading[str]:
    """Text that people typed, without number plates, telephone numbers or NIK: those are the police's own affair."""
    reading = _text(written, html=html, double_encoded=double_encoded)
    return reading.then(lambda text: _LONG_NUMBER.sub(_WITHHELD, _PLATE.sub(_WITHHELD, text)))


def _severity(written: str | None) -> Reading[Severity]:
    known = codes.SEVERITIES.get(_folded(written))
    nothing = _folded(written) in {"", "-"}
    return Reading(known or Severity.UNKNOWN, () if known or nothing else (QualityCode.CODE_UNKNOWN,))


def _status(w: Kejadian, *, over: bool) -> Reading[IncidentStatus]:
    """As the service says; by a word that is not known, what has no end goes on."""
    known = codes.STATUSES.get(_folded(w.status))
    if known is not None:
        return Reading(known)
    return Reading(IncidentStatus.RESOLVED if over else IncidentStatus.ACTIVE, (QualityCode.STATUS_UNKNOWN,))


def _speed(written: str | None) -> Reading[float]:
    """Kilometres an hour, with a decimal comma; more than any car drives is a mistake of the detector's."""
    speed = indonesian_number(written).then(float)
    return absent(QualityCode.NUMBER_AMBIGUOUS) if speed.value is not None and speed.value > _FASTEST else speed


def _congestion(written: str | None) -> Reading[Congestion]:
    known = codes.CONGESTION.get(_folded(written))
    nothing = _folded(written) in {"", "-"}
    return Reading(known or Congestion.UNKNOWN, () if known or nothing else (QualityCode.CODE_UNKNOWN,))
