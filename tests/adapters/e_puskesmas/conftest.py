"""The simulator's offices on real sockets, and a way to them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx
import pytest

from adapters.contract import Call, Subject
from adapters.e_puskesmas.settings import Settings
from adapters.errors import UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from simulators.clock import WITA, Clock
from simulators.e_puskesmas.simulator import SIMULATOR, build
from simulators.faults import Fault, FaultKind
from simulators.server import running
from simulators.spec import SimulatorState

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=WITA)


class Upstream:
    """HTTP to one office, without any of the gateway's care."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def send(self, request: HttpRequest) -> HttpAnswer:
        try:
            answer = await self._client.request(
                request.method, request.path, headers=dict(request.headers), content=request.content
            )
        except httpx.TransportError:
            raise UpstreamUnavailableError("the connection failed") from None
        return HttpAnswer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)


@dataclass
class Office:
    """One running office."""

    settings: Settings
    up: Upstream
    state: SimulatorState

    def call(self, nik: str | None = None, now: datetime = NOW) -> Call[Settings, HttpUpstream]:
        subject = Subject(nik=nik) if nik else None
        return Call(settings=self.settings, up=self.up, now=now, office=self.state.office, subject=subject)

    def fault(self, kind: str, *, times: int | None = None, path: str | None = None) -> None:
        self.state.faults.set(Fault(FaultKind(kind), times, path))


@pytest.fixture(scope="session")
def now() -> datetime:
    """What time it is for gateway and simulator, unless one of them errs."""
    return NOW


@pytest.fixture
def office(tmp_path, sockets) -> Callable[[str], object]:
    """`async with office("pekauman") as running_office: …`"""

    @asynccontextmanager
    async def opened(name: str) -> AsyncIterator[Office]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        state = SimulatorState(SIMULATOR, name, folder, clock=Clock(frozen_at=NOW), seed=637199)
        async with (
            running(build(name, state), state) as simulator,
            httpx.AsyncClient(base_url=simulator.url, timeout=10) as client,
        ):
            settings = Settings.model_validate(
                {"base_url": simulator.url, **SIMULATOR.settings(name, simulator.url, folder)}
            )
            yield Office(settings, Upstream(client), state)

    return opened
