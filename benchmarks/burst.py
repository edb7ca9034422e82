"""Identical requests at once: `python -m benchmarks.burst PORT FILE NUMBER`, with the first request of a file for wrk.

Each request has a connection of its own. All connections are opened first, and the server has answered a health check
on each, so that none of them waits to be accepted. Then the requests are sent, so that they arrive at once. Prints one
line of JSON: how often each status came, broken connections as `broken`, the seconds in which the requests were sent,
and those until the last answer.
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
_OPENED_TOGETHER = 500


async def run(port: int, request: bytes, number: int) -> dict[str, float]:
    """Send one request on each of many connections."""
    check = f"GET /livez HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    found: Counter[str] = Counter()

    async def opened() -> Connection | None:
        try:
            async with asyncio.timeout(_LONGEST):
                _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
                await connection.ask(check)
        except (OSError, TimeoutError):
            return None
        return connection

    async def answered(answer: "asyncio.Future[int]") -> None:
        try:
            async with asyncio.timeout(_LONGEST):
                found[str(await answer)] += 1
        except (OSError, TimeoutError):
            found["broken"] += 1

    connections: list[Connection | None] = []
    for first in range(0, number, _OPENED_TOGETHER):
        connections += await asyncio.gather(*(opened() for _ in range(first, min(first + _OPENED_TOGETHER, number))))
    usable = [connection for connection in connections if connection is not None]
    found["broken"] += number - len(usable)
    start = time.monotonic()
    waiting = [answered(connection.send(request)) for connection in usable]
    sent = time.monotonic() - start
    await asyncio.gather(*waiting)
    seconds = time.monotonic() - start
    for connection in usable:
        connection.close()
    return {**+found, "sent": sent, "seconds": seconds}


def main() -> None:
    """Run the burst."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, path, number = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(run(port, read_requests(path, port)[0], number))))


if __name__ == "__main__":
    main()
