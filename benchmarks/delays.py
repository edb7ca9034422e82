"""P5: three systems that take 50 ms each, at 8 connections, at half of the bearable load, and with one of them dead.

The gateway of this experiment has adapters without the agencies' limits of requests at a time: see `wide/`.
"""

import json
import os
from pathlib import Path
from typing import Final

from benchmarks.bench import Bench, office_lines, write_systems
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal, not_measured
from benchmarks.load import run_wrk, write_requests
from benchmarks.peers.catalogue import NGINX, NGINX_LUA
from benchmarks.processes import cores
from benchmarks.rounds import Table
from benchmarks.testbed import MANY
from benchmarks.workloads import THREE, bearer, requests_for

WIDE: Final = Path(__file__).with_name("wide")
SYSTEMS: Final = ("e-kelurahan", "lapor", "sipd-rkpd")
DELAY: Final = 0.05
_MOST_MS: Final = 55.0


def wide_gateway(bench: Bench) -> Gerbang:
    """A gateway whose only systems are the three with wide limits."""
    tables = {system: ["[system]", f'id = "{system}"', "live = false"] for system in _all_systems(bench)}
    for system in SYSTEMS:
        head = ["[system]", f'id = "{system}-wide"', 'kind = "installed"']
        tables[f"{system}-wide"] = [*head, *office_lines(bench.testbed.secrets[system])]
    folder = write_systems(bench.folder / "wide-systems", tables)
    given = [str(bench.gateway.checkout / "config" / "systems"), str(folder)]
    path = os.pathsep.join((str(bench.gateway.checkout), str(WIDE)))
    return bench.another_gateway("wide", {"PYTHONPATH": path, "GERBANG_SYSTEMS": json.dumps(given)})


def _all_systems(bench: Bench) -> list[str]:
    return [path.stem for path in (bench.gateway.checkout / "config" / "systems").glob("*.toml")]


def delay_goals(bench: Bench, table: Table) -> list[Goal]:
    """The rows of P5."""
    gateway = wide_gateway(bench)
    gateway.start(list_answers=False)
    seconds = 2 if bench.quick else 8
    people = [one for one in bench.testbed.residents if one.records == MANY]
    requests = requests_for(gateway, THREE, people)
    run_wrk(gateway.port, requests, connections=8, seconds=1, core=cores()[1])
    slow = {system.replace("-", "_"): ("delay", DELAY) for system in SYSTEMS}
    with bench.testbed.backend.faults(**slow):
        rows = [*_at_eight(bench, gateway, requests, seconds), _half_load(bench, gateway, requests, seconds, table)]
    with bench.testbed.backend.faults(**{**slow, "lapor": ("dead", 0)}):
        rows.append(_one_dead(bench, gateway, requests, seconds))
    gateway.stop()
    return rows


def _at_eight(bench: Bench, gateway: Gerbang, requests: Path, seconds: float) -> list[Goal]:
    _, core = cores()
    ours = run_wrk(gateway.port, requests, connections=8, seconds=seconds, core=core)
    more = {"p99_ms": ours.p99_ms, "requests_per_second": ours.per_second, "refused": ours.refused}
    rows = [
        Goal(
            "P5", "p50 of three systems of 50 ms, 8 connections", ours.p50_ms, _MOST_MS, unit="milliseconds", more=more
        )
    ]
    what, peer = "p99 of three systems of 50 ms, 8 connections", "nginx, answers joined as they are"
    nginx = next((bench.peers[one.name] for one in (NGINX_LUA, NGINX) if one.name in bench.peers), None)
    if nginx is None:
        return [*rows, not_measured("P5", what, 1.25, bench.missing.get(NGINX.name, "not in this run"), peer)]
    asked = (("/joined", {"X-Nik": one.nik}) for one in bench.testbed.residents if one.records == MANY)
    theirs = run_wrk(
        nginx.port, write_requests(bench.folder / "joined.requests", asked), connections=8, seconds=seconds, core=core
    )
    found = {"p99_ms": ours.p99_ms, "peer_p50_ms": theirs.p50_ms, "peer_p99_ms": theirs.p99_ms}
    return [*rows, Goal("P5", what, ours.p99_ms / theirs.p99_ms, 1.25, peer, more=found)]


def _half_load(bench: Bench, gateway: Gerbang, requests: Path, seconds: float, table: Table) -> Goal:
    what = "p50 of three systems of 50 ms, at half of the load that one core bears"
    borne = max((cell.per_second for n in (8, 64) if (cell := table.cell(THREE, "gerbang", n))), default=0.0)
    if not borne:
        return not_measured("P5", what, _MOST_MS, "the load that one core bears was not measured in this run")
    found = bench.client("steady", gateway.port, requests, borne / 2, seconds)
    more = {"requests_per_second": borne / 2, "p99_ms": found["p99_ms"], "refused": found["failures"]}
    return Goal("P5", what, found["p50_ms"], _MOST_MS, unit="milliseconds", more=more)


def _one_dead(bench: Bench, gateway: Gerbang, requests: Path, seconds: float) -> Goal:
    _, core = cores()
    found = run_wrk(gateway.port, requests, connections=8, seconds=seconds, core=core)
    resident = bench.testbed.residents[0]
    _, _, body = gateway.get(THREE.target, bearer(gateway.tokens(bench.testbed.residents)[resident.account]))
    answer = json.loads(body)
    missing = [one["system"] for one in answer.get("sources", ()) if one["state"] == "failed"]
    says = missing == ["lapor-wide"] and answer.get("complete") is False
    what = "p50 of two systems of 50 ms beside a dead one, which the answer names"
    more = {"p99_ms": found.p99_ms, "requests_per_second": found.per_second, "answer_names_it": says}
    if not says:
        return Goal(
            "P5",
            what,
            None,
            _MOST_MS,
            unit="milliseconds",
            reason="the answer does not name the dead system",
            more=more,
        )
    return Goal("P5", what, found.p50_ms, _MOST_MS, unit="milliseconds", more=more)
