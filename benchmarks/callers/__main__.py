"""The command `python -m benchmarks.callers`: measures, prints a table, and writes `results/callers.json` and `.md`."""

import argparse
import json
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benchmarks.callers.limits import measure_cost, measure_limit
from benchmarks.callers.many_connections import measure_connections
from benchmarks.callers.restart import measure_restart
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.processes import BenchmarkError, alone
from benchmarks.report import RESULTS, machine_lines
from benchmarks.testbed import FEW, ROOT, Testbed, open_testbed, residents

_KEEP: Final = {"GERBANG_CONNECTIONS": json.dumps({"keep_alive": "PT75S"})}
"""Longer than nginx and the idle connections of the measurement keep theirs."""
_USUAL_LIMITS: Final = {"GERBANG_LIMITS": "{}"}


class Measurements:
    """The measurements of one run, by name."""

    def __init__(self, folder: Path, testbed: Testbed) -> None:
        self._folder = folder
        self._testbed = testbed

    def restart(self) -> list[Goal]:
        """One of two gateways behind nginx is restarted."""
        pair = self._gateway("first", _KEEP), self._gateway("second", _KEEP)
        try:
            for gateway in pair:
                gateway.start()
            return measure_restart(self._folder / "nginx", pair)
        finally:
            for gateway in pair:
                gateway.stop()

    def connections(self) -> list[Goal]:
        """Many idle and dripping connections."""
        return measure_connections(self._gateway("connections", _KEEP))

    def limit(self) -> list[Goal]:
        """A caller at three times its limit."""
        return measure_limit(self._gateway("limited", _USUAL_LIMITS))

    def cost(self) -> list[Goal]:
        """CPU time of the limit."""
        without = self._gateway("without", {})
        without.module = "benchmarks.callers.without_limits"
        return measure_cost(self._folder, self._gateway("counting", {}), without)

    def _gateway(self, name: str, environment: dict[str, str]) -> Gerbang:
        return Gerbang(ROOT, self._folder / name, self._testbed, name, dict(environment))


def main() -> int:
    """Measure what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.callers", description=__doc__)
    names = ("restart", "connections", "limit", "cost")
    parser.add_argument("--only", choices=names, action="append", help="measure only this; nothing is written then")
    chosen = parser.parse_args().only
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows: list[Goal] = []
    try:
        with alone(), tempfile.TemporaryDirectory(prefix="gerbang-callers-") as name:
            folder = Path(name)
            with open_testbed(folder, residents(1, FEW)) as testbed:
                measurements = Measurements(folder, testbed)
                for each in chosen or names:
                    sys.stderr.write(f"{each}\n")
                    measure: Callable[[], list[Goal]] = getattr(measurements, each)
                    rows += measure()
    except BenchmarkError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    table = _table(rows)
    print("\n".join(table))
    if not chosen:
        _write(rows, table)
    return 0


def _table(rows: Sequence[Goal]) -> list[str]:
    lines = ["| part | what | measured | bound | met | more |", "| --- | --- | ---: | ---: | --- | --- |"]
    for row in rows:
        more = ", ".join(f"{name} {_shown(value)}" for name, value in row.more.items())
        met = "yes" if row.met else "no"
        lines.append(f"| {row.goal} | {row.what} | {_shown(row.ratio)} {row.unit} | {row.target:g} | {met} | {more} |")
    return lines


def _shown(value: object) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _write(rows: Sequence[Goal], table: Sequence[str]) -> None:
    RESULTS.mkdir(exist_ok=True)
    found = [row.as_json() for row in rows]
    (RESULTS / "callers.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    lines = ["# Callers at the limits of the gateway", "", "Written by `python -m benchmarks.callers`.", ""]
    page = [*lines, *machine_lines(), "", *table, ""]
    (RESULTS / "callers.md").write_text("\n".join(page), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
