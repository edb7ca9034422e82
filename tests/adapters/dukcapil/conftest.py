"""The adapter over the running simulator, by an upstream that does just enough."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from adapters.contract import Call, Subject
from adapters.dukcapil.settings import Settings
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream
from simulators.clock import WITA, Clock
from simulators.dukcapil.simulator import SIMULATOR, build
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState

NOW = datetime(2026, 11, 23, 21, 15, tzinfo=WITA)


@dataclass
class HttpxUpstream:
    """No session, no bounds, no retry."""

    client: httpx.AsyncClient

    async def send(self, request: HttpRequest) -> HttpAnswer:
        answer = await self.client.request(
            request.method, request.path, headers=dict(request.headers), content=request.content
        )
        return HttpAnswer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)


@dataclass
class OverSimulator:
    """Calls over the running simulator, with its credentials or others."""

    simulator: RunningSimulator
    client: httpx.AsyncClient

    def call(self, nik: str | None, **changed: str) -> Call[Settings, HttpUpstream]:
        given = {
            **SIMULATOR.settings(None, self.simulator.url, self.simulator.state.folder),
            "base_url": self.simulator.url,
            **changed,
        }
        return Call(Settings.model_validate(given), HttpxUpstream(self.client), NOW, subject=Subject(nik=nik))

    async def control(self, method: str, path: str, body: object) -> None:
        answer = await self.client.request(method, f"{self.simulator.control}{path}", json=body)
        assert answer.is_success, answer.text


@pytest.fixture
async def over_simulator(tmp_path: Path, sockets: None) -> AsyncIterator[OverSimulator]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    async with (
        running(build(None, state), state) as simulator,
        httpx.AsyncClient(base_url=simulator.url, trust_env=False, timeout=20) as client,
    ):
        yield OverSimulator(simulator, client)
