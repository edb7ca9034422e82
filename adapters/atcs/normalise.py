"""Wire records of the control centre to canonical ones: traffic conditions, and cameras with their state. Pure."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Never

from adapters.atcs.addresses import shown
from adapters.atcs.wire import Aliran, Hitungan, Kamera, Posisi
from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import local_time
from adapters.legacy.numbers import coordinate, count, plain_number
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import position
from adapters.legacy.texts import plain_text
from schemas.doubts import DoubtCode
from schemas.places import Location, Point
from schemas.traffic import Camera, CameraStatus, Condition, Congestion

_LIVE_WITHIN: Final = timedelta(seconds=60)
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_OUTDATED_AFTER: Final = timedelta(minutes=45)
# Assumed: ratios of volume to capacity that secondary sources quote from KM 14/2006, the highest of its levels of
# service A, B, D and E. The regulation itself was not checked (README).
_FREE_BELOW: Final = Decimal("0.6")
_UP_TO: Final = (
    (Decimal("0.7"), Congestion.BUSY),
    (Decimal("0.85"), Congestion.HEAVY),
    (Decimal(1), Congestion.SLOW),
)
_MOST_RATIO: Final = Decimal(3)
_HOUR: Final = 60


def camera(w: Kamera) -> Normal[Camera]:
    """Return the canonical camera; the status that the wall claims is ignored."""
    doubts = Doubts()
    code = plain_text(w.code).value
    if code is None:
        raise UnusableRecordError("a camera without a code")
    body = Camera(
        name=doubts.collect("/name", plain_text(w.name)) or code,
        location=Location.of(position=doubts.collect("/location/position", _place(w.posisi))),
        status=doubts.collect("/status", _status(w.aliran)) or CameraStatus.UNKNOWN,
        checked_at=w.aliran.diperiksa if w.aliran else None,
        snapshot_url=doubts.collect("/snapshot_url", _address(w.poster, w.asal)),
        stream_url=doubts.collect("/stream_url", _address(w.stream, w.asal)),
    )
    return Normal(body, doubts.found)


def camera_key(w: Kamera) -> str:
    """Return the camera's code."""
    return w.code


def condition(w: Hitungan) -> Normal[Condition]:
    """Return the counts on one arm of a junction. Hours-old counts do not describe the present state (Q60)."""
    doubts = Doubts()
    name = doubts.collect("/road", plain_text(w.nama)) or plain_text(w.simpang).value
    if name is None:
        raise UnusableRecordError("a count without a junction")
    observed = doubts.collect("/observed_at", local_time(w.waktu))
    fresh = observed is not None and not _outdated(observed, w.diambil)
    if observed is not None and not fresh:
        doubts.note("/observed_at", DoubtCode.RECORD_OUTDATED)
    saturation = doubts.collect("/saturation", _saturation(w.derajat_jenuh)) if fresh else None
    body = Condition(
        road=name,
        direction=doubts.collect("/direction", plain_text(w.arah)),
        observed_at=observed,
        congestion=_congestion(saturation),
        saturation=None if saturation is None else float(saturation),
        vehicle_flow=doubts.collect("/vehicle_flow", _vehicle_flow(w)) if fresh else None,
        location=Location.of(position=doubts.collect("/location/position", _place(w.posisi))),
    )
    return Normal(body, doubts.found)


def condition_key(w: Hitungan) -> str:
    """Return the junction and the arm."""
    return f"{w.simpang}/{w.arah}"


def _place(w: Posisi | None) -> Reading[Point]:
    """Return the position if it is in the city.

    Swapped degrees are not corrected, because nothing confirms them (Q45).
    """
    return absent() if w is None else position(coordinate(w.lintang), coordinate(w.bujur))


def _status(w: Aliran | None) -> Reading[CameraStatus]:
    if w is None or not w.bertanggal:
        return absent()
    if w.terbaru is None:
        return Reading(CameraStatus.OFFLINE)
    age = w.diperiksa - w.terbaru
    if age < -_CLOCKS_DIFFER:
        return absent(DoubtCode.DATE_UNTRUSTED)
    return Reading(CameraStatus.ONLINE if age <= _LIVE_WITHIN else CameraStatus.OFFLINE)


def _address(written: str | None, origin: str) -> Reading[str]:
    """Return an address that may be published; one that is internal or contains a key is left out (Q46)."""
    if written is None or not written.strip():
        return absent()
    address = shown(written, origin)
    return _left_out() if address is None else Reading(address)


def _left_out() -> Reading[Never]:
    return absent(DoubtCode.FIELD_MISSING)


def _outdated(observed: datetime, asked: datetime | None) -> bool:
    return asked is not None and asked - observed > _OUTDATED_AFTER


def _saturation(written: str | None) -> Reading[Decimal]:
    """Return the degree of saturation: the ratio of traffic to the capacity of the arm."""
    ratio = plain_number(written)
    if ratio.value is None:
        return absent(*(ratio.doubts or (DoubtCode.FIELD_MISSING,)))
    return ratio if ratio.value <= _MOST_RATIO else absent(DoubtCode.NUMBER_AMBIGUOUS)


def _congestion(saturation: Decimal | None) -> Congestion:
    """Return the congestion by the degree of saturation; that these bounds are those of our levels is assumed.

    The bounds are decimals: as a float, 0.85 is less than the 0.85 of the centre.
    """
    if saturation is None:
        return Congestion.UNKNOWN
    if saturation < _FREE_BELOW:
        return Congestion.FREE
    return next((level for bound, level in _UP_TO if saturation <= bound), Congestion.JAMMED)


def _vehicle_flow(w: Hitungan) -> Reading[int]:
    """Return vehicles an hour, from the count of `selang` minutes."""
    counted, minutes = count(w.jumlah), count(w.selang).value
    if not minutes or minutes > _HOUR:
        return absent(*counted.doubts, DoubtCode.NUMBER_AMBIGUOUS)
    return counted.map(lambda vehicles: vehicles * _HOUR // minutes)
