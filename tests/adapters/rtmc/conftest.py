"""The adapter over its simulator, and over an independent SOAP server, by the gateway's own stack."""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.contract import Batch, Soap
from adapters.rtmc import SPEC
from adapters.rtmc.settings import Settings
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.clock import WITA, Clock
from simulators.rtmc.simulator import SIMULATOR, build
from simulators.rtmc.wsdl import wsdl
from simulators.server import running
from simulators.spec import SimulatorState

NOW = datetime(2026, 11, 23, 21, 15, tzinfo=WITA)
SERVER = Path(__file__).parent / "server"
# Node as it is installed, else the one that linting the OpenAPI documents has put beside Python.
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join((os.environ.get("PATH", ""), str(Path(sys.executable).parent)))}
ROWS = {row.resource.name: row for row in SPEC.reads}


@dataclass
class Asking:
    """The adapter's rows over one office."""

    upstreams: Upstreams
    settings: Settings

    def call(self, transport: Soap[Settings], within: float = 5, **changed: Any) -> Any:
        settings = Settings.model_validate({**self.settings.model_dump(), **changed})
        deadline = Deadline.after(timedelta(seconds=within))
        return self.upstreams.call(SPEC, None, settings, transport, deadline=deadline)

    async def feed(self, name: str, mark: str | None = None, **more: Any) -> list[Batch[Any]]:
        row = ROWS[name]
        return [batch async for batch in row.feed(self.call(row.transport, **more), mark)]

    async def probe(self, **more: Any) -> None:
        await SPEC.probe(self.call(SPEC.probe_transport, **more))


@dataclass
class OverSimulator(Asking):
    """The same over the simulator, with its control API."""

    control: str
    client: httpx.AsyncClient

    async def put(self, record: dict[str, Any]) -> str:
        answer = await self.client.post(f"{self.control}/records", json=record)
        assert answer.status_code == 201, answer.text
        return answer.json()["key"]

    async def withdraw(self, key: str) -> None:
        assert (await self.client.delete(f"{self.control}/records/{key}")).status_code == 204

    async def fault(self, kind: str) -> None:
        assert (await self.client.put(f"{self.control}/fault", json={"kind": kind})).is_success


@pytest.fixture
async def upstreams(anyio_backend: str) -> AsyncIterator[Upstreams]:
    made = Upstreams(MemoryShared(clock=now), now)
    yield made
    await made.aclose()


@pytest.fixture
async def over_simulator(tmp_path: Path, upstreams: Upstreams, sockets: None) -> AsyncIterator[OverSimulator]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    async with running(build(None, state), state) as simulator, httpx.AsyncClient(trust_env=False) as client:
        given = {"base_url": simulator.url, **SIMULATOR.settings(None, simulator.url, tmp_path)}
        yield OverSimulator(upstreams, Settings.model_validate(given), simulator.control, client)


def _not_here(why: str) -> None:
    """In CI the independent server is required; elsewhere its absence is a visible skip."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def _install() -> None:
    """npm's packages of the lock file, once for all workers."""
    if not all(shutil.which(program, path=ENVIRONMENT["PATH"]) for program in ("node", "npm")):
        _not_here("Node and npm are needed for the independent SOAP server")
    with (SERVER / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted, installed = SERVER / "package-lock.json", SERVER / "node_modules" / ".installed"
        if installed.is_file() and installed.read_bytes() == wanted.read_bytes():
            return
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        ran = subprocess.run(command, cwd=SERVER, env=ENVIRONMENT, capture_output=True, timeout=120, check=False)
        if ran.returncode:
            _not_here("the independent SOAP server could not be installed")
        installed.write_bytes(wanted.read_bytes())


@pytest.fixture
async def over_server(tmp_path: Path, upstreams: Upstreams, processes: None) -> AsyncIterator[Asking]:
    await asyncio.to_thread(_install)
    description = tmp_path / "service.wsdl"
    description.write_text(wsdl("http://127.0.0.1/rtmc/layanan"), "utf-8")
    program = shutil.which("node", path=ENVIRONMENT["PATH"])
    process = await asyncio.create_subprocess_exec(
        program, SERVER / "server.mjs", description, env=ENVIRONMENT, stdin=PIPE, stdout=PIPE
    )
    try:
        async with asyncio.timeout(20):
            port = int(await process.stdout.readline())
        given = {"base_url": f"http://127.0.0.1:{port}", "partner": "city", "password": "right"}
        yield Asking(upstreams, Settings.model_validate(given))
    finally:
        process.stdin.close()
        await process.wait()
