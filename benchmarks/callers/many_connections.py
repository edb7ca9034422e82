"""Many idle and dripping connections: how fast health is answered, and whether anyone is refused."""

import asyncio
import time
from typing import Final

from benchmarks.callers.clients import ask_at_rate, connect_many, drip, request_for
from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal

IDLE, DRIPPING = 2_000, 500
_SECONDS: Final = 20.0
_PROBES_PER_SECOND: Final = 40.0
_PAUSE: Final = 0.2
"""Seconds between the bytes of a dripping request: its head takes eight seconds, of ten that are allowed."""


def measure_connections(gateway: Gerbang) -> list[Goal]:
    """The rows. All connections are from one address."""
    gateway.start()
    try:
        before = gateway.running.memory()
        return asyncio.run(_measure(gateway, before))
    finally:
        gateway.stop()


async def _measure(gateway: Gerbang, memory_before: float) -> list[Goal]:
    request = request_for("/livez")
    idle = await connect_many(gateway.port, IDLE)
    first = await asyncio.gather(*(connection.ask(request) for connection in idle))
    dripping = await connect_many(gateway.port, DRIPPING)
    until = time.monotonic() + _SECONDS
    drips = [asyncio.create_task(drip(connection, request, _PAUSE, until)) for connection in dripping]
    probes = await ask_at_rate(gateway.port, request, _PROBES_PER_SECOND, _SECONDS, keep=False)
    memory = gateway.running.memory() - memory_before
    dripped = await asyncio.gather(*drips)
    refused = sum(1 for status in first if status != 200)
    refused += sum(1 for connection in idle if connection.closed)
    refused += sum(bad for _, bad in dripped)
    refused += len(probes.statuses) + probes.failures - probes.count(200)
    for connection in (*idle, *dripping):
        connection.close()
    name = f"with {IDLE} idle and {DRIPPING} dripping connections"
    more = {
        "probes": len(probes.statuses),
        "p50_ms": probes.percentile(50),
        "p99_ms": probes.percentile(99),
        "dripped_requests": sum(good for good, _ in dripped),
        "memory_mb": memory,
    }
    return [
        Goal("connections", f"longest answer of /livez {name}", max(probes.latencies), 100, unit="ms", more=more),
        Goal("connections", f"refused or closed {name}", float(refused), 0, unit="connections and requests"),
    ]
