"""Rounds: every server of a workload is loaded in turn, again and again, so that all meet the same machine.

A cell of the table is a workload, a server and a number of connections. Its figures are medians of its rounds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.load import Sample, Server, long_enough, sample
from benchmarks.processes import cores
from benchmarks.workloads import NOT_MODIFIED, Workload

_LONGEST_ROUND: Final = 10.0
_LONGEST_ROUND_OF_PEERS: Final = 4.0
"""Rounds are no longer than this, however slow a peer is: one that collapses under load need not be exact."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A server in the rounds of a workload. `requests` writes the requests for the next round."""

    server: Server
    requests: Callable[[], Path]


@dataclass(frozen=True, slots=True)
class Cell:
    """The medians of one server at one workload and number of connections, and what went wrong in all rounds."""

    workload: str
    server: str
    connections: int
    cpu_us: float
    per_second: float
    p50_ms: float
    p99_ms: float
    refused: int
    broken: int
    not_modified_share: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure."""

    connections: Sequence[int]
    rounds: int
    seconds: float


def measure(workload: Workload, entries: Sequence[Entry], plan: Plan, say: Callable[[str], None]) -> list[Cell]:
    """Measure all servers of a workload with each number of connections, after a second that does not count.

    The first entry is the gateway.
    """
    cells: list[Cell] = []
    rates = {entry.server.name: _take(entry, workload, plan.connections[0], 1).load.per_second for entry in entries}
    for connections in plan.connections:
        found: dict[str, list[Sample]] = {entry.server.name: [] for entry in entries}
        for number in range(plan.rounds):
            for entry in entries[::-1] if number % 2 else entries:
                name = entry.server.name
                enough = long_enough(plan.seconds, connections, rates[name])
                longest = _LONGEST_ROUND if name == entries[0].server.name else _LONGEST_ROUND_OF_PEERS
                taken = _take(entry, workload, connections, min(enough, max(plan.seconds, longest)))
                rates[name] = taken.load.per_second
                found[name].append(taken)
        cells += [_cell(workload, name, connections, samples) for name, samples in found.items()]
        for cell in cells[-len(found) :]:
            say(describe(cell))
    return cells


def _take(entry: Entry, workload: Workload, connections: int, seconds: float) -> Sample:
    _, core = cores()
    statuses = workload == NOT_MODIFIED
    return sample(
        entry.server, entry.requests(), connections=connections, seconds=seconds, core=core, statuses=statuses
    )


def _cell(workload: Workload, server: str, connections: int, samples: Sequence[Sample]) -> Cell:
    loads = [one.load for one in samples]
    unmodified = sum(one.not_modified for one in loads) / max(1, sum(one.requests for one in loads))
    return Cell(
        workload=workload.name,
        server=server,
        connections=connections,
        cpu_us=median(one.cpu_us for one in samples),
        per_second=median(one.per_second for one in loads),
        p50_ms=median(one.p50_ms for one in loads),
        p99_ms=median(one.p99_ms for one in loads),
        refused=sum(one.refused for one in loads),
        broken=sum(one.broken for one in loads),
        not_modified_share=unmodified if workload == NOT_MODIFIED else None,
    )


def describe(cell: Cell) -> str:
    """One line about a cell."""
    wrong = f"  {cell.refused} refused, {cell.broken} broken" if cell.refused or cell.broken else ""
    return (
        f"{cell.workload:<13} c={cell.connections:<3} {cell.server:<22} {cell.cpu_us:>9.1f} us CPU"
        f" {cell.per_second:>8.0f}/s  p50 {cell.p50_ms:>8.2f} ms  p99 {cell.p99_ms:>8.2f} ms{wrong}"
    )


class Table:
    """All cells, by workload, server and connections."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = cells
        self._cells: Mapping[tuple[str, str, int], Cell] = {
            (cell.workload, cell.server, cell.connections): cell for cell in cells
        }

    def cell(self, workload: Workload, server: str, connections: int) -> Cell | None:
        """The cell; None if it was not measured."""
        return self._cells.get((workload.name, server, connections))
