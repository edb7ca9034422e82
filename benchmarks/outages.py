"""P7: while one system hangs, one sends a byte a second and one answers with 50 MB, other routes are as fast as before.

The background load asks for overviews, which need all three; two other routes are loaded at the same time, and their
99th percentiles are compared with those under the same load before.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from benchmarks.bench import Bench
from benchmarks.goals import Goal
from benchmarks.load import Load, run_wrk, wait_until_idle
from benchmarks.processes import cores
from benchmarks.workloads import LIST, ONE, OVERVIEW, Workload, requests_for

_CONNECTIONS: Final = {OVERVIEW: 8, LIST: 4, ONE: 4}


def outage_goals(bench: Bench) -> list[Goal]:
    """The rows of P7."""
    seconds = 6 if bench.quick else 30
    before = _load(bench, seconds / 2)
    with bench.testbed.backend.faults(lapor=("hang", 0), sipd_rkpd=("drip", 0), dukcapil=("huge", 0)):
        during = _load(bench, seconds)
    rows = []
    for workload in (LIST, ONE):
        first, second = before[workload], during[workload]
        what = f"p99 of `{workload.name}` while one system hangs, one drips, one answers with 50 MB"
        more = {
            "p99_ms": second.p99_ms,
            "p99_ms_before": first.p99_ms,
            "requests_per_second": second.per_second,
            "requests_per_second_before": first.per_second,
            "refused": second.refused,
            "broken": second.broken,
        }
        rows.append(Goal("P7", what, second.p99_ms / max(first.p99_ms, 1e-6), 1.1, "itself before", more=more))
    return rows


def _load(bench: Bench, seconds: float) -> dict[Workload, Load]:
    _, core = cores()
    gateway = bench.gateway
    wait_until_idle(gateway.running)

    def one(workload: Workload) -> Load:
        path = requests_for(gateway, workload, bench.testbed.residents)
        return run_wrk(gateway.port, path, connections=_CONNECTIONS[workload], seconds=seconds, core=core)

    gateway.tokens(bench.testbed.residents)
    with ThreadPoolExecutor(len(_CONNECTIONS)) as pool:
        return dict(zip(_CONNECTIONS, pool.map(one, _CONNECTIONS), strict=True))
