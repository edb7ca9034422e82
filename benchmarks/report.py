"""Writes the results of a run: goals as JSON, and everything as a page in Markdown."""

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from benchmarks.goals import Goal
from benchmarks.peers.catalogue import PACKAGES, PEERS
from benchmarks.rounds import Cell, Table
from benchmarks.testbed import ROOT
from benchmarks.workloads import WORKLOADS

RESULTS: Final = Path(__file__).with_name("results")
_LIBRARIES: Final = (
    "uvicorn", "uvloop", "httptools", "fastapi", "starlette", "pydantic", "aiohttp", "httpx",
)  # fmt: skip
_PROGRAMS: Final = {"wrk": ("wrk", "--version"), "nginx": ("nginx", "-v"), "Node.js": ("node", "--version")}
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)+")


def write_results(name: str, goals: Sequence[Goal], table: Table, missing: Mapping[str, str], how: str) -> Path:
    """Write `results/NAME.json` and `results/NAME.md`; return the page's path."""
    RESULTS.mkdir(exist_ok=True)
    rows = [goal.as_json() for goal in goals]
    (RESULTS / f"{name}.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page = RESULTS / f"{name}.md"
    page.write_text(page_of(goals, table, missing, how, _machine()), "utf-8")
    return page


def page_of(
    goals: Sequence[Goal], table: Table, missing: Mapping[str, str], how: str, machine: Mapping[str, str]
) -> str:
    """The page: machine, goals, and all cells with their ratio to the gateway's."""
    lines = ["# Results of the benchmarks", "", f"{how} `README.md` in the folder above explains each figure.", ""]
    lines += [*_machine_table(machine), ""]
    lines += [
        "## Goals",
        "",
        "| goal | what | peer | measured | bound | met |",
        "| --- | --- | --- | ---: | ---: | --- |",
    ]
    lines += [_goal_line(goal) for goal in goals]
    for workload in WORKLOADS.values():
        cells = [cell for cell in table.cells if cell.workload == workload.name]
        if cells:
            lines += ["", f"## `{workload.name}`: `GET {workload.target}`", "", *_cell_lines(cells)]
    if missing:
        lines += ["", "## Not measured", "", *(f"* {name}: {why}" for name, why in missing.items())]
    return "\n".join(lines) + "\n"


def _goal_line(goal: Goal) -> str:
    figure = None if goal.ratio is None else f"{number_text(goal.ratio)} {goal.unit or '×'}"
    measured = figure or f"not measured: {goal.reason}"
    bound = f"{'≥' if goal.at_least else '≤'} {goal.target:,g}"
    return f"| {goal.goal} | {goal.what} | {goal.peer or '–'} | {measured} | {bound} | {'yes' if goal.met else 'no'} |"


def number_text(value: float) -> str:
    """A measured number with the digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _cell_lines(cells: Sequence[Cell]) -> list[str]:
    ours = {cell.connections: cell.cpu_us for cell in cells if cell.server == "gerbang"}
    lines = [
        "| connections | server | CPU µs | gerbang's is | requests/s | p50 ms | p99 ms | refused, broken |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for cell in sorted(cells, key=lambda one: one.connections):
        times = f"{ours[cell.connections] / cell.cpu_us:.3g} ×" if cell.connections in ours and cell.cpu_us else "–"
        wrong = f"{cell.refused}, {cell.broken}" if cell.refused or cell.broken else "–"
        lines.append(
            f"| {cell.connections} | {cell.server} | {cell.cpu_us:,.1f} | {times} | {cell.per_second:,.0f} "
            f"| {cell.p50_ms:.2f} | {cell.p99_ms:.2f} | {wrong} |"
        )
    return lines


def machine_lines() -> list[str]:
    """A table of the machine, without the libraries of the peers."""
    return _machine_table(_host())


def _machine_table(machine: Mapping[str, str]) -> list[str]:
    return ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in machine.items())]


def _machine() -> dict[str, str]:
    """Processor, kernel and versions; no name of the machine."""
    found = _host()
    lock = json.loads((PACKAGES / "package-lock.json").read_text("utf-8"))["packages"]
    return found | {name: lock[f"node_modules/{name}"]["version"] for name in ("fastify", "undici")}


def _host() -> dict[str, str]:
    kernel = _NUMBER.search(platform.release())
    found = {
        "processor": _processor(),
        "cores": f"{os.cpu_count()}; one for the measured server, another for load and backends",
        "kernel": f"{platform.system()} {kernel[0] if kernel else ''}",
        "Python": platform.python_version(),
        "Gerbang": f"{_version('gerbang')}, commit {_commit()}",
    }
    found |= {name: _program(command) for name, command in _PROGRAMS.items()}
    return found | {name: _version(name) for name in _LIBRARIES}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _program(command: Sequence[str]) -> str:
    path = shutil.which(command[0], path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if path is None:
        return "not installed"
    done = subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False)
    found = _NUMBER.search(done.stdout + done.stderr)
    return found[0] if found else "unknown"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def names_of_peers() -> list[str]:
    """The names of all peers, in the order of the tables."""
    return [peer.name for peer in PEERS]
