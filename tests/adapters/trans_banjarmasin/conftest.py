"""The simulator of the operator's exports on real sockets, and the gateway's own upstream stack in front of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Call
from adapters.trans_banjarmasin import SPEC
from adapters.trans_banjarmasin.settings import Settings
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.clock import Clock
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState
from simulators.trans_banjarmasin.simulator import SIMULATOR, build


@dataclass(frozen=True)
class Operator:
    """The running simulator and the way to it."""

    simulator: RunningSimulator
    upstreams: Upstreams

    @property
    def state(self) -> SimulatorState:
        return self.simulator.state

    @property
    def settings(self) -> Settings:
        given: dict[str, Any] = {
            "base_url": self.simulator.url,
            **SIMULATOR.settings(None, self.simulator.url, self.state.folder),
        }
        return Settings.model_validate(given)

    def call(self, *, at: datetime | None = None, key: str | None = None) -> Call[Any, Any]:
        settings = self.settings
        if key is not None:
            settings = Settings.model_validate({"base_url": settings.base_url, "key": key})
        transport = SPEC.reads[0].transport
        call = self.upstreams.call(SPEC, None, settings, transport, deadline=Deadline.after(timedelta(seconds=10)))
        return call if at is None else replace(call, now=at)


@pytest.fixture
async def operator(tmp_path: Path, sockets: None) -> AsyncIterator[Operator]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as simulator:
        upstreams = Upstreams(MemoryShared(), now)
        yield Operator(simulator, upstreams)
        await upstreams.aclose()
