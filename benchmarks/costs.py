"""P1 to P4: what one request costs, from the cells of the rounds."""

from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.goals import Goal, not_measured
from benchmarks.peers.catalogue import AIOHTTP, BARE_ASGI, FASTIFY, Peer
from benchmarks.rounds import Cell, Table
from benchmarks.testbed import FEW as FEW_RECORDS
from benchmarks.testbed import MANY
from benchmarks.workloads import FEW, LIST, NOT_MODIFIED, ONE, THREE, Workload

GATEWAY: Final = "gerbang"
_SYSTEMS: Final = 3
_UNDER_LOAD: Final = (64, 8, 1)


def cost_goals(table: Table, missing: Mapping[str, str], measured: Sequence[int]) -> list[Goal]:
    """The rows of P1 to P4. `measured`: the numbers of connections in this run; a goal with another one has no row."""

    def numbers(*wanted: int) -> list[int]:
        return [number for number in wanted if number in measured]

    return [
        *(_against(table, missing, "P1", LIST, BARE_ASGI, 1.5, connections) for connections in numbers(64, 1)),
        _rate(table),
        *(_against(table, missing, "P2", NOT_MODIFIED, BARE_ASGI, 1.5, connections) for connections in numbers(64, 1)),
        _share_not_modified(table),
        *(_against(table, missing, "P3", THREE, AIOHTTP, 1.5, connections) for connections in numbers(64, 8)),
        _further_record(table),
        *(_against(table, missing, "P4", ONE, FASTIFY, 5.0, connections) for connections in numbers(64, 1)),
        _latency(table),
    ]


def _what(workload: Workload, connections: int) -> str:
    return f"CPU time of `{workload.name}`, {connections} connections"


def _figures(cell: Cell) -> dict[str, object]:
    return {
        "connections": cell.connections,
        "cpu_us": cell.cpu_us,
        "requests_per_second": cell.per_second,
        "p50_ms": cell.p50_ms,
        "p99_ms": cell.p99_ms,
        "refused": cell.refused,
        "broken": cell.broken,
    }


def _against(
    table: Table, missing: Mapping[str, str], goal: str, workload: Workload, peer: Peer, target: float, connections: int
) -> Goal:
    ours, theirs = table.cell(workload, GATEWAY, connections), table.cell(workload, peer.name, connections)
    what = _what(workload, connections)
    if ours is None or theirs is None:
        return not_measured(goal, what, target, missing.get(peer.name, "not in this run"), peer.name)
    more = {**_figures(ours), "peer_cpu_us": theirs.cpu_us, "peer_requests_per_second": theirs.per_second}
    return Goal(goal, what, ours.cpu_us / theirs.cpu_us, target, peer.name, more=more)


def _rate(table: Table) -> Goal:
    what, target = "held public list on one core", 20_000
    cells = [cell for number in _UNDER_LOAD if (cell := table.cell(LIST, GATEWAY, number))]
    if not cells:
        return not_measured("P1", what, target, "not in this run")
    best = max(cells, key=lambda cell: cell.per_second)
    return Goal("P1", what, best.per_second, target, unit="requests/s", at_least=True, more=_figures(best))


def _share_not_modified(table: Table) -> Goal:
    what, target = "answers to a tag of a moment ago that were 304", 0.99
    cells = [cell for number in _UNDER_LOAD if (cell := table.cell(NOT_MODIFIED, GATEWAY, number))]
    shares = [cell.not_modified_share for cell in cells if cell.not_modified_share is not None]
    if not shares:
        return not_measured("P2", what, target, "not in this run")
    return Goal("P2", what, min(shares), target, unit="share", at_least=True)


def _further_record(table: Table) -> Goal:
    what, target = "CPU time of each further record of `three`", 50.0
    pairs = [(table.cell(THREE, GATEWAY, number), table.cell(FEW, GATEWAY, number)) for number in _UNDER_LOAD]
    many, few = next(((many, few) for many, few in pairs if many and few), (None, None))
    if many is None or few is None:
        return not_measured("P3", what, target, "not in this run")
    further = _SYSTEMS * (MANY - FEW_RECORDS)
    more = {
        "connections": many.connections,
        "cpu_us": many.cpu_us,
        "cpu_us_of_fewer_records": few.cpu_us,
        "records": _SYSTEMS * MANY,
    }
    return Goal("P3", what, (many.cpu_us - few.cpu_us) / further, target, unit="microseconds", more=more)


def _latency(table: Table) -> Goal:
    what, target = "p50 of `one`, 1 connection", 2.5
    cell = table.cell(ONE, GATEWAY, 1)
    if cell is None:
        return not_measured("P4", what, target, "not in this run")
    return Goal("P4", what, cell.p50_ms, target, unit="milliseconds", more=_figures(cell))
