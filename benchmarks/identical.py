"""P6: identical questions at once are one question to each system, and nobody is refused.

Both bursts meet a gateway that has just started. Each request has a connection of its own. The calls are those that
the backend has counted.
"""

from benchmarks.bench import Bench
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.load import write_requests
from benchmarks.workloads import ONE, OVERVIEW, Workload, bearer


def identical_goals(bench: Bench) -> list[Goal]:
    """The rows of P6."""
    gateway = bench.another_gateway("cold")
    gateway.start()
    reads, overviews = (1_000, 200) if bench.quick else (10_000, 2_000)
    rows = _burst(bench, gateway, ONE, reads, 1) + _burst(bench, gateway, OVERVIEW, overviews, 2)
    gateway.stop()
    return rows


def _burst(bench: Bench, gateway: Gerbang, workload: Workload, number: int, resident: int) -> list[Goal]:
    asked = bench.testbed.residents[resident]
    headers = bearer(gateway.tokens(bench.testbed.residents)[asked.account])
    requests = write_requests(gateway.home / "burst.requests", [(workload.target, headers)])
    bench.testbed.backend.do("reset")
    found = bench.client("burst", gateway.port, requests, number)
    calls = {name: one["calls"] for name, one in bench.testbed.backend.do("status").items() if one["calls"]}
    # e-puskesmas answers by two requests, the card of the resident and its list, which make one question.
    questions = {name: calls[name] / 2 if name.startswith("e-puskesmas") else calls[name] for name in calls}
    good = found.get("200", 0)
    more = {"answers": found, "calls": calls}
    name = f"{number} identical requests of `{workload.name}` at once, cold"
    return [
        Goal(
            "P6",
            f"questions to each system for {name}",
            max(questions.values(), default=0),
            1,
            unit="questions",
            more=more,
        ),
        Goal("P6", f"answers other than 200 to {name}", float(number - good), 0, unit="answers", more=more),
    ]
