"""The simulator of e-kelurahan on real sockets, and its write row, called as the gateway calls it."""

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Call, Subject, Writes
from adapters.e_kelurahan import SPEC
from adapters.e_kelurahan.settings import Settings
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.clock import Clock
from simulators.e_kelurahan.simulator import SIMULATOR, build
from simulators.people import DEMONSTRATION
from simulators.server import running
from simulators.spec import SimulatorState


@dataclass(frozen=True)
class Letters:
    """The system that takes applications, and the way to it."""

    state: SimulatorState
    write: Writes[Any, Any, Any]
    call: Callable[..., Call[Any, Any]]

    def written(self, code: str) -> list[Any]:
        """What the system really stored under this receipt code."""
        return [write for write in self.state.ledger.writes if write["code"] == code]


@pytest.fixture(scope="session")
def register(tmp_path_factory) -> Path:
    """The folder of a simulator that has been started once: what is in it is copied rather than made again."""
    folder = tmp_path_factory.mktemp("register")
    build(None, SimulatorState(SIMULATOR, None, folder, clock=Clock(), seed=637199))
    return folder


@pytest.fixture
async def letters(tmp_path: Path, register: Path, sockets: None) -> AsyncIterator[Letters]:
    shutil.copytree(register, tmp_path, dirs_exist_ok=True)
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    write = SPEC.writes[0]
    async with running(build(None, state), state) as simulator:
        settings = Settings(base_url=simulator.url, **SIMULATOR.settings(None, simulator.url, tmp_path))
        upstreams = Upstreams(MemoryShared(), now)

        def call(nik: str = DEMONSTRATION["resident"].nik, within: float = 10) -> Call[Any, Any]:
            deadline = Deadline.after(timedelta(seconds=within))
            return upstreams.call(SPEC, None, settings, write.transport, deadline=deadline, subject=Subject(nik=nik))

        yield Letters(state, write, call)
        await upstreams.aclose()
