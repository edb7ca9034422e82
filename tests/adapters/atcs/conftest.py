"""The twin of the camera wall on real sockets, and the gateway's own upstream stack in front of it."""

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
from simulators.atcs.twin import TWIN, build
from simulators.clock import Clock
from simulators.serving import RunningTwin, running
from simulators.spec import TwinState


@dataclass(frozen=True)
class Wall:
    """The running twin and the way to it."""

    twin: RunningTwin
    upstreams: Upstreams

    @property
    def state(self) -> TwinState:
        return self.twin.state

    def call(self, **changed: str) -> Call[Any, Any]:
        given: dict[str, Any] = {"base_url": self.twin.url, **TWIN.settings(None, self.twin.url, self.state.folder)}
        return self.upstreams.call(
            SPEC,
            None,
            Settings.model_validate({**given, **changed}),
            SPEC.probe_transport,
            deadline=Deadline.after(timedelta(seconds=10)),
        )


@pytest.fixture
async def wall(tmp_path: Path, sockets: None) -> AsyncIterator[Wall]:
    state = TwinState(TWIN, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as twin:
        upstreams = Upstreams(MemoryShared(), now)
        yield Wall(twin, upstreams)
        await upstreams.aclose()
