"""The simulator's database, as a file and on a MariaDB server, and the gateway's own way to it."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine

from adapters.contract import Batch, Call, Subject, Transport
from adapters.konsultasi_publik import CONSULTATIONS, SPEC
from adapters.konsultasi_publik.settings import Settings
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.clock import Clock
from simulators.konsultasi_publik import schema
from simulators.konsultasi_publik.simulator import DATABASE, SIMULATOR, build, build_on
from simulators.people import DEMONSTRATION
from simulators.spec import SimulatorState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=8)))
NIK = DEMONSTRATION["resident"].nik


@dataclass(frozen=True)
class System:
    """A simulator, and the way to it."""

    state: SimulatorState
    upstreams: Upstreams
    settings: Settings

    def call(
        self, transport: Transport[Any, Any], *, nik: str | None = None, within: float = 10, url: str | None = None
    ) -> Call[Any, Any]:
        settings = self.settings if url is None else Settings.model_validate({"url": url})
        subject = Subject(nik=nik) if nik else None
        deadline = Deadline.after(timedelta(seconds=within))
        return self.upstreams.call(SPEC, None, settings, transport, deadline=deadline, subject=subject)

    async def batches(self, mark: str | None = None, within: float = 10) -> list[Batch[Any]]:
        feed = CONSULTATIONS.feed
        assert feed is not None
        return [batch async for batch in feed(self.call(CONSULTATIONS.transport, within=within), mark)]

    async def by_key(self) -> dict[str, Any]:
        items = [item for batch in await self.batches() for item in batch.items]
        found = {CONSULTATIONS.key(item): CONSULTATIONS.normalise(item) for item in items}
        assert len(found) == len(items)
        return found


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulator's file, seeded once."""
    folder = tmp_path_factory.mktemp("seeded")
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(frozen_at=NOW), seed=637199)
    build(None, state)
    state.closing.close()
    return folder


@pytest.fixture
async def file(tmp_path: Path, seeded: Path, sockets: None) -> AsyncIterator[System]:
    """The simulator as the demonstration has it: a file."""
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    upstreams = Upstreams(MemoryShared(), lambda: NOW)
    with state.closing:
        build(None, state)
        url = f"sqlite:///{tmp_path / DATABASE}"
        yield System(state, upstreams, Settings.model_validate({"url": url}))
        await upstreams.aclose()


@pytest.fixture
async def server(tmp_path: Path, mariadb: URL, sockets: None) -> AsyncIterator[System]:
    """The simulator on a MariaDB server, seen by an account that has what the agency hands out and no more."""
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    upstreams = Upstreams(MemoryShared(), lambda: NOW)
    account = f"gw_{str(mariadb.database)[-12:]}"
    root = create_engine(mariadb, isolation_level="AUTOCOMMIT")
    with state.closing, root.connect() as server:
        build_on(mariadb, state)
        server.exec_driver_sql(f"CREATE USER {account} IDENTIFIED BY 'rahasia-contoh'")
        for statement in schema.grants(account):
            server.exec_driver_sql(statement)
        url = f"mariadb://{account}:rahasia-contoh@127.0.0.1:{mariadb.port}/{mariadb.database}"
        yield System(state, upstreams, Settings.model_validate({"url": url}))
        await upstreams.aclose()
        server.exec_driver_sql(f"DROP USER {account}")
    root.dispose()


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.mariadb)])
def system(request: pytest.FixtureRequest) -> System:
    found: System = request.getfixturevalue(request.param)
    return found
