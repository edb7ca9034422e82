"""Identical requests at once: `python -m benchmarks.burst PORT FILE NUMBER`, with the first request of a file for wrk.

Each request has a connection of its own, and is sent as soon as it is open. Prints one line of JSON: how often each
status came, broken connections as `broken`, and the seconds until the last answer.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import uvloop

from benchmarks.steady import Connection, read_requests

_LONGEST = 180.0


async def run(port: int, request: bytes, number: int) -> dict[str, float]:
    """Send one request on each of many connections."""
    loop = asyncio.get_running_loop()
    found: Counter[str] = Counter()

    async def one() -> None:
        connection = None
        try:
            async with asyncio.timeout(_LONGEST):
                _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
                found[str(await connection.ask(request))] += 1
        except (OSError, TimeoutError):
            found["broken"] += 1
        if connection is not None:
            connection.close()

    start = time.monotonic()
    await asyncio.gather(*(one() for _ in range(number)))
    return {**found, "seconds": time.monotonic() - start}


def main() -> None:
    """Run the burst."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, path, number = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(run(port, read_requests(path, port)[0], number))))


if __name__ == "__main__":
    main()
