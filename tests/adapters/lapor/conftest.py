"""The twin of LAPOR on real sockets, and the gateway's own upstream stack in front of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.contract import Call, Subject
from adapters.lapor import SPEC
from adapters.lapor.settings import Settings
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.clock import Clock
from simulators.lapor.twin import TWIN, build
from simulators.serving import RunningTwin, running
from simulators.spec import TwinState


@dataclass(frozen=True)
class System:
    """The running twin and the way to it."""

    twin: RunningTwin
    upstreams: Upstreams
    settings: Settings

    @property
    def state(self) -> TwinState:
        return self.twin.state

    def call(self, nik: str | None = "", *, within: float = 10, **changed: str) -> Call[Any, Any]:
        """A call about the person with this NIK; about nobody when none is given."""
        return self.upstreams.call(
            SPEC,
            None,
            Settings.model_validate({"base_url": self.twin.url, **self.given, **changed}),
            SPEC.probe_transport,
            deadline=Deadline.after(timedelta(seconds=within)),
            subject=None if nik == "" else Subject(nik=nik),
        )

    @property
    def given(self) -> dict[str, Any]:
        return dict(TWIN.settings(None, self.twin.url, self.twin.state.folder))

    async def control(self, method: str, path: str, body: object = None) -> Any:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.request(method, f"{self.twin.control}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
async def system(tmp_path: Path, sockets: None) -> AsyncIterator[System]:
    state = TwinState(TWIN, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as twin:
        settings = Settings(base_url=twin.url, **TWIN.settings(None, twin.url, tmp_path))
        upstreams = Upstreams(MemoryShared(), now)
        yield System(twin, upstreams, settings)
        await upstreams.aclose()
