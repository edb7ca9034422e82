"""A running simulator, and the gateway's own way to its folder."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.contract import Bad, Batch, Call, Reads
from adapters.wirausaha_baru import SPEC
from adapters.wirausaha_baru.settings import WirausahaSettings
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams
from simulators.clock import Clock
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState
from simulators.wirausaha_baru.simulator import DROPS, SIMULATOR, build

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=8)))
CHARSETS = {"dinas-perindag": "windows-1252", "dinas-pariwisata": "windows-1252"}


@dataclass(frozen=True)
class Asking:
    """Asks the adapter's rows about one folder."""

    upstreams: Upstreams
    settings: WirausahaSettings

    def call(self, transport: Any) -> Call[Any, Any]:
        deadline = Deadline.after(timedelta(seconds=60))
        return self.upstreams.call(SPEC, None, self.settings, transport, deadline=deadline)

    async def batches(self, row: Reads[Any, Any, Any, Any, Any], mark: str | None = None) -> list[Batch[Any]]:
        assert row.feed is not None
        return [batch async for batch in row.feed(self.call(row.transport), mark)]

    async def items(self, row: Reads[Any, Any, Any, Any, Any]) -> list[Any]:
        return [item for batch in await self.batches(row) for item in batch.items]

    async def by_key(self, row: Reads[Any, Any, Any, Any, Any]) -> dict[str, Any]:
        items = await self.items(row)
        assert not [item for item in items if isinstance(item, Bad)]
        found = {row.key(item): row.normalise(item) for item in items}
        assert len(found) == len(items)
        return found

    async def probe(self) -> None:
        await SPEC.probe(self.call(SPEC.probe_transport))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulator's storage, seeded once."""
    folder = tmp_path_factory.mktemp("seeded")
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(frozen_at=NOW), seed=637199)
    build(None, state)
    state.closing.close()
    return folder


@pytest.fixture
async def simulator(tmp_path: Path, seeded: Path, sockets: None) -> AsyncIterator[RunningSimulator]:
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    async with running(build(None, state), state) as answering:
        yield answering


@pytest.fixture
def drops(simulator: RunningSimulator) -> Path:
    return simulator.state.folder / DROPS


@pytest.fixture
async def over() -> AsyncIterator[Callable[[Path], Asking]]:
    made: list[Upstreams] = []

    def asking(folder: Path) -> Asking:
        settings = WirausahaSettings.model_validate({"folder": folder, "charsets": CHARSETS})
        upstreams = Upstreams(MemoryShared(), lambda: NOW, UpstreamSettings(file_settle=timedelta(milliseconds=5)))
        made.append(upstreams)
        return Asking(upstreams, settings)

    yield asking
    for upstreams in made:
        await upstreams.aclose()


@pytest.fixture
def asking(over: Callable[[Path], Asking], drops: Path) -> Asking:
    return over(drops)


@pytest.fixture
def reading(over: Callable[[Path], Asking], seeded: Path) -> Asking:
    """For tests that change nothing: no simulator of their own."""
    return over(seeded / DROPS)


Tell = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def tell(simulator: RunningSimulator) -> AsyncIterator[Tell]:
    async with httpx.AsyncClient(base_url=simulator.control, trust_env=False, timeout=30) as client:
        yield client.request
