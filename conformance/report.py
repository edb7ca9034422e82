"""The report of one adapter: a table for people, JSON for machines, a file for the gateway."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from conformance.rules import Finding, Result
from conformance.unwritten import NOT_WRITTEN
from schemas.system import QualityLevel
from schemas.texts import Text

_MARKS: Final = {Result.PASSED: "✓", Result.FAILED: "✗", Result.NOT_APPLICABLE: "–"}
_WORDS: Final = {
    Result.PASSED: "lulus · passed",
    Result.FAILED: "gagal · failed",
    Result.NOT_APPLICABLE: "tidak berlaku · not applicable",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What the suite found about one adapter. `seconds`: the whole check, its twin's start included."""

    system: str
    title: Text
    version: str
    level: QualityLevel | None
    at: datetime
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no rule that applies was broken."""
        return all(finding.result is not Result.FAILED for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "system": self.system,
            "title": _both(self.title),
            "version": self.version,
            "level": self.level,
            "at": self.at.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "binds": False,
            "rules": [_rule(finding) for finding in self.findings],
            "not_written": [{"level": one.level, "title": _both(one.title)} for one in NOT_WRITTEN],
        }

    def keep(self, folder: Path) -> None:
        """Write `<folder>/<system>.json`, whole or not at all. Raises `OSError`."""
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{self.system}.{os.getpid()}"
        draft.write_text(json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        draft.replace(folder / f"{self.system}.json")

    def table(self) -> str:
        """The report for people."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield f"{self.system} {self.version} · {self.title.id} · {self.title.en}"
        yield ""
        for finding in self.findings:
            rule = finding.rule
            yield (
                f"  {_MARKS[finding.result]} {rule.id:<24}{rule.level:<10}{finding.seconds:>6.2f} s  "
                f"{rule.title.id} · {rule.title.en}"
            )
            if finding.reason:
                yield f"      {_said(finding)}"
        yield ""
        counted = ", ".join(
            f"{sum(finding.result is result for finding in self.findings)} {word}" for result, word in _WORDS.items()
        )
        yield f"  {counted}; {self.seconds:.1f} s"
        yield f"  Tingkat mutu · Quality level: {self.level or '–'} ({self.at:%Y-%m-%d %H:%M %Z})"
        yield "  Tingkat ini ditampilkan saja, belum mengikat. · The level is shown and does not bind yet."
        yield "  Aturan yang belum ditulis · Rules not written yet:"
        for one in NOT_WRITTEN:
            yield f"    {one.level:<10}{one.title.id} · {one.title.en}"


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.rule.id,
        "level": finding.rule.level,
        "title": _both(finding.rule.title),
        "result": finding.result,
        "reason": finding.reason,
        "seconds": round(finding.seconds, 3),
    }


def _said(finding: Finding) -> str:
    return finding.reason if finding.result is Result.PASSED else f"{_WORDS[finding.result]}: {finding.reason}"


def _both(text: Text) -> dict[str, str | None]:
    return {"id": text.id, "en": text.en}
