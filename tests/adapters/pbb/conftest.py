"""Both implementations of pbb's remote adapter over the same old application, asked through the real upstream stack."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.contract import AdapterSpec, Call, OfficeSettings, Subject, Transport
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.registry.remote_grants import granted_spec
from gateway.registry.system_files import read_systems
from gateway.shared.memory import MemoryShared
from gateway.upstream.upstreams import Upstreams
from simulators.clock import Clock
from simulators.pbb.forwarder import forwarding
from simulators.pbb.legacy.service import BillingServer
from simulators.pbb.simulator import KEY_ID, SIMULATOR, adapter_over, legacy_key, shared_secret, start_legacy
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "pbb-php"
PHP = shutil.which("php")
STARTED = re.compile(rb"Development Server \(http://127\.0\.0\.1:(\d+)\) started")


def granted() -> AdapterSpec[Any]:
    """pbb as the operator granted it."""
    return granted_spec("pbb", read_systems([ROOT / "config" / "systems"])["pbb"]["adapter"])


@dataclass
class OverPbb:
    """Calls over a running implementation, with its secret or another."""

    implementation: str
    spec: AdapterSpec[Any]
    simulator: RunningSimulator
    upstreams: Upstreams
    client: httpx.AsyncClient
    legacy: BillingServer

    def stop_legacy(self) -> None:
        """The old application goes away, and its adapter stays."""
        self.legacy.shutdown()
        self.legacy.server_close()

    @property
    def secret(self) -> str:
        return shared_secret(self.simulator.state.folder)

    def settings(self, **changed: str) -> OfficeSettings:
        given = {
            "base_url": self.simulator.url,
            **SIMULATOR.settings(None, self.simulator.url, self.simulator.state.folder),
            **changed,
        }
        return self.spec.settings.model_validate(given)

    def call(self, subject: Subject | None = None, *, within: float = 5.0, **changed: str) -> Call[Any, Any]:
        return self._call(self.spec.reads[0].transport, subject, within, changed)

    def _call(
        self, transport: Transport[Any, Any], subject: Subject | None, within: float, changed: dict[str, str]
    ) -> Call[Any, Any]:
        deadline = Deadline.after(timedelta(seconds=within))
        return self.upstreams.call(
            self.spec, None, self.settings(**changed), transport, deadline=deadline, subject=subject
        )

    async def bills(self, nik: str, **query: object) -> list[Any]:
        """Every page, normalised; what is set aside comes as it is."""
        row = self.spec.reads[0]
        wanted, mark, found = row.resource.query.model_validate(query), None, []
        assert row.ask is not None
        while True:
            batch = await row.ask(self.call(Subject(nik=nik)), wanted, mark)
            found += [row.normalise(item) for item in batch.items]
            mark = batch.next
            if mark is None:
                return found

    async def probe(self, **changed: str) -> None:
        await self.spec.probe(self._call(self.spec.probe_transport, None, 5.0, changed))

    async def control(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.client.request(method, f"{self.simulator.control}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


def needs_php() -> str:
    """The interpreter; without one the test is skipped, but never in CI."""
    if PHP is None:
        if os.environ.get("CI"):
            pytest.fail("PHP is required in CI: apt-get install -y php-cli php-sqlite3")
        pytest.skip("there is no PHP here: apt-get install -y php-cli php-sqlite3")
    return PHP


@contextmanager
def served_by_php(folder: Path, **variables: str) -> Iterator[int]:
    """The example on PHP's own server; gives its port."""
    command = [needs_php(), "-d", "variables_order=EGPCS", "-S", "127.0.0.1:0", "index.php"]
    environment = {"PATH": os.environ["PATH"], "NONCES_DSN": f"sqlite:{folder / 'nonces-php.sqlite'}", **variables}
    said = folder / "php.txt"  # a pipe that nobody empties would fill up with a line for each request
    with (
        said.open("wb") as errors,
        subprocess.Popen(command, cwd=EXAMPLE, env=environment, stdout=subprocess.DEVNULL, stderr=errors) as php,
    ):
        try:
            yield _port(php, said)
        finally:
            php.terminate()


def _port(php: "subprocess.Popen[bytes]", said: Path) -> int:
    until = time.monotonic() + 20
    while (started := STARTED.search(said.read_bytes())) is None:
        assert php.poll() is None, "PHP's server did not start"
        assert time.monotonic() < until, "PHP's server did not start in time"
        time.sleep(0.01)
    return int(started[1])


@asynccontextmanager
async def over(implementation: str, folder: Path) -> AsyncIterator[OverPbb]:
    """One implementation behind the simulator's faults and control API."""
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(), seed=637199)
    legacy = start_legacy(state)
    if implementation == "php":
        served = served_by_php(
            folder,
            GERBANG_KEY_ID=KEY_ID,
            GERBANG_SECRET=shared_secret(folder),
            LEGACY_URL=legacy.url,
            LEGACY_KEY=legacy_key(folder),
        )
        port = state.closing.enter_context(served)
        app = forwarding(lambda _scope: port)
    else:
        app = adapter_over(legacy.url, state)
    upstreams = Upstreams(MemoryShared(clock=now), now)
    async with running(app, state) as simulator, httpx.AsyncClient(trust_env=False, timeout=20) as client:
        try:
            yield OverPbb(implementation, granted(), simulator, upstreams, client, legacy)
        finally:
            await upstreams.aclose()


@pytest.fixture(params=["python", "php"])
async def pbb(request: pytest.FixtureRequest, tmp_path: Path, sockets: None) -> AsyncIterator[OverPbb]:
    """Each implementation in turn."""
    if request.param == "php":
        needs_php()
    async with over(request.param, tmp_path) as running_pbb:
        yield running_pbb
