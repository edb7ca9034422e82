"""Quality levels as the conformance suite computed them: one report for each system, dated."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from schemas.system import QualityLevel


@dataclass(frozen=True, slots=True)
class Level:
    """What a system's adapter has proven, and when."""

    level: QualityLevel | None
    at: datetime


class Levels:
    """Reads the reports that `gerbang adapter check` leaves in the gateway's home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, system_id: str) -> Level | None:
        """The newest report's level; None while the adapter was never checked, or its report cannot be read."""
        try:
            report = json.loads((self._folder / f"{system_id}.json").read_text(encoding="utf-8"))
            level = report["level"]
            return Level(QualityLevel(level) if level else None, datetime.fromisoformat(report["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
