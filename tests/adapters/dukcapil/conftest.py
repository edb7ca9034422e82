"""The adapter over the running twin, by an upstream that does just enough."""

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
from simulators.dukcapil.twin import TWIN, build
from simulators.serving import RunningTwin, running
from simulators.spec import TwinState

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
class OverTwin:
    """Calls over the running twin, with its credentials or others."""

    twin: RunningTwin
    client: httpx.AsyncClient

    def call(self, nik: str | None, **changed: str) -> Call[Settings, HttpUpstream]:
        given = {**TWIN.settings(None, self.twin.url, self.twin.state.folder), "base_url": self.twin.url, **changed}
        return Call(Settings.model_validate(given), HttpxUpstream(self.client), NOW, subject=Subject(nik=nik))

    async def control(self, method: str, path: str, body: object) -> None:
        answer = await self.client.request(method, f"{self.twin.control}{path}", json=body)
        assert answer.is_success, answer.text


@pytest.fixture
async def over_twin(tmp_path: Path, sockets: None) -> AsyncIterator[OverTwin]:
    state = TwinState(TWIN, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    async with (
        running(build(None, state), state) as twin,
        httpx.AsyncClient(base_url=twin.url, trust_env=False, timeout=20) as client,
    ):
        yield OverTwin(twin, client)
