"""P7: while systems fail, other routes are as fast as before.

Two kinds of outage are measured: one system hangs; and one hangs, one sends a byte a second and one answers with 50 MB,
all at once. The background load asks for overviews, which need these systems; two other routes are loaded at the same
time, and their 99th percentiles are compared with those under the same load without the outage.

Windows with and without an outage follow each other in turn, and the figure is the median of the ratios of neighbours:
so work of other programs on the machine meets both sides.
"""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.bench import Bench
from benchmarks.goals import Goal
from benchmarks.load import Load, run_wrk, wait_until_idle
from benchmarks.processes import BenchmarkError, cores
from benchmarks.workloads import LIST, ONE, OVERVIEW, Workload, bearer, requests_for

_CONNECTIONS: Final = {OVERVIEW: 8, LIST: 4, ONE: 4}
_RECOVERS_SECONDS: Final = 30.0


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

    before: Mapping[Workload, Load]
    during: Mapping[Workload, Load]


def outage_goals(bench: Bench) -> list[Goal]:
    """The rows of P7."""
    windows, seconds = (3, 5.0) if bench.quick else (5, 20.0)
    rows = []
    for outage in (HANGING, HOSTILE):
        pairs = [_measure(bench, outage, seconds) for _ in range(windows)]
        rows += [outage_row(outage, workload, pairs) for workload in (LIST, ONE)]
    return rows


def outage_row(outage: Outage, workload: Workload, pairs: Sequence[Pair]) -> Goal:
    """The row of one route in one outage."""
    before = [pair.before[workload] for pair in pairs]
    during = [pair.during[workload] for pair in pairs]
    ratios = [after.p99_ms / max(first.p99_ms, 1e-6) for first, after in zip(before, during, strict=True)]
    more = {
        "p99_ms": median(load.p99_ms for load in during),
        "p99_ms_before": median(load.p99_ms for load in before),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "requests_per_second": median(load.per_second for load in during),
        "requests_per_second_before": median(load.per_second for load in before),
        "refused": sum(load.refused for load in during),
        "broken": sum(load.broken for load in during),
    }
    what = f"p99 of `{workload.name}` while {outage.what}"
    return Goal("P7", what, median(ratios), 1.1, "itself before", more=more)


def _measure(bench: Bench, outage: Outage, seconds: float) -> Pair:
    before = _load(bench, seconds)
    with bench.testbed.backend.faults(**outage.faults):
        during = _load(bench, seconds)
    _wait_until_recovered(bench)
    return Pair(before, during)


def _load(bench: Bench, seconds: float) -> dict[Workload, Load]:
    _, core = cores()
    gateway = bench.gateway
    wait_until_idle(gateway.running)
    gateway.tokens(bench.testbed.residents)

    def one(workload: Workload) -> Load:
        path = requests_for(gateway, workload, bench.testbed.residents)
        return run_wrk(gateway.port, path, connections=_CONNECTIONS[workload], seconds=seconds, core=core)

    with ThreadPoolExecutor(len(_CONNECTIONS)) as pool:
        return dict(zip(_CONNECTIONS, pool.map(one, _CONNECTIONS), strict=True))


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
