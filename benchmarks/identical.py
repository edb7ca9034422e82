"""P6: identical questions at once are one question to each system, and nobody is refused.

Each burst meets a gateway that has just started. Each request has a connection of its own, all from one address, so the
limits on connections are raised. The backend has counted the requests to each system: of a question that is asked once,
each request comes once. Those that the gateway has made before by itself, for its feeds, are left out.
"""

import json
from typing import Final

from benchmarks.bench import Bench
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.load import write_requests
from benchmarks.workloads import LIST, ONE, OVERVIEW, Workload, bearer

_CONNECTIONS: Final = 12_000
_ENVIRONMENT: Final = {
    "GERBANG_CONNECTIONS": json.dumps(
        {
            "most_requests": _CONNECTIONS,
            "most_idle": _CONNECTIONS,
            "most_idle_per_address": _CONNECTIONS,
            "keep_alive": "PT60S",
        }
    )
}


def identical_goals(bench: Bench) -> list[Goal]:
    """The rows of P6."""
    reads, overviews = (1_000, 200) if bench.quick else (10_000, 2_000)
    rows = []
    for number, workload in ((reads, LIST), (reads, ONE), (overviews, OVERVIEW)):
        gateway = bench.another_gateway(f"cold-{workload.name}", _ENVIRONMENT)
        bench.testbed.backend.do("reset")
        gateway.start()
        rows += _burst(bench, gateway, workload, number, 1)
        gateway.stop()
    return rows


def _burst(bench: Bench, gateway: Gerbang, workload: Workload, number: int, resident: int) -> list[Goal]:
    asked = bench.testbed.residents[resident]
    headers = bearer(gateway.tokens(bench.testbed.residents)[asked.account]) if workload.signed_in else {}
    requests = write_requests(gateway.home / "burst.requests", [(workload.target, headers)])
    of_feeds = _requests(bench)
    bench.testbed.backend.do("reset")
    found = bench.client("burst", gateway.port, requests, number)
    calls = {name: count for name, count in _requests(bench).items() if name not in of_feeds}
    good = found.get("200", 0)
    more = {"answers": found, "calls": calls}
    name = f"{number} identical requests of `{workload.name}` at once, cold"
    refused = Goal("P6", f"answers other than 200 to {name}", float(number - good), 0, unit="answers", more=more)
    if not workload.signed_in:
        return [refused]  # the calls meanwhile are those of the feeds, which no request causes
    return [
        Goal(
            "P6",
            f"times that a system got the same question for {name}",
            max(calls.values(), default=0),
            1,
            unit="times",
            more=more,
        ),
        refused,
    ]


def _requests(bench: Bench) -> dict[str, int]:
    """How often each system got each request since the last reset."""
    return {
        f"{system}: {request}": number
        for system, status in bench.testbed.backend.do("status").items()
        for request, number in status["requests"].items()
    }
