"""The invented distribution on the path, and a gateway in front of its five systems, without sockets."""

import importlib
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from adapters.contract import AdapterSpec, Call
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.registry.builtin import BUILTIN
from gateway.registry.installed import installed_adapters, load_installed
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from simulators.installed import installed_simulators
from simulators.spec import SimulatorState
from tests.gateway.fakes import AGENCIES, Clock, gateway_before, principal

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DISTRIBUTION = HERE / "distribution"
GOLDEN = HERE / "golden"
SYSTEMS = ("gor", "pdam", "perpustakaan", "ppdb", "retribusi-pasar")
OUR_AGENCIES = AGENCIES + "".join(
    f'\n[[agencies]]\nid = "{agency}"\nname = {{ id = "{name}", en = "{english}" }}\n'
    for agency, name, english in (
        ("dinas-olahraga", "Dinas Olahraga", "Sports Agency"),
        ("pdam", "PDAM", "Water Utility"),
        ("dinas-perpustakaan", "Dinas Perpustakaan", "Library Agency"),
        ("dinas-pendidikan", "Dinas Pendidikan", "Education Agency"),
        ("dinas-perindag", "Dinas Perdagangan", "Trade Agency"),
    )
)


@pytest.fixture(scope="module")
def installed():
    """The specs of the five adapters by system, loaded by the entry points of their distribution."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DISTRIBUTION))
        patch.setenv("PYTHONPATH", os.pathsep.join((str(DISTRIBUTION), str(ROOT))))
        entries = installed_adapters()
        yield {system: load_installed(system, entries, BUILTIN) for system in SYSTEMS}


@dataclass
class InventedSystem:
    """A system whose simulator is called without a socket. `received` are its requests; `down` makes it fail."""

    spec: AdapterSpec
    app: object
    settings: object
    received: list = field(default_factory=list)
    down: bool = False
    keys: object = None

    @property
    def id(self):
        return self.spec.id

    @property
    def live(self):
        reads = tuple(self._row(row) for row in self.spec.reads)
        return LiveSystem(replace(self.spec, reads=reads), (Office(None, None, self.settings),))

    def _row(self, row):
        """The row, with calls that reach the simulator in this process."""

        async def ask(call, query, mark):
            return await row.ask(await self._reached(call, row.transport), query, mark)

        async def feed(call, mark):
            async for batch in row.feed(await self._reached(call, row.transport), mark):
                yield batch

        return replace(row, ask=ask) if row.ask is not None else replace(row, feed=feed)

    async def _reached(self, call, transport):
        reached: Call = replace(call, up=self)
        if transport.session is not None and self.keys is None:
            self.keys = await transport.session.login(reached)
        return reached

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send a request of the adapter to the simulator, with the session's headers."""
        headers = {**request.headers, **(self.keys.headers if self.keys else {})}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://system") as client:
            answer = await client.request(
                request.method, request.path, params=request.query, headers=headers, content=request.content
            )
        self.received.append(request)
        if self.down:
            return HttpAnswer(503, {}, b"")
        return HttpAnswer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)


@asynccontextmanager
async def invented_gateway(home, specs, *systems):
    """A gateway with some of the five systems."""
    simulated = {}
    for system in systems:
        (module,) = installed_simulators()[system]
        simulator, folder = importlib.import_module(module), home / system
        folder.mkdir()
        state = SimulatorState(simulator.SIMULATOR, None, folder, clock=Clock(), seed=637199)
        given = simulator.SIMULATOR.settings(None, "", folder)
        settings = specs[system].settings(base_url="http://127.0.0.1:9", **given)
        simulated[system] = InventedSystem(specs[system], simulator.build(None, state), settings)
    async with gateway_before(home, *simulated.values(), agencies=OUR_AGENCIES) as gateway:
        gateway.systems = simulated
        gateway.people["less"] = principal("less", without={"bills.read", "bookings.read"})
        yield gateway


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory, installed, anyio_backend):
    """The gateway with all five, shared by the tests of a module: they change nothing."""
    async with invented_gateway(tmp_path_factory.mktemp("city"), installed, *SYSTEMS) as opened:
        yield opened
