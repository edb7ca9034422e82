"""Compare two checkouts of Gerbang: CPU time for each request, and latency.

    .venv/bin/python benchmarks/compare.py BEFORE AFTER [--workload NAME …] [--connections N …]

BEFORE and AFTER are folders with a checkout of this repository. Both gateways run at the same time, on the same core,
with the interpreter and libraries of this command, in front of the same replaying backend; they are loaded in turn,
round by round, so that whatever else the machine does meets both. The figures are medians of the rounds, `ratio` is the
median of their ratios, `from-to` the smallest and the largest one, and `best` the ratio of the cheapest rounds of each.
A ratio below 1 means that AFTER is better.

CPU time is more exact than requests a second or latency: those depend on what else runs on the machine. But CPU time
grows too when other work empties the caches; on a busy machine, `best` says more than `ratio`. Compare a checkout with
itself to see what a difference has to exceed.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

if __package__ in (None, ""):
    # Run as a file: this checkout has to be found before an installed one.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.gerbang import Gerbang
from benchmarks.load import Sample, long_enough, sample
from benchmarks.processes import BenchmarkError, alone, cores
from benchmarks.testbed import Testbed, new_master_key, open_testbed, residents
from benchmarks.workloads import WORKLOADS, Workload, bearer, requests_for, warm_up

HEADING = (
    f"{'workload':<14}{'c':>4}{'CPU us before':>15}{'after':>9}{'ratio':>8}{'from-to':>13}{'best':>8}"
    f"{'p50 ms before':>16}{'after':>9}{'p99 ms before':>16}{'after':>9}{'req/s before':>14}{'after':>9}"
)


_FETCHED_AT: Final = re.compile(rb'"fetched_at":"[^"]*",?')


def compare(before: Path, after: Path, workloads: Sequence[Workload], options: argparse.Namespace) -> None:
    """Start both, load them in turn, and print a table row by row."""
    with tempfile.TemporaryDirectory(prefix="gerbang-compare-") as name:
        folder = Path(name)
        with open_testbed(folder, residents(options.residents)) as testbed:
            key = {"GERBANG_MASTER_KEY": new_master_key()}  # the same ids of records in both
            pair = [
                Gerbang(checkout.resolve(), folder / side, testbed, side, dict(key))
                for side, checkout in (("before", before), ("after", after))
            ]
            try:
                for gateway in pair:
                    print(f"{gateway.name}: ready after {gateway.start().ready:.1f} s", flush=True)
                for gateway in pair:
                    warm_up(gateway, testbed.residents)
                testbed.replay_only()
                _compare_answers(pair, testbed, workloads)
                print(HEADING)
                for workload in workloads:
                    for connections in options.connections:
                        rounds = _rounds(pair, testbed, workload, connections, options)
                        print(_row(workload, connections, *rounds), flush=True)
                testbed.check_replayed()
                for gateway in pair:
                    print(f"{gateway.name}: {gateway.running.memory():.0f} MB resident")
            finally:
                for gateway in pair:
                    gateway.stop()


def _rounds(
    pair: Sequence[Gerbang], testbed: Testbed, workload: Workload, connections: int, options: argparse.Namespace
) -> list[list[Sample]]:
    _, core = cores()
    found: list[list[Sample]] = [[], []]
    seconds = 1.0
    for number in range(options.rounds + 1):
        for side in (0, 1) if number % 2 else (1, 0):
            gateway = pair[side]
            requests = requests_for(gateway, workload, testbed.residents)
            measured = sample(gateway, requests, connections=connections, seconds=seconds, core=core)
            if measured.load.refused or measured.load.broken:
                print(f"  {gateway.name}: {measured.load.refused} refused, {measured.load.broken} broken", flush=True)
            found[side].append(measured)
        if not number:  # the first round warms up, and shows how long a round has to be
            slowest = min(one.load.per_second for side in found for one in side)
            seconds = long_enough(options.seconds, connections, slowest)
            found = [[], []]
    return found


def _row(workload: Workload, connections: int, before: Sequence[Sample], after: Sequence[Sample]) -> str:
    ratios = [second.cpu_us / first.cpu_us for first, second in zip(before, after, strict=True)]
    best = min(one.cpu_us for one in after) / min(one.cpu_us for one in before)
    cpu = [median(one.cpu_us for one in side) for side in (before, after)]
    p50 = [median(one.load.p50_ms for one in side) for side in (before, after)]
    p99 = [median(one.load.p99_ms for one in side) for side in (before, after)]
    rate = [median(one.load.per_second for one in side) for side in (before, after)]
    return (
        f"{workload.name:<14}{connections:>4}{cpu[0]:>15.1f}{cpu[1]:>9.1f}{median(ratios):>8.3f}"
        f"{f'{min(ratios):.2f}-{max(ratios):.2f}':>13}{best:>8.3f}{p50[0]:>16.2f}{p50[1]:>9.2f}{p99[0]:>16.2f}{p99[1]:>9.2f}"
        f"{rate[0]:>14.0f}{rate[1]:>9.0f}"
    )


def _compare_answers(pair: Sequence[Gerbang], testbed: Testbed, workloads: Sequence[Workload]) -> None:
    """Say for each workload whether both answer with the same records."""
    resident = testbed.residents[0]
    for workload in workloads:
        items = []
        for gateway in pair:
            headers = bearer(gateway.tokens(testbed.residents)[resident.account]) if workload.signed_in else {}
            _, _, body = gateway.get(workload.target, headers)
            items.append(json.loads(_FETCHED_AT.sub(b"", body))["items"])
        print(f"{workload.name}: the records are {'the same' if items[0] == items[1] else 'DIFFERENT'}", flush=True)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--workload", choices=[*WORKLOADS, "all"], nargs="+", default=["all"])
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--residents", type=int, default=64)
    options = parser.parse_args()
    names = list(WORKLOADS) if "all" in options.workload else options.workload
    try:
        with alone():
            compare(options.before, options.after, [WORKLOADS[name] for name in names], options)
    except BenchmarkError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
