"""Load by wrk: a fixed number of connections, each of which sends its next request as soon as it has its answer."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from benchmarks.processes import BenchmarkError, Measured

SCRIPT: Final = Path(__file__).with_name("wrk.lua")

_ANSWERS_EACH: Final = 5
_LONGEST_ROUND: Final = 15.0


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw: answers, answers with a status of 400 or more, broken connections, latencies in milliseconds."""

    requests: int
    seconds: float
    refused: int
    broken: int
    not_modified: int
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Answers a second, refusals included."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: the load, and the server's CPU time for each answer in microseconds."""

    load: Load
    cpu_us: float


def write_requests(path: Path, requests: Iterable[tuple[str, Mapping[str, str]]]) -> Path:
    """Write GET requests, each a target and its headers, to a file for wrk."""
    lines = (
        "\t".join(("GET", target, *(f"{name}: {value}" for name, value in headers.items())))
        for target, headers in requests
    )
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def parse_wrk(output: str) -> Load:
    """Read the line of JSON that `wrk.lua` prints last. Raises `BenchmarkError` if there is none."""
    line = next((line for line in reversed(output.splitlines()) if line.startswith("{")), None)
    if line is None:
        raise BenchmarkError(f"wrk has measured nothing:\n{output[-1000:]}")
    found = json.loads(line)
    return Load(**{name: found[name] for name in Load.__slots__})


def run_wrk(port: int, requests: Path, *, connections: int, seconds: float, core: int, statuses: bool = False) -> Load:
    """Load a server on a loopback port from one core."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise BenchmarkError("wrk is not installed; on Debian: apt-get install wrk.")
    command = ["taskset", "-c", str(core), wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    command += ["--timeout", "60s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}", "--", str(requests)]
    done = subprocess.run([*command, *["statuses"] * statuses], capture_output=True, text=True, check=False)
    return parse_wrk(done.stdout + done.stderr)


class Server(Protocol):
    """A server that is loaded: a gateway, or a peer."""

    @property
    def name(self) -> str:
        """Its name in tables."""

    @property
    def port(self) -> int:
        """Its port on loopback."""

    @property
    def running(self) -> Measured:
        """Its process."""


def long_enough(seconds: float, connections: int, per_second: float) -> float:
    """Seconds in which each connection gets some answers: requests that the end cuts off are then few beside them."""
    return min(_LONGEST_ROUND, max(seconds, _ANSWERS_EACH * connections / max(per_second, 0.1)))


def wait_until_idle(server: Measured, most: float = 10.0) -> None:
    """Wait until a server has finished the work of earlier load: until it uses at most one tick in 0.2 seconds."""
    end, before = time.monotonic() + most, server.cpu_seconds()
    while time.monotonic() < end:
        time.sleep(0.2)
        now = server.cpu_seconds()
        if now - before <= 0.011:
            return
        before = now


def sample(
    server: Server, requests: Path, *, connections: int, seconds: float, core: int, statuses: bool = False
) -> Sample:
    """Load a server, and account for its CPU time. Work of the server in the background counts too.

    At the end each connection has a request under way; these count as half answered.
    """
    wait_until_idle(server.running)
    before = server.running.cpu_seconds()
    load = run_wrk(server.port, requests, connections=connections, seconds=seconds, core=core, statuses=statuses)
    used = server.running.cpu_seconds() - before
    server.running.check_running()
    return Sample(load, used * 1e6 / (load.requests + connections / 2))
