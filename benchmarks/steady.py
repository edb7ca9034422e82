"""Load at a fixed rate: `python -m benchmarks.steady PORT FILE RATE SECONDS`, with the requests of a file for wrk.

wrk sends the next request of a connection when it has the answer, so a slow server is asked less often. Here requests
start at their times, each on a connection that is free, and latency counts from the time at which it should have
started. Prints one line of JSON: answers, failures, and the 50th and 99th percentile in milliseconds.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import httptools
import uvloop


class Connection(asyncio.Protocol):
    """One connection that is kept open. Only one request at a time is sent."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._waiter: asyncio.Future[int] | None = None
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Parse what arrived."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Give the status to the waiting request, and be ready for the next answer."""
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(status)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the waiting request fail."""
        self.closed = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(exc or ConnectionError())

    def send(self, request: bytes) -> "asyncio.Future[int]":
        """Send a request at once; the future has the status of its answer."""
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiter

    def write(self, data: bytes) -> None:
        """Send more bytes of a request."""
        self._transport.write(data)

    async def ask(self, request: bytes) -> int:
        """Send a request; return the status of its answer."""
        return await self.send(request)

    def close(self) -> None:
        """Close the connection."""
        self._transport.abort()


def read_requests(path: Path, port: int) -> list[bytes]:
    """The requests of a file for wrk, as bytes."""
    found = []
    for line in path.read_text("utf-8").splitlines():
        method, target, *headers = line.split("\t")
        lines = (f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", "")
        found.append("\r\n".join(lines).encode())
    return found


async def run(port: int, requests: Sequence[bytes], rate: float, seconds: float) -> dict[str, float]:
    """Send `rate` requests a second for some seconds."""
    loop = asyncio.get_running_loop()
    free: list[Connection] = []
    latencies: list[float] = []
    failures = 0

    async def one(request: bytes, due: float) -> None:
        nonlocal failures
        while free and free[-1].closed:
            free.pop()
        try:
            if free:
                connection = free.pop()
            else:
                _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
            async with asyncio.timeout(60):
                status = await connection.ask(request)
        except (OSError, TimeoutError):
            failures += 1
            return
        latencies.append((time.monotonic() - due) * 1000)
        failures += status >= 400
        free.append(connection)

    start = time.monotonic()
    tasks = []
    for number in range(int(rate * seconds)):
        due = start + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.ensure_future(one(requests[number % len(requests)], due)))
    await asyncio.gather(*tasks)
    for connection in free:
        connection.close()
    cuts = quantiles(latencies, n=100) if len(latencies) > 1 else [0.0] * 99
    return {"answers": len(latencies), "failures": failures, "p50_ms": cuts[49], "p99_ms": cuts[98]}


def main() -> None:
    """Run the load."""
    port, path, rate, seconds = int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(run(port, read_requests(path, port), rate, seconds))))


if __name__ == "__main__":
    main()
