"""Clients of a gateway on loopback: paced requests, connections that stay idle, and connections that drip."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Final

from benchmarks.steady import Connection

PATIENCE: Final = 30.0
_CONNECTED_TOGETHER: Final = 100


def request_for(path: str, *, method: str = "GET") -> bytes:
    """The bytes of a request without content."""
    length = "" if method == "GET" else "Content-Length: 0\r\n"
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode()


async def connect(port: int, address: str | None = None) -> Connection:
    """Open a connection, from an address of loopback."""
    local = None if address is None else (address, 0)
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port, local_addr=local)
    return connection


async def connect_many(port: int, number: int, address: str | None = None) -> list[Connection]:
    """Open many connections, some at a time."""
    opened: list[Connection] = []
    while len(opened) < number:
        together = min(_CONNECTED_TOGETHER, number - len(opened))
        opened += await asyncio.gather(*(connect(port, address) for _ in range(together)))
    return opened


@dataclass(slots=True)
class Answers:
    """What a client got: the time and status of each answer, latencies in milliseconds, and requests without one."""

    statuses: list[tuple[float, int]] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    failures: int = 0

    def count(self, status: int) -> int:
        """How many answers had this status."""
        return sum(1 for _, found in self.statuses if found == status)

    def percentile(self, percent: int) -> float:
        """A percentile of the latencies."""
        return quantiles(self.latencies, n=100)[percent - 1] if len(self.latencies) > 1 else 0.0

    async def note(self, connection: Connection, request: bytes) -> None:
        """Send one request, and note its answer."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                status = await connection.ask(request)
        except (OSError, TimeoutError):
            self.failures += 1
            return
        now = time.monotonic()
        self.statuses.append((now, status))
        self.latencies.append((now - began) * 1000)


async def ask_at_rate(
    port: int, request: bytes, rate: float, seconds: float, *, address: str | None = None, keep: bool = True
) -> Answers:
    """Send requests at fixed times; each on a free kept connection, or each on a new one."""
    answers, free, tasks = Answers(), list[Connection](), list[asyncio.Task[None]]()

    async def one() -> None:
        connection = free.pop() if free and not free[-1].closed else None
        try:
            connection = connection or await connect(port, address)
        except OSError:
            answers.failures += 1
            return
        await answers.note(connection, request)
        if keep and not connection.closed:
            free.append(connection)
        else:
            connection.close()

    start = time.monotonic()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, start + number / rate - time.monotonic()))
        tasks.append(asyncio.create_task(one()))
    await asyncio.gather(*tasks)
    for connection in free:
        connection.close()
    return answers


async def drip(connection: Connection, request: bytes, pause: float, until: float) -> tuple[int, int]:
    """Send requests byte by byte until a time; return how many were answered with 200, and how many were not."""
    good = bad = 0
    while time.monotonic() < until:
        answer = connection.send(request[:1])
        try:
            for byte in range(1, len(request)):
                await asyncio.sleep(pause)
                connection.write(request[byte : byte + 1])
            async with asyncio.timeout(PATIENCE):
                status = await answer
        except (OSError, TimeoutError):
            return good, bad + 1
        good, bad = good + (status == 200), bad + (status != 200)
    return good, bad


def most_in_window(times: Iterable[float], seconds: float) -> int:
    """The largest number of these times within any window of so many seconds."""
    ordered = sorted(times)
    first = most = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
