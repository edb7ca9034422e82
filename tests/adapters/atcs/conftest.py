"""The simulator of the camera wall on real sockets, and the gateway's own upstream stack in front of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.atcs import SPEC
from adapters.atcs.settings import Settings
from adapters.contract import Call
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.atcs.simulator import SIMULATOR, build
from simulators.clock import Clock
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState


@dataclass(frozen=True)
class Wall:
    """The running simulator and the way to it."""

    simulator: RunningSimulator
    upstreams: Upstreams

    @property
    def state(self) -> SimulatorState:
        return self.simulator.state

    def call(self, **changed: str) -> Call[Any, Any]:
        given: dict[str, Any] = {
            "base_url": self.simulator.url,
            **SIMULATOR.settings(None, self.simulator.url, self.state.folder),
        }
        return self.upstreams.call(
            SPEC,
            None,
            Settings.model_validate({**given, **changed}),
            SPEC.probe_transport,
            deadline=Deadline.after(timedelta(seconds=10)),
        )


@pytest.fixture
async def wall(tmp_path: Path, sockets: None) -> AsyncIterator[Wall]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as simulator:
        upstreams = Upstreams(MemoryShared(), now)
        yield Wall(simulator, upstreams)
        await upstreams.aclose()
