"""A caller at three times its limit: what is let through, what another caller notices, and what counting costs."""

import asyncio
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.callers.clients import Answers, ask_at_rate, most_in_window, request_for
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.load import sample, write_requests
from benchmarks.processes import cores
from gateway.shared.settings import CallerLimitSettings, PublicLimits

_GREEDY, _OTHER = "127.0.0.2", "127.0.0.3"
_BEFORE, _DURING = 15.0, 40.0
_OTHER_RATE: Final = 50.0
_LIST: Final = "/v1/complaints?limit=10"
_LIMIT: Final = PublicLimits().address
_WINDOW: Final = CallerLimitSettings().window.total_seconds()
_ROUNDS, _ROUND_SECONDS = 7, 4.0


def measure_limit(gateway: Gerbang) -> list[Goal]:
    """The rows of a caller over its limit. The gateway has the usual limits."""
    gateway.start()
    try:
        before, during, greedy = asyncio.run(_load(gateway.port))
    finally:
        gateway.stop()
    admitted = most_in_window([moment for moment, status in greedy.statuses if status == 200], _WINDOW)
    more = {"limit": _LIMIT, "window": _WINDOW, "admitted": greedy.count(200), "refused": greedy.count(429)}
    above = max(0.0, admitted / _LIMIT - 1) * 100
    name = "of a caller at three times its limit"
    rows = [Goal("limit", f"requests {name} above the limit in any window", above, 1, unit="%", more=more)]
    for percent in (50, 99):
        was, now = before.percentile(percent), during.percentile(percent)
        more = {
            "before_ms": was,
            "during_ms": now,
            "failed": during.failures + len(during.statuses) - during.count(200),
        }
        what = f"{percent}th percentile of another caller beside it, divided by that before"
        rows.append(Goal("limit", what, now / was, 1.25, unit="×", more=more))
    return rows


async def _load(port: int) -> tuple[Answers, Answers, Answers]:
    request = request_for(_LIST)
    before = await ask_at_rate(port, request, _OTHER_RATE, _BEFORE, address=_OTHER)
    during, greedy = await asyncio.gather(
        ask_at_rate(port, request, _OTHER_RATE, _DURING, address=_OTHER),
        ask_at_rate(port, request, 3 * _LIMIT / _WINDOW, _DURING, address=_GREEDY),
    )
    return before, during, greedy


def measure_cost(folder: Path, counting: Gerbang, without: Gerbang) -> list[Goal]:
    """The row of the CPU time: one gateway counts requests for their callers, the other does not. Loaded in turn."""
    requests = write_requests(folder / "limits.requests", [(_LIST, {})])
    _, core = cores()
    found: dict[str, list[float]] = {counting.name: [], without.name: []}
    for gateway in (counting, without):
        gateway.start()
    try:
        for _ in range(_ROUNDS):
            for gateway in (counting, without):
                used = sample(gateway, requests, connections=8, seconds=_ROUND_SECONDS, core=core).cpu_us
                found[gateway.name].append(used)
    finally:
        counting.stop()
        without.stop()
    differences = [on - off for on, off in zip(found[counting.name], found[without.name], strict=True)]
    more = {
        "cpu_us": median(found[counting.name]),
        "cpu_us_without": median(found[without.name]),
        "differences_us": [round(one, 2) for one in differences],
    }
    return [
        Goal(
            "cost",
            "CPU time of the limit for each request of a public list",
            median(differences),
            5,
            unit="µs",
            more=more,
        )
    ]
