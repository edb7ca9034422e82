"""Writes the results of the last full run into `docs/performance.md`: `python -m benchmarks.performance_page`.

`python -m benchmarks` does it after each full run. `tests/docs/test_performance_page.py` compares the page with the
committed results.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.report import RESULTS, number_text
from benchmarks.testbed import ROOT

PAGE: Final = ROOT / "docs" / "performance.md"
NO_RUN: Final = "No full run has been committed."
_PAIRS: Final = (
    ("cpu_us", "peer_cpu_us", "µs"),
    ("cpu_us", "cpu_us_before", "µs"),
    ("p99_ms", "peer_p99_ms", "ms"),
    ("p99_ms", "p99_ms_before", "ms"),
)
"""The figures of the gateway and of the peer behind a ratio, and their unit."""
_TABLE: Final = re.compile(r"^\|.*\|$(?:\n^\|.*\|$)+", re.MULTILINE)


def goals_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The table of the goals from the rows of `latest.json`."""
    lines = [
        "| goal | what | gateway | peer | ratio | target | met |",
        "| --- | --- | ---: | --- | ---: | ---: | --- |",
    ]
    return "\n".join(lines + [_line(row) for row in rows])


def _line(row: Mapping[str, Any]) -> str:
    ratio, unit = row["ratio"], row.get("unit")
    target = f"{'≥' if row['bound'] == 'least' else '≤'} {row['target']:,g} {unit or '×'}"
    if ratio is None:
        cells = ["–", row["peer"] or "–", "–", target, f"not measured: {row.get('reason', 'no reason given')}"]
    else:
        ours, theirs = _figures(row)
        peer = " ".join(filter(None, (row["peer"], theirs and f"({theirs})"))) or "–"
        cells = [ours, peer, "–" if unit else f"{number_text(ratio)} ×", target, "yes" if row["met"] else "no"]
    return f"| {' | '.join(cell.replace('|', '/') for cell in (row['goal'], row['what'], *cells))} |"


def _figures(row: Mapping[str, Any]) -> tuple[str, str]:
    """The gateway's figure and the peer's, each with its unit. Without a peer, `ratio` is the gateway's figure."""
    if "unit" in row:
        return f"{number_text(row['ratio'])} {row['unit']}", ""
    for ours, theirs, unit in _PAIRS:
        if ours in row and theirs in row:
            return f"{number_text(row[ours])} {unit}", f"{number_text(row[theirs])} {unit}"
    return "–", ""


def with_results(page: str, folder: Path = RESULTS) -> str:
    """The page with the goals and the machine of the last full run in `folder`, or with `NO_RUN` if there is none."""
    results = folder / "latest.json"
    goals = goals_table(json.loads(results.read_text("utf-8"))) if results.exists() else NO_RUN
    written = folder / "latest.md"
    machine = _TABLE.search(written.read_text("utf-8")) if written.exists() else None
    page = _with_section(page, "goals", goals)
    return _with_section(page, "machine", machine[0] if machine else NO_RUN)


def _with_section(page: str, name: str, content: str) -> str:
    """Replace what is between the comments `<!-- NAME -->` and `<!-- end of NAME -->`."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    whole = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    page, found = whole.subn(lambda _: f"{begin}\n\n{content}\n\n{end}", page)
    if found != 1:
        raise ValueError(f"The page has {found} sections between {begin} and {end} in place of one.")
    return page


def write_page(page: Path = PAGE, folder: Path = RESULTS) -> None:
    """Write the results in `folder` into the page."""
    page.write_text(with_results(page.read_text("utf-8"), folder), "utf-8")


if __name__ == "__main__":
    write_page()
