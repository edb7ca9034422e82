"""The simulator of e-kelurahan on real sockets, and the gateway's own upstream stack in front of it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Call, Subject, Transport
from adapters.e_kelurahan import SPEC
from adapters.e_kelurahan.settings import Settings
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from schemas.resources import Resource
from simulators.clock import Clock
from simulators.e_kelurahan.simulator import SIMULATOR, build
from simulators.people import DEMONSTRATION
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState


@dataclass(frozen=True)
class System:
    """The running simulator and the way to it."""

    simulator: RunningSimulator
    upstreams: Upstreams
    settings: Settings

    @property
    def state(self) -> SimulatorState:
        return self.simulator.state

    def call(
        self,
        transport: Transport[Any, Any],
        *,
        nik: str | None = None,
        within: float = 20,
        settings: Settings | None = None,
    ) -> Call[Any, Any]:
        return self.upstreams.call(
            SPEC,
            None,
            settings or self.settings,
            transport,
            deadline=Deadline.after(timedelta(seconds=within)),
            subject=Subject(nik=nik) if nik else None,
        )

    def reads(self, resource: Resource[Any, Any]) -> Any:
        return next(row for row in SPEC.reads if row.resource is resource)


@pytest.fixture(scope="session")
def register(tmp_path_factory) -> Path:
    """The folder of a simulator that has been started once: what is in it is copied rather than made again."""
    folder = tmp_path_factory.mktemp("register")
    build(None, SimulatorState(SIMULATOR, None, folder, clock=Clock(), seed=637199))
    return folder


@pytest.fixture
async def system(tmp_path: Path, register: Path, sockets: None) -> AsyncIterator[System]:
    shutil.copytree(register, tmp_path, dirs_exist_ok=True)
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as simulator:
        settings = Settings(base_url=simulator.url, **SIMULATOR.settings(None, simulator.url, tmp_path))
        upstreams = Upstreams(MemoryShared(), now)
        yield System(simulator, upstreams, settings)
        await upstreams.aclose()


@pytest.fixture
def resident() -> str:
    return DEMONSTRATION["resident"].nik
