"""Rules of the suite that are not written yet: the report names them, so that no level says more than it proves."""

from dataclasses import dataclass
from typing import Final

from schemas.system import QualityLevel
from schemas.texts import Text

BRONZE: Final = QualityLevel.BRONZE
SILVER: Final = QualityLevel.SILVER
GOLD: Final = QualityLevel.GOLD
PLATINUM: Final = QualityLevel.PLATINUM


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A rule of a level that does not exist yet."""

    level: QualityLevel
    title: Text


NOT_WRITTEN: Final[tuple[Unwritten, ...]] = (
    Unwritten(
        BRONZE,
        Text(id="kolom hilang, tanggal nol, kunci ganda", en="missing fields, zero dates, doubled keys"),
    ),
    Unwritten(SILVER, Text(id="mutasi muatan terekam", en="mutation of recorded payloads")),
    Unwritten(SILVER, Text(id="batas dipatuhi", en="limits are kept")),
    Unwritten(
        SILVER,
        Text(id="token warga tidak sampai ke sistem", en="the resident's token never reaches the system"),
    ),
    Unwritten(SILVER, Text(id="halaman saat data berubah", en="paging while records come and go")),
    Unwritten(SILVER, Text(id="pintu: simpan dahulu, baru jawab", en="doors store before they reply")),
    Unwritten(GOLD, Text(id="perubahan bentuk dicatat", en="drift is noticed")),
    Unwritten(GOLD, Text(id="semua gangguan kota tiruan", en="every fault of the twin")),
    Unwritten(PLATINUM, Text(id="diperiksa pada sistem asli", en="checked against the live system")),
)
