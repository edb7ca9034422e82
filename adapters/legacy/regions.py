"""Region columns, one function per declared scheme, and geographical positions.

The canonical form is the dotted Kemendagri code. Nine ten-digit numbers stand for one kelurahan in the Kemendagri
scheme and for another in the BPS scheme, so a column of ten digits must declare its scheme. A region of another city
keeps its code, without a name.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Never

from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.texts import plain_text
from schemas.doubts import DoubtCode
from schemas.places import CITY_CODE, Point, RegionLevel, RegionReference, regions

_DOTTED: Final = re.compile(r"[1-9]\d\.\d{2}(\.\d{2}(\.\d{4})?)?", re.ASCII)
_TEN: Final = re.compile(r"\d{10}", re.ASCII)
_VARIANTS: Final[Mapping[str, str]] = MappingProxyType(
    {"BENUA": "BANUA", "MASJID": "MESJID", "SEI": "SUNGAI", "SEI.": "SUNGAI", "S.": "SUNGAI"}
)
_PREFIXES: Final = re.compile(r"(?:(?:KELURAHAN|KEL\.?|KECAMATAN|KEC\.?|BANJARMASIN) )+")
# The bounding box of the 52 kelurahan, in degrees: west, south, east, north.
_WEST, _SOUTH, _EAST, _NORTH = 114.522, -3.383, 114.660, -3.267


def _unknown() -> Reading[Never]:
    return absent(DoubtCode.REGION_UNKNOWN)


def dotted(written: str | None) -> Reading[RegionReference]:
    """Read a dotted Kemendagri code: `63.71.05.1002`. A code of this city that does not exist is absent."""
    if written is None:
        return absent()
    code = written.strip()
    if not _DOTTED.fullmatch(code) or (code.startswith(f"{CITY_CODE}.") and code not in regions()):
        return _unknown()
    return Reading(RegionReference.to(code))


def _ten_digits(written: str | int) -> str | None:
    digits = str(written).strip()
    return digits if _TEN.fullmatch(digits) else None


def kemendagri_digits(written: str | int | None) -> Reading[RegionReference]:
    """Read ten Kemendagri digits without dots."""
    if written is None:
        return absent()
    digits = _ten_digits(written)
    return dotted(f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}") if digits else _unknown()


def bps_digits(written: str | int | None) -> Reading[RegionReference]:
    """Read ten BPS digits (2018). Only regions of this city are recognised."""
    if written is None:
        return absent()
    code = _by_bps().get(_ten_digits(written) or "")
    return Reading(RegionReference.to(code)) if code else _unknown()


def undeclared_digits(written: str | int | None) -> Reading[RegionReference]:
    """Read ten digits of an unknown scheme, if exactly one scheme has them in this city; always with a doubt."""
    readings = {kemendagri_digits(written).value, bps_digits(written).value} - {None}
    known = [reading for reading in readings if reading is not None and reading.code in regions()]
    if written is None:
        return absent()
    if len(known) > 1:
        return absent(DoubtCode.REGION_SCHEME_MISSING)
    return Reading(known[0], (DoubtCode.REGION_SCHEME_MISSING,)) if known else _unknown()


def from_parts(
    province: int | str | None, city: int | str | None, kecamatan: int | str | None, kelurahan: int | str | None
) -> Reading[RegionReference]:
    """Read four numbers without leading zeros: 63, 71, 5, 1002."""
    parts = (province, city, kecamatan, kelurahan)
    if any(part is None for part in parts):
        return absent()
    written = [str(part).strip().zfill(width) for part, width in zip(parts, (2, 2, 2, 4), strict=True)]
    return dotted(".".join(written))


def by_name(kelurahan: str | None, kecamatan: str | None = None) -> Reading[RegionReference]:
    """Find a kelurahan by its name and kecamatan, or by a name alone that is unique in the city."""
    if kelurahan is None:
        return absent()
    codes = _by_name().get(folded(kelurahan), ())
    if kecamatan is not None and codes:
        district = folded(kecamatan)
        codes = tuple(code for code in codes if folded(regions()[code.rpartition(".")[0]].name) == district)
    return Reading(RegionReference.to(codes[0])) if len(codes) == 1 else _unknown()


def collect_region(
    doubts: Doubts, field: str, reading: Reading[RegionReference], *written: str | None
) -> RegionReference | None:
    """Return the region of a reading, and add its doubts for `field`, with the system's words for the region.

    Only for a column that holds names or codes of regions, and only for a field that is not personal data.
    """
    if reading.doubts:
        words = ", ".join(word for part in written if (word := plain_text(part).value))
        for code in reading.doubts:
            doubts.note_unknown(field, code, words)
    return reading.value


def folded(name: str) -> str:
    """Return a region's name for comparison: upper case, single blanks, one spelling, no prefix."""
    return _usual_names().get(name) or _fold(name)


def _fold(name: str) -> str:
    name = " ".join(name.upper().split())
    prefixes = _PREFIXES.match(name)
    words = name[prefixes.end() :] if prefixes else name
    return " ".join(_VARIANTS.get(word, word) for word in words.split())


@cache
def _usual_names() -> Mapping[str, str]:
    """Return the names of the city's regions as systems usually write them, each with its folded form."""
    names = [region.name for region in regions().values()]
    return MappingProxyType({name: _fold(name) for usual in names for name in (usual, usual.upper(), usual.title())})


@cache
def _by_bps() -> Mapping[str, str]:
    return MappingProxyType({region.bps_code: code for code, region in regions().items() if region.bps_code})


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code, region in regions().items():
        if region.level is RegionLevel.KELURAHAN:
            name = folded(region.name)
            found[name] = (*found.get(name, ()), code)
    return MappingProxyType(found)


def position(latitude: Reading[float], longitude: Reading[float]) -> Reading[Point]:
    """Return a point inside the city. (0, 0), swapped or distant coordinates are absent, with a doubt."""
    doubts = (*latitude.doubts, *longitude.doubts)
    if latitude.value is None or longitude.value is None:
        return absent(*doubts)
    if not (_SOUTH <= latitude.value <= _NORTH and _WEST <= longitude.value <= _EAST):
        return absent(*doubts, DoubtCode.POSITION_OUTSIDE)
    return Reading(Point(coordinates=(longitude.value, latitude.value)), doubts)
