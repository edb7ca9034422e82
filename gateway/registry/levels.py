"""Quality levels as the conformance suite computed them: reports of this installation, and those that came with it.

A report holds the digest of the adapter that it is about, so that it says nothing of another one. `platinum` needs a
check against the live system in the last thirty days beside it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from gateway.ground.clock import Clock, now
from schemas.system import LevelState, QualityLevel

PACKAGED: Final = Path(__file__).parent / "proven"
"""The reports that came with the code, one for each adapter in the tree."""

LIVE_FOR: Final = timedelta(days=30)
OLD_AFTER: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class ProvenLevel:
    """What a system's adapter has proven, when, and whether that still says something.

    `complete`: no rule that applies was broken, so that nothing but the live system is left to be checked.
    """

    level: QualityLevel | None
    at: datetime
    state: LevelState = LevelState.CURRENT
    complete: bool = False

    @property
    def binding(self) -> QualityLevel | None:
        """The level that counts: none for another code than was checked; age takes nothing away."""
        return None if self.state is LevelState.STALE else self.level


@dataclass(frozen=True, slots=True)
class _Report:
    level: ProvenLevel
    digest: str
    passed: bool


class Levels:
    """Reads the reports that `gerbang adapter check` leaves in the gateway's home, and the packaged ones."""

    def __init__(self, folder: Path, packaged: Path = PACKAGED, clock: Clock = now) -> None:
        self._folder = folder
        self._packaged = packaged
        self._clock = clock

    def of(self, system_id: str, digest: str | None) -> ProvenLevel | None:
        """The newest report about this very adapter; else the newest about another one of its name, as stale."""
        found = sorted(self._reports(system_id), key=lambda report: report.level.at, reverse=True)
        about_it = [report for report in found if digest is None or report.digest == digest]
        if not about_it:
            return replace(found[0].level, state=LevelState.STALE) if found else None
        level = about_it[0].level
        live = _read(self._folder / f"{system_id}.live.json")
        if live is not None and level.complete and self._holds(live, digest):
            return replace(level, level=QualityLevel.PLATINUM, at=live.level.at)
        old = self._clock() - level.at > OLD_AFTER
        return replace(level, state=LevelState.OLD if old else LevelState.CURRENT)

    def _holds(self, live: _Report, digest: str | None) -> bool:
        earned = live.passed and live.level.level is QualityLevel.PLATINUM
        return earned and live.digest == (digest or live.digest) and self._clock() - live.level.at <= LIVE_FOR

    def _reports(self, system_id: str) -> Iterator[_Report]:
        for folder in (self._folder, self._packaged):
            report = _read(folder / f"{system_id}.json")
            if report is not None:
                yield report


def _read(path: Path) -> _Report | None:
    """A report; None where there is none, or none that can be read."""
    try:
        stands = path.stat()
    except OSError:
        return None
    return _of_file(path, stands.st_ino, stands.st_mtime_ns, stands.st_size)


@lru_cache(maxsize=1024)
def _of_file(path: Path, *_known_by: int) -> _Report | None:
    """What stands in a file, read once for as long as it stays the same: everybody may ask for every system's level."""
    try:
        written: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        level, at = written["level"], datetime.fromisoformat(written["at"])
        if at.tzinfo is None:
            return None
        found = ProvenLevel(QualityLevel(level) if level else None, at, complete=written.get("complete") is True)
        return _Report(found, str(written.get("digest", "")), written.get("passed") is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
