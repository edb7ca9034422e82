"""The gateway in front of the running simulator of LAPOR, over which changes are pushed as well as fetched."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from adapters.lapor import SPEC
from adapters.lapor.settings import Settings as LaporSettings
from gateway.api.dependencies import ApiDependencies
from gateway.app import create_app
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem, Registry
from gateway.server.serving import listen, serve
from gateway.settings import Mode, Settings
from schemas.complaint import COMPLAINT, Complaint
from schemas.records import Record
from simulators.clock import Clock
from simulators.lapor.callbacks import signature
from simulators.lapor.simulator import SIMULATOR, build
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState
from tests.databases import lay_tables
from tests.lifted_limits import LIFTED_LIMITS

DOOR = "/v1/inbound/lapor/complaint"
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Lapor:
    """The running simulator, and what it would push."""

    simulator: RunningSimulator
    token: str

    async def control(self, record: dict[str, Any]) -> str:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{self.simulator.control}/records", json=record)
        return str(answer.json()["key"])

    async def row(self, tracking: str) -> dict[str, Any]:
        """A report as the service itself shows it."""
        async with httpx.AsyncClient(trust_env=False) as client:
            url, headers = f"{self.simulator.url}/api/services/f01/getstream", {"KEYTOKEN": self.token}
            answer = await client.post(url, data={"trackingid": tracking}, headers=headers)
        row: dict[str, Any] = answer.json()["data"]
        return row

    def push(self, row: dict[str, Any], *, delivery: str = "d-1", seconds: int | None = None) -> dict[str, Any]:
        """The request with which the service would push a report: arguments for httpx."""
        body = urlencode({"data": quote(json.dumps(row), safe="")}).encode()
        at = str(int(self.simulator.state.clock.now().timestamp()) if seconds is None else seconds)
        headers = {
            "Content-Type": "text/html",
            "X-Lapor-Waktu": at,
            "X-Lapor-Kiriman": delivery,
            "X-Lapor-Tanda": signature(self.token, at, delivery, body),
        }
        return {"content": body, "headers": headers}


@dataclass(frozen=True)
class Behind:
    """The gateway, and what it shows."""

    deps: ApiDependencies
    http: httpx.AsyncClient

    @property
    def copy(self) -> dict[str, Record[Complaint]]:
        """The public complaints by their numbers."""
        return {record.body.number: record for record in self.deps.snapshots.public(COMPLAINT).records}

    async def push(self, request: dict[str, Any]) -> httpx.Response:
        return await self.http.post(DOOR, **request)

    async def renew(self) -> None:
        """Fetch the feed now."""
        (feeder,) = self.deps.feeds._fetchers
        assert await self.deps.feeds.renew(feeder)


Opened = Callable[..., AbstractAsyncContextManager[Behind]]


@pytest.fixture
async def lapor(tmp_path: Path, sockets: None) -> AsyncIterator[Lapor]:
    folder = tmp_path / "simulator"
    folder.mkdir()
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as simulator:
        yield Lapor(simulator, str(SIMULATOR.settings(None, simulator.url, folder)["token"]))


@pytest.fixture
def opened(tmp_path: Path, lapor: Lapor) -> Opened:
    """Opens the gateway in the same home again and again; `url` replaces the simulator's address."""

    @asynccontextmanager
    async def opened(*, url: str | None = None) -> AsyncIterator[Behind]:
        agencies = ROOT / "config/agencies.toml"
        settings = Settings(mode=Mode.DEMO, home=tmp_path / "home", agencies=agencies, limits=LIFTED_LIMITS)
        values = {"base_url": url or lapor.simulator.url, "token": lapor.token}
        office = Office(None, None, LaporSettings.model_validate(values))
        lay_tables(settings.database)
        app = create_app(settings, registry=Registry([LiveSystem(SPEC, (office,))]))
        sock, stop, ready = listen("127.0.0.1", 0), asyncio.Event(), asyncio.Event()
        serving = asyncio.create_task(serve(app, sock, stop, _setting(ready)))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        try:
            deps: ApiDependencies = app.state.deps
            await deps.feeds.wait_until_tried()
            address = f"http://127.0.0.1:{sock.getsockname()[1]}"
            async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
                yield Behind(deps, http)
        finally:
            waiting.cancel()
            stop.set()
            await serving
            sock.close()

    return opened


def _setting(event: asyncio.Event) -> Callable[[], Coroutine[None, None, None]]:
    async def started() -> None:
        event.set()

    return started
