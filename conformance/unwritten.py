"""Rules of the suite that are not written yet: the report names them, so that no level says more than it proves."""

from dataclasses import dataclass
from typing import Final

from schemas.system import QualityLevel
from schemas.texts import Text

GOLD: Final = QualityLevel.GOLD
PLATINUM: Final = QualityLevel.PLATINUM


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A rule of a level that does not exist yet."""

    level: QualityLevel
    title: Text


NOT_WRITTEN: Final[tuple[Unwritten, ...]] = (
    Unwritten(GOLD, Text(id="perubahan bentuk dicatat", en="drift is noticed")),
    Unwritten(PLATINUM, Text(id="diperiksa pada sistem asli", en="checked against the live system")),
)
