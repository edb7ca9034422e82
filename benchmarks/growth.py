"""P8 and P9: what more registered systems, and more held records, change."""

import json
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.bench import Bench, office_lines, write_systems
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.rounds import Entry, measure
from benchmarks.workloads import LIST, ONE, Workload, requests_for

MORE_SYSTEMS: Final = 290
_CONNECTIONS: Final = 8


def system_goals(bench: Bench) -> list[Goal]:
    """The rows of P8: the costs of two routes, and the time of a start, with 290 systems more.

    The further systems are remote adapters that read bills of residents, so that the measured routes need none of them.
    """
    gateway = bench.another_gateway("many-systems", {"GERBANG_SYSTEMS": _with_more_systems(bench)})
    few = bench.another_gateway("few-systems")
    times: dict[str, list[float]] = {gateway.name: [], few.name: []}
    for number in range(2 if bench.quick else 4):
        for one in (gateway, few):
            one.stop()
            started = one.start()
            if number:  # the first start fetches everything
                times[one.name].append(started.ready)
    rows = []
    for workload in (LIST, ONE):
        many_us, few_us = _costs(bench, workload, gateway, few)
        what = f"CPU time of `{workload.name}` with {MORE_SYSTEMS} more systems, {_CONNECTIONS} connections"
        more = {"cpu_us": many_us, "cpu_us_before": few_us}
        rows.append(Goal("P8", what, many_us / few_us, 1.05, "itself without them", more=more))
    for one in (gateway, few):
        one.stop()
    many_s, few_s = median(times[gateway.name]), median(times[few.name])
    each = (many_s - few_s) * 1000 / MORE_SYSTEMS
    more = {"seconds": many_s, "seconds_before": few_s}
    return [
        *rows,
        Goal("P8", "time that each further system adds to a start", each, 10, unit="milliseconds", more=more),
    ]


def _with_more_systems(bench: Bench) -> str:
    """Write the files of the further systems; return the setting that names all folders."""
    granted = (
        (bench.gateway.checkout / "config" / "systems" / "pbb.toml").read_text("utf-8").partition("[[offices]]")[0]
    )
    settings = bench.testbed.secrets["pbb"]
    tables = {
        f"remote-{number:03d}": [granted.replace('id = "pbb"', f'id = "remote-{number:03d}"'), *office_lines(settings)]
        for number in range(MORE_SYSTEMS)
    }
    folder = write_systems(bench.folder / "more-systems", tables)
    given = [bench.gateway.checkout / "config" / "systems", bench.testbed.systems, folder]
    return json.dumps([str(one) for one in given])


def record_goals(bench: Bench) -> list[Goal]:
    """The rows of P9: the cost of the first page of ten records, and the memory, with 10 and with 10,000 held."""
    numbers = (10, 10_000)
    slowly = {"GERBANG_FEEDS__EVERY": json.dumps({"lapor": "PT1H"})}
    gateways: list[Gerbang] = []
    memory: list[float] = []
    for number in numbers:
        bench.testbed.backend.do("complaints", count=number)
        gateway = bench.another_gateway(f"records-{number}", slowly)
        memory.append(gateway.start().memory)
        gateways.append(gateway)
    few_us, many_us = _costs(bench, LIST, *gateways)
    more = {"cpu_us": many_us, "cpu_us_before": few_us}
    what = f"CPU time of the first page of ten, {numbers[1]} records instead of {numbers[0]}"
    held = (memory[1] - memory[0]) * 1e6 / (numbers[1] - numbers[0])
    rows = [Goal("P9", what, many_us / few_us, 1.1, "itself with few records", more=more)]
    under_load = [gateway.running.memory() for gateway in gateways]
    grown = (under_load[1] - memory[1]) / max(1.0, under_load[1])
    what = "growth of the memory under load with 10,000 records, as a share"
    figures = {"megabytes": memory, "megabytes_under_load": under_load, "bytes_per_held_record": held}
    rows.append(Goal("P9", what, grown, 0.05, unit="share", more=figures))
    for gateway in gateways:
        gateway.stop()
    return rows


def _costs(bench: Bench, workload: Workload, first: Gerbang, second: Gerbang) -> tuple[float, float]:
    """CPU microseconds of a workload at each of two gateways, in the same rounds."""

    def requests(gateway: Gerbang) -> Path:
        return requests_for(gateway, workload, bench.testbed.residents)

    entries = [Entry(first, lambda: requests(first)), Entry(second, lambda: requests(second))]
    plan = replace(bench.plan, connections=(_CONNECTIONS,))
    cells = {cell.server: cell for cell in measure(workload, entries, plan, bench.say)}
    return cells[first.name].cpu_us, cells[second.name].cpu_us
