"""The report of one adapter: a table for people, JSON for programs, a file for the gateway."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from conformance.levels import complete
from conformance.rules import Finding, Result
from schemas.system import QualityLevel
from schemas.texts import Text

_MARKS: Final = {Result.PASSED: "✓", Result.FAILED: "✗", Result.NOT_APPLICABLE: "–"}
_KEPT: Final = 20
_DATED: Final = f"{'[0-9]' * 8}T{'[0-9]' * 6}"
_WORDS: Final = {
    Result.PASSED: "lulus · passed",
    Result.FAILED: "gagal · failed",
    Result.NOT_APPLICABLE: "tidak berlaku · not applicable",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of the suite for one adapter. `seconds`: duration of the check, including the simulator's start.

    `digest`: of the adapter that was checked. `live`: the check ran against the live system, with the read-only rules.
    """

    system: str
    title: Text
    version: str
    level: QualityLevel | None
    at: datetime
    seconds: float
    findings: tuple[Finding, ...]
    digest: str = ""
    live: bool = False

    @property
    def passed(self) -> bool:
        """Whether every applicable rule passed."""
        return all(finding.result is not Result.FAILED for finding in self.findings)

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "system": self.system,
            "title": _both(self.title),
            "version": self.version,
            "level": self.level,
            "at": self.at.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 3),
            "digest": self.digest,
            "live": self.live,
            "passed": self.passed,
            "complete": complete(self.findings),
            "rules": [_rule(finding) for finding in self.findings],
        }

    def write(self, folder: Path) -> None:
        """Write `<folder>/<system>.json`, and a dated copy; older dated copies are deleted. Raises `OSError`."""
        name = f"{self.system}.live" if self.live else self.system
        written = json.dumps(self.document(), ensure_ascii=False, indent=2) + "\n"
        _write(folder / f"{name}.json", written)
        dated = folder / "dated"
        _write(dated / f"{name}-{self.at:%Y%m%dT%H%M%S}.json", written)
        # The whole date is matched, because another system's id may be this id followed by a number.
        for old in sorted(dated.glob(f"{name}-{_DATED}.json"))[:-_KEPT]:
            old.unlink(missing_ok=True)

    def write_packaged(self, folder: Path) -> None:
        """Write the level that is shipped with the code: with its date and the digest of the code. Raises `OSError`."""
        packaged = ("system", "version", "level", "at", "complete", "digest")
        document = {name: value for name, value in self.document().items() if name in packaged}
        _write(folder / f"{self.system}.json", json.dumps(document, indent=2) + "\n")

    def table(self) -> str:
        """Return the report as a text table."""
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
        if self.live:
            yield "  Pada sistem asli: hanya membaca. · Against the live system: nothing was written."
        else:
            yield f"  Tingkat mutu · Quality level: {self.level or '–'} ({self.at:%Y-%m-%d %H:%M %Z})"


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


def _write(path: Path, written: str) -> None:
    """Write a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(written, encoding="utf-8")
    draft.replace(path)
