"""Wire records of rtmc to canonical incidents and conditions. Pure."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import day_first_time
from adapters.legacy.numbers import coordinate, count, indonesian_number
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import position
from adapters.legacy.texts import WITHHELD, mask_long_numbers, plain_text
from adapters.rtmc import codes
from adapters.rtmc.wire import Kejadian, Ruas
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.notice import NoticeStatus, Severity
from schemas.places import Location, Point
from schemas.references import AgencyReference
from schemas.traffic import INCIDENT_KINDS, Condition, Congestion, Incident, IncidentKind

_PLATE: Final = re.compile(rf"\b(?:{codes.PLATE_REGIONS})[ .-]?\d{{1,4}}[ .-]?[A-Z]{{1,3}}\b", re.IGNORECASE)
_FASTEST: Final = 200
_LOST: Final = "\ufffd"
_NO_WORD: Final = frozenset({"-"})
_AGENCY: Final = AgencyReference(id="polda-kalsel")

T = TypeVar("T")


def incident(w: Kejadian) -> Normal[Incident]:
    """Return the canonical incident, with its doubts."""
    doubts = Doubts()
    known = _known("/kind", w.jenis, codes.KINDS, doubts)
    kind, general_title = known or (IncidentKind.UNKNOWN, codes.GENERAL_TITLE)
    title = doubts.collect("/title", _free_text(w.judul))
    if title is None:
        doubts.note("/title", DoubtCode.FIELD_MISSING)
    place = doubts.collect("/location/text", _free_text(w.lokasi, double_encoded=True))
    if known is None and title is None and place is None:
        raise UnusableRecordError("an incident without a known kind, a title and a place")
    ended = day_first_time(w.waktuSelesai, separator="/")
    if DoubtCode.DATE_ZERO not in ended.doubts:
        doubts.note("/ends_at", *ended.doubts)
    body = Incident(
        kind=Coded.of(INCIDENT_KINDS, kind),
        title=title or general_title,
        description=doubts.collect("/description", _free_text(w.uraian, html=True, double_encoded=True)),
        severity=_known("/severity", w.tingkat, codes.SEVERITIES, doubts) or Severity.UNKNOWN,
        status=_known("/status", w.status, codes.STATUSES, doubts, DoubtCode.STATUS_UNKNOWN) or NoticeStatus.UNKNOWN,
        starts_at=doubts.collect("/starts_at", day_first_time(w.waktu, separator="/")),
        ends_at=ended.value,
        location=Location.of(text=place, position=_position(w, doubts)),
        agency=_AGENCY,
    )
    return Normal(body, doubts.found)


def incident_key(w: Kejadian) -> str:
    """Return the incident's id."""
    return w.idKejadian


def condition(w: Ruas) -> Normal[Condition]:
    """Return the condition of one stretch in one direction. A dead detector reports neither speed nor flow."""
    doubts = Doubts()
    road = doubts.collect("/road", _text(w.namaRuas))
    if road is None:
        raise UnusableRecordError("a stretch of road without a name")
    body = Condition(
        road=road,
        direction=doubts.collect("/direction", _text(w.arah)),
        observed_at=doubts.collect("/observed_at", day_first_time(w.waktu, separator="/")),
        congestion=_known("/congestion", w.tingkat, codes.CONGESTION, doubts) or Congestion.UNKNOWN,
        speed=doubts.collect("/speed", _speed(w.kecepatan)),
        vehicle_flow=doubts.collect("/vehicle_flow", count(w.volume)),
        location=Location.of(position=_position(w, doubts)),
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
    return reading.with_doubts(DoubtCode.TEXT_ENCODING) if lost else reading


def _free_text(written: str | None, *, html: bool = False, double_encoded: bool = False) -> Reading[str]:
    """Return text that people typed, with number plates, telephone numbers and NIK masked: these are police data."""
    return _text(written, html=html, double_encoded=double_encoded).map(_masked)


def _masked(text: str) -> str:
    return mask_long_numbers(_PLATE.sub(WITHHELD, text))


def _known(
    field: str,
    written: str | None,
    table: Mapping[str, T],
    doubts: Doubts,
    unknown: DoubtCode = DoubtCode.CODE_UNKNOWN,
) -> T | None:
    """Return the value of a word in a code table, or None with a doubt.

    The doubt about an unknown word carries it, masked like free text, because people type such words.
    """
    known = table.get(_folded(written))
    if known is None:
        word = plain_text(written, placeholders=_NO_WORD).map(_masked)
        doubts.note(field, *word.doubts)
        if word.value is not None:
            doubts.note_unknown(field, unknown, word.value)
        elif not word.doubts:
            doubts.note(field, DoubtCode.FIELD_MISSING)
    return known


def _position(w: Kejadian | Ruas, doubts: Doubts) -> Point | None:
    return doubts.collect("/location/position", position(coordinate(w.lat), coordinate(w.lng)))


def _speed(written: str | None) -> Reading[float]:
    """Return km/h, written with a decimal comma; an impossible speed is an error of the detector."""
    speed = indonesian_number(written).map(float)
    return absent(DoubtCode.NUMBER_AMBIGUOUS) if speed.value is not None and speed.value > _FASTEST else speed
