"""The report of a soak, as JSON and as a page in Markdown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.soak.callers import Findings
from benchmarks.soak.faults import ScheduledFault
from benchmarks.soak.resources import Growth

_UNEXPLAINED_SHARE: Final = 0.01
"""How many sources may fail without a fault, for each answer: on a busy machine a system may answer too late."""


@dataclass(frozen=True, slots=True)
class SoakReport:
    """What one run has found. `commit`: of the gateway. `cpu_seconds`: of the gateway during the load."""

    commit: str
    minutes: float
    seed: int
    residents: int
    callers: int
    findings: Findings
    changes: int
    faults: Sequence[ScheduledFault]
    failures: Sequence[str]
    under_load: Sequence[Growth]
    at_rest: Sequence[Growth]
    cpu_seconds: float

    @property
    def wrong(self) -> list[str]:
        """Everything for which the run fails, one sentence each."""
        found = list(self.findings.wrong) + list(self.failures)
        found += [
            f"{what}: {one.figure} grew from {one.first:.1f} to {one.last:.1f}"
            for what, growths in (("under load", self.under_load), ("at rest", self.at_rest))
            for one in growths
            if not one.flat
        ]
        unexplained, answers = self.findings.unexplained.total(), self.findings.answers.total()
        if unexplained > _UNEXPLAINED_SHARE * answers:
            found.append(f"{unexplained} sources failed without a fault of their system")
        if not self.under_load or not self.at_rest:
            found.append("the growth was not measured")
        return found

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        findings = self.findings
        return {
            "commit": self.commit,
            "minutes": round(self.minutes, 1),
            "seed": self.seed,
            "residents": self.residents,
            "callers": self.callers,
            "answers": dict(sorted(findings.answers.items())),
            "answers_in_all": findings.answers.total(),
            "wrong_answers": findings.wrong_answers,
            "incomplete_answers": findings.incomplete,
            "without_data": findings.refused,
            "not_modified": findings.not_modified,
            "failures_without_fault": dict(sorted(findings.unexplained.items())),
            "changes_of_records": self.changes,
            "faults": [f"{one.simulator} {one.kind} {one.begins:.0f}-{one.ends:.0f} s" for one in self.faults],
            "growth_under_load": [one.as_json() for one in self.under_load],
            "growth_at_rest": [one.as_json() for one in self.at_rest],
            "gateway_cpu_seconds": round(self.cpu_seconds, 1),
            "wrong": self.wrong,
            "passed": not self.wrong,
        }

    def page(self) -> str:
        """The report as a page."""
        content = self.as_json()
        lines = [
            "# Result of the soak",
            "",
            f"One run of {content['minutes']} minutes at commit {self.commit}, seed {self.seed}: "
            f"{self.callers} callers, {self.residents} residents, {len(self.faults)} faults, "
            f"{self.changes} changes of records. "
            "`benchmarks/README.md` explains each figure.",
            "",
            "| | |",
            "| --- | ---: |",
            f"| answers checked | {content['answers_in_all']:,} |",
            f"| **wrong answers** | **{content['wrong_answers']}** |",
            f"| incomplete answers that say so | {content['incomplete_answers']:,} |",
            f"| of them without data (502, 503, 504) | {content['without_data']:,} |",
            f"| 304 | {content['not_modified']:,} |",
            f"| sources that failed without a fault of their system | {self.findings.unexplained.total()} |",
            "",
            "| growth | first | last | grown by | allowed | flat |",
            "| --- | ---: | ---: | ---: | ---: | --- |",
        ]
        lines += _growth_lines("under load", self.under_load) + _growth_lines("at rest", self.at_rest)
        lines += ["", "| kind of request | answers |", "| --- | ---: |"]
        lines += [f"| {kind} | {number:,} |" for kind, number in content["answers"].items()]
        lines += ["", "Passed." if not self.wrong else "Failed:", *(f"* {sentence}" for sentence in self.wrong)]
        return "\n".join(lines).rstrip() + "\n"


def _growth_lines(what: str, growths: Sequence[Growth]) -> list[str]:
    return [
        f"| {one.figure}, {what} | {one.first:,.1f} | {one.last:,.1f} | {one.last - one.first:+,.1f} | {_bound(one)} |"
        for one in growths
    ]


def _bound(one: Growth) -> str:
    if one.allowed is None:
        return "– | not judged: too short"
    return f"{one.allowed:,.1f} | {'yes' if one.flat else 'no'}"


def write_report(report: SoakReport, folder: Path) -> Path:
    """Write `soak.json` and `soak.md`; return the page's path."""
    folder.mkdir(exist_ok=True)
    content: Mapping[str, Any] = report.as_json()
    (folder / "soak.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page = folder / "soak.md"
    page.write_text(report.page(), "utf-8")
    return page
