"""Running offices of the simulator, and an independent implementation of its signatures."""

from contextlib import asynccontextmanager
from datetime import datetime

import httpx
import pytest

from simulators.clock import WITA, Clock
from simulators.e_puskesmas.sealing import authorization, signature
from simulators.e_puskesmas.simulator import SIMULATOR, build, credentials
from simulators.server import running
from simulators.spec import SimulatorState

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=WITA)


class Consumer:
    """Sends requests to one office, correctly signed by default."""

    def __init__(self, client, state, handed):
        self.client, self.state, self.handed = client, state, handed

    @property
    def stamp(self):
        return str(int(NOW.timestamp()))

    async def get(self, path, **changed):
        return await self.client.get(path, headers=self.signed | changed)

    async def post(self, path, content, **changed):
        headers = self.signed | {"content-type": "text/plain"} | changed
        return await self.client.post(path, headers=headers, content=content)

    @property
    def signed(self):
        return {
            "X-cons-id": self.handed.cons_id,
            "X-timestamp": self.stamp,
            "X-signature": signature(self.handed, self.stamp),
            "X-authorization": authorization(self.handed),
            "user_key": self.handed.user_key,
        }


@pytest.fixture
def office(tmp_path):
    """`async with office("pekauman") as consumer: …`; a second time it has the data of the first."""

    @asynccontextmanager
    async def opened(name, *, at=NOW, folder=None):
        folder = folder or tmp_path / name
        folder.mkdir(exist_ok=True)
        state = SimulatorState(SIMULATOR, name, folder, clock=Clock(frozen_at=at), seed=637199)
        async with running(build(name, state), state) as simulator, httpx.AsyncClient(base_url=simulator.url) as client:
            yield Consumer(client, state, credentials(name, folder))

    return opened
