"""`make bench`: measures the gateway against its peers and its goals, and writes `results/`.

    .venv/bin/python -m benchmarks [--quick] [--only P5 …]

Starts the simulated city and records it, starts the peers and the gateway, loads them in turn, and then makes one
experiment for each further goal. `--quick` takes a tenth of the time with few and short rounds: it shows whether
everything works, and large differences. It writes `results/quick.*`, the full form `results/latest.*` and the tables of
`docs/performance.md`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.bench import Bench
from benchmarks.costs import cost_goals
from benchmarks.delays import delay_goals
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.growth import record_goals, system_goals
from benchmarks.identical import identical_goals
from benchmarks.outages import outage_goals
from benchmarks.peers.catalogue import BARE_ASGI, PEERS, Peer, start_peer, write_configuration
from benchmarks.performance_page import write_page
from benchmarks.processes import BenchmarkError, alone
from benchmarks.report import write_results
from benchmarks.rounds import Cell, Entry, Plan, Table, measure
from benchmarks.starts import start_goals
from benchmarks.tags import TagWatch
from benchmarks.testbed import FEW, MANY, RESIDENTS, ROOT, open_testbed, residents
from benchmarks.workloads import FEW as FEW_RECORDS
from benchmarks.workloads import LIST, WORKLOADS, Workload, requests_for, warm_up

_FULL: Final = Plan(connections=(1, 8, 64), rounds=3, seconds=2)
_QUICK: Final = Plan(connections=(1, 64), rounds=1, seconds=1)
_RESIDENTS_WITH_FEW: Final = 16
_TAG_SECONDS: Final = 65.0
GOALS: Final = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8", "P9", "P12")
_FROM_ROUNDS: Final = frozenset({"P1", "P2", "P3", "P4"})


@contextmanager
def open_bench(folder: Path, plan: Plan, *, quick: bool, say: Callable[[str], None]) -> Iterator[Bench]:
    """Start everything, and check that all answers are complete; end everything with the block."""
    people = residents(RESIDENTS, MANY)
    people += residents(_RESIDENTS_WITH_FEW, FEW, prefix="few", skip=RESIDENTS)
    with open_testbed(folder, people) as testbed:
        say("the city is being recorded")
        bench = Bench(folder, testbed, Gerbang(ROOT, folder / "gerbang", testbed), plan, quick, say)
        bench.gateways.append(bench.gateway)
        try:
            bench.gateway.start()
            warm_up(bench.gateway, people)
            _start_peers(bench)
            testbed.replay_only()
            yield bench
            testbed.check_replayed()
        finally:
            for gateway in bench.gateways:
                gateway.stop()
            for peer in bench.peers.values():
                peer.process.stop()


def _start_peers(bench: Bench) -> None:
    _, _, held = bench.gateway.get(LIST.target)
    configuration = write_configuration(bench.testbed, held)
    for peer in PEERS:
        why = peer.missing()
        if why:
            bench.missing[peer.name] = why
            bench.say(f"{peer.name}: not measured, {why}")
            continue
        folder = bench.folder / peer.name.replace(" ", "-")
        bench.peers[peer.name] = start_peer(peer, folder, configuration, bench.testbed)
        if peer is BARE_ASGI:
            configuration = write_configuration(bench.testbed, held, bench.peers[peer.name].port)
        bench.say(f"{peer.name}: ready")


def _rounds(bench: Bench) -> list[Cell]:
    cells: list[Cell] = []
    for workload in WORKLOADS.values():
        entries = [Entry(bench.gateway, _requests_of_gateway(bench, workload))]
        entries += [_entry(bench, peer, workload) for peer in PEERS if _takes_part(bench, peer, workload)]
        plan = replace(bench.plan, connections=bench.plan.connections[1:2]) if workload == FEW_RECORDS else bench.plan
        cells += measure(workload, entries, plan, bench.say)
    return cells


def _takes_part(bench: Bench, peer: Peer, workload: Workload) -> bool:
    return peer.name in bench.peers and workload in peer.workloads


def _requests_of_gateway(bench: Bench, workload: Workload) -> Callable[[], Path]:
    return lambda: requests_for(bench.gateway, workload, bench.testbed.residents)


def _entry(bench: Bench, peer: Peer, workload: Workload) -> Entry:
    running = bench.peers[peer.name]
    return Entry(running, lambda: running.requests[workload])


def run(bench: Bench, chosen: frozenset[str]) -> tuple[list[Goal], Table]:
    """Make all rounds and experiments of the chosen goals; return the rows and the table."""
    watch = TagWatch(bench.gateway)
    watch.start()
    table = Table(_rounds(bench) if chosen & (_FROM_ROUNDS | {"P5"}) else [])
    # Before the experiments: while the system of the list fails, its source is stale, and the tag says so.
    tags = [watch.result(at_least=_TAG_SECONDS)] if "P2" in chosen else []
    after_load = bench.gateway.running.memory()
    rows = [goal for goal in cost_goals(table, bench.missing, bench.plan.connections) if goal.goal in chosen]
    experiments: dict[str, Callable[[], list[Goal]]] = {
        "P5": lambda: delay_goals(bench, table),
        "P6": lambda: identical_goals(bench),
        "P7": lambda: outage_goals(bench),
        "P8": lambda: system_goals(bench),
        "P12": lambda: start_goals(bench, after_load),
        # Last, since it changes what the backend serves.
        "P9": lambda: record_goals(bench),
    }
    rows += tags
    for goal, experiment in experiments.items():
        if goal in chosen:
            bench.say(f"{goal} …")
            made = experiment()
            rows += made
            for row in made:
                bench.say(f"  {row.what}: {row.ratio} (bound {row.target})")
    return sorted(rows, key=lambda row: GOALS.index(row.goal)), table


def write_run(goals: Sequence[Goal], table: Table, missing: Mapping[str, str], minutes: float, *, quick: bool) -> Path:
    """Write the results of a run; those of the full form into `docs/performance.md` too."""
    form = "quick form: few and short rounds" if quick else "full form"
    how = f"One run ({form}) of {minutes:.0f} minutes."
    page = write_results("quick" if quick else "latest", goals, table, missing, how)
    if not quick:
        write_page()
    return page


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few and short rounds")
    parser.add_argument("--only", nargs="+", choices=GOALS, default=GOALS, help="only these goals")
    options = parser.parse_args()
    start = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {line}", flush=True)

    plan = _QUICK if options.quick else _FULL
    try:
        with alone(), tempfile.TemporaryDirectory(prefix="gerbang-bench-") as name:
            with open_bench(Path(name), plan, quick=options.quick, say=say) as bench:
                goals, table = run(bench, frozenset(options.only))
            page = write_run(goals, table, bench.missing, (time.monotonic() - start) / 60, quick=options.quick)
    except BenchmarkError as error:
        sys.exit(str(error))
    print(f"\n{page.read_text('utf-8')}")


if __name__ == "__main__":
    main()
