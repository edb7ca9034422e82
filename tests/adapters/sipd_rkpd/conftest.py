"""The simulator of SIPD on real sockets, and the gateway's own upstream stack in front of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.contract import Call, Subject
from adapters.sipd_rkpd import SPEC
from adapters.sipd_rkpd.settings import Settings
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.clock import Clock
from simulators.server import RunningSimulator, running
from simulators.sipd_rkpd.simulator import SIMULATOR, build
from simulators.spec import SimulatorState


@dataclass(frozen=True)
class System:
    """The running simulator and the way to it."""

    simulator: RunningSimulator
    upstreams: Upstreams

    @property
    def state(self) -> SimulatorState:
        return self.simulator.state

    def call(self, nik: str | None = "", *, within: float = 10, **changed: str) -> Call[Any, Any]:
        """A call about the person with this NIK; about nobody when none is given."""
        given = dict(SIMULATOR.settings(None, self.simulator.url, self.simulator.state.folder))
        return self.upstreams.call(
            SPEC,
            None,
            Settings.model_validate({"base_url": self.simulator.url, **given, **changed}),
            SPEC.probe_transport,
            deadline=Deadline.after(timedelta(seconds=within)),
            subject=None if nik == "" else Subject(nik=nik),
        )

    async def control(self, method: str, path: str, body: object = None) -> Any:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.request(method, f"{self.simulator.control}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
async def system(tmp_path: Path, sockets: None) -> AsyncIterator[System]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as simulator:
        upstreams = Upstreams(MemoryShared(), now)
        yield System(simulator, upstreams)
        await upstreams.aclose()
