"""P7: while systems fail, other routes are as fast as before.

Two kinds of outage are measured: one system hangs; and one hangs, one sends a byte a second and one answers with 50 MB,
all at once. The background load asks for overviews, which need these systems; two other routes are loaded at the same
time, and their 99th percentiles are compared with those under the same load without the outage.

The load is made in two ways. At full load, each connection sends its next request when it has its answer: overviews
that wait for a failing system then leave more of the gateway to the other routes. At a fixed rate, half of what each
route reached at full load before, the same requests keep coming, and latency counts from the time at which a request
should have started.

Windows with and without an outage follow each other in turn, and the figure is the median of the ratios of neighbours:
so work of other programs on the machine meets both sides.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.bench import Bench
from benchmarks.goals import Goal
from benchmarks.load import run_wrk, wait_until_idle
from benchmarks.processes import BenchmarkError, cores
from benchmarks.workloads import LIST, ONE, OVERVIEW, Workload, bearer, requests_for

_CONNECTIONS: Final = {OVERVIEW: 8, LIST: 4, ONE: 4}
_RECOVERS_SECONDS: Final = 30.0
_RATE_SHARE: Final = 0.5
"""The fixed rate of each route, as a share of what it reached at full load."""


@dataclass(frozen=True, slots=True)
class Outage:
    """What fails at the same time: a fault of the backend by system, with `_` in place of `-`."""

    what: str
    faults: Mapping[str, tuple[str, float]]


HANGING: Final = Outage("one system hangs", {"lapor": ("hang", 0)})
HOSTILE: Final = Outage(
    "one system hangs, one drips, one answers with 50 MB",
    {"lapor": ("hang", 0), "sipd_rkpd": ("drip", 0), "dukcapil": ("huge", 0)},
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The loads of one window without the outage, and of the next one with it."""

    before: Mapping[Workload, "Window"]
    during: Mapping[Workload, "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """The answers to one route in one window: 99th percentile, answers a second, refusals or failures."""

    p99_ms: float
    per_second: float
    failed: int


def outage_goals(bench: Bench) -> list[Goal]:
    """The rows of P7."""
    windows, seconds = (3, 5.0) if bench.quick else (5, 20.0)
    steady_windows, steady_seconds = (2, 15.0) if bench.quick else (3, 30.0)
    rows = []
    rates: dict[Workload, float] = {}
    for outage in (HANGING, HOSTILE):
        pairs = [_measure(bench, outage, lambda: _full_load(bench, seconds)) for _ in range(windows)]
        rows += [outage_row(outage, "at full load", workload, pairs) for workload in (LIST, ONE)]
        rates = rates or {
            one: _RATE_SHARE * median(pair.before[one].per_second for pair in pairs) for one in _CONNECTIONS
        }
    pairs = [
        _measure(bench, HOSTILE, lambda: _steady_load(bench, rates, steady_seconds)) for _ in range(steady_windows)
    ]
    return rows + [outage_row(HOSTILE, "at a fixed rate", workload, pairs) for workload in (LIST, ONE)]


def outage_row(outage: Outage, load: str, workload: Workload, pairs: Sequence[Pair]) -> Goal:
    """The row of one route in one outage, at one kind of load."""
    before = [pair.before[workload] for pair in pairs]
    during = [pair.during[workload] for pair in pairs]
    ratios = [after.p99_ms / max(first.p99_ms, 1e-6) for first, after in zip(before, during, strict=True)]
    more = {
        "p99_ms": median(one.p99_ms for one in during),
        "p99_ms_before": median(one.p99_ms for one in before),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "requests_per_second": median(one.per_second for one in during),
        "requests_per_second_before": median(one.per_second for one in before),
        "failed": sum(one.failed for one in during),
    }
    what = f"p99 of `{workload.name}` {load} while {outage.what}"
    return Goal("P7", what, median(ratios), 1.1, "itself before", more=more)


def _measure(bench: Bench, outage: Outage, load: Callable[[], Mapping[Workload, Window]]) -> Pair:
    before = load()
    with bench.testbed.backend.faults(**outage.faults):
        during = load()
    _wait_until_recovered(bench)
    return Pair(before, during)


def _full_load(bench: Bench, seconds: float) -> Mapping[Workload, Window]:
    _, core = cores()

    def one(workload: Workload, path: Path) -> Window:
        connections = _CONNECTIONS[workload]
        load = run_wrk(bench.gateway.port, path, connections=connections, seconds=seconds, core=core)
        return Window(load.p99_ms, load.per_second, load.refused + load.broken)

    return _together(bench, one)


def _steady_load(bench: Bench, rates: Mapping[Workload, float], seconds: float) -> Mapping[Workload, Window]:
    def one(workload: Workload, path: Path) -> Window:
        load = bench.client("steady", bench.gateway.port, path, rates[workload], seconds)
        return Window(load["p99_ms"], load["answers"] / seconds, load["failures"])

    return _together(bench, one)


def _together(bench: Bench, one: Callable[[Workload, Path], Window]) -> Mapping[Workload, Window]:
    """Load all routes at the same time."""
    gateway, people = bench.gateway, bench.testbed.residents
    wait_until_idle(gateway.running)
    gateway.tokens(people)
    paths = [requests_for(gateway, workload, people) for workload in _CONNECTIONS]
    with ThreadPoolExecutor(len(paths)) as pool:
        return dict(zip(_CONNECTIONS, pool.map(one, _CONNECTIONS, paths), strict=True))


def _wait_until_recovered(bench: Bench) -> None:
    """Wait until an overview is complete again: until the circuits of the failed systems are closed."""
    gateway = bench.gateway
    resident = bench.testbed.residents[0]
    headers = bearer(gateway.tokens(bench.testbed.residents)[resident.account])
    end = time.monotonic() + _RECOVERS_SECONDS
    while time.monotonic() < end:
        status, _, body = gateway.get(OVERVIEW.target, headers)
        if status == 200 and json.loads(body)["complete"]:
            return
        time.sleep(0.2)
    raise BenchmarkError("The systems did not recover after their outage.")
