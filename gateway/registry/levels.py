"""Quality levels that the conformance suite computed: reports of this installation, and packaged ones.

A report contains the digest of its adapter, so that it does not apply to another version. `platinum` additionally needs
a check against the live system in the last thirty days.
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
"""The packaged reports, one for each built-in adapter."""

LIVE_FOR: Final = timedelta(days=30)
OLD_AFTER: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class ProvenLevel:
    """The level that a system's adapter has proven, its time, and whether it is still current.

    `complete`: every applicable rule passed, so that only the live system is left to be checked.
    """

    level: QualityLevel | None
    at: datetime
    state: LevelState = LevelState.CURRENT
    complete: bool = False

    @property
    def binding(self) -> QualityLevel | None:
        """The level that counts: none if the code has changed since; age does not reduce it."""
        return None if self.state is LevelState.STALE else self.level


@dataclass(frozen=True, slots=True)
class _Report:
    level: ProvenLevel
    digest: str
    passed: bool


class Levels:
    """Reads the reports that `gerbang adapter check` writes into the gateway's home, and the packaged ones."""

    def __init__(self, folder: Path, packaged: Path = PACKAGED, clock: Clock = now) -> None:
        self._folder = folder
        self._packaged = packaged
        self._clock = clock

    def of(self, system_id: str, digest: str | None) -> ProvenLevel | None:
        """The newest report about this version of the adapter; else the newest about another version, as stale."""
        found = sorted(self._reports(system_id), key=lambda report: report.level.at, reverse=True)
        matching = [report for report in found if digest is None or report.digest == digest]
        if not matching:
            return replace(found[0].level, state=LevelState.STALE) if found else None
        level = matching[0].level
        live = _read(self._folder / f"{system_id}.live.json")
        if live is not None and level.complete and self._is_valid_live_check(live, digest):
            return replace(level, level=QualityLevel.PLATINUM, at=live.level.at)
        old = self._clock() - level.at > OLD_AFTER
        return replace(level, state=LevelState.OLD if old else LevelState.CURRENT)

    def _is_valid_live_check(self, live: _Report, digest: str | None) -> bool:
        earned = live.passed and live.level.level is QualityLevel.PLATINUM
        return earned and live.digest == (digest or live.digest) and self._clock() - live.level.at <= LIVE_FOR

    def _reports(self, system_id: str) -> Iterator[_Report]:
        for folder in (self._folder, self._packaged):
            report = _read(folder / f"{system_id}.json")
            if report is not None:
                yield report


def _read(path: Path) -> _Report | None:
    """The report in a file; None where there is none, or it is unreadable."""
    try:
        status = path.stat()
    except OSError:
        return None
    return _of_file(path, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1024)
def _of_file(path: Path, *_file_identity: int) -> _Report | None:
    """Parse a file once for as long as it is unchanged: any caller may request every system's level."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        level, at = content["level"], datetime.fromisoformat(content["at"])
        if at.tzinfo is None:
            return None
        found = ProvenLevel(QualityLevel(level) if level else None, at, complete=content.get("complete") is True)
        return _Report(found, str(content.get("digest", "")), content.get("passed") is True)
    except (OSError, ValueError, KeyError, TypeError):
        return None
