"""A real gateway in production, before a simulator whose password is changed: the vault is all that it takes from."""

import asyncio
import base64
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from argon2 import PasswordHasher

from gateway.demo.seed import issue_demo_token, seed_demo
from gateway.ground.sealing import Sealer, decode_master_key
from gateway.identity.passwords import Passwords
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from simulators.clock import Clock
from simulators.e_kelurahan.simulator import SIMULATOR, build
from simulators.faults import Fault, FaultKind
from simulators.people import DEMONSTRATION
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState, secret

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.processes]

ROOT = Path(__file__).resolve().parents[4]
KEY = "nFKpWZ7rXbS0GqcTz5uV1hLd8eYkJ3mA2oIxRwP6tNQ"
PATIENCE = 120.0
VARIABLE = "GERBANG_SYSTEM__E_KELURAHAN__PASSWORD"


@dataclass
class House:
    """A simulator, and what a gateway in front of it is started with. `said` is all that anybody was told."""

    simulator: RunningSimulator
    home: Path
    environment: dict[str, str]
    said: list[bytes]

    @property
    def address(self) -> str:
        return f"http://localhost:{self.environment['GERBANG_PORT']}"

    def new_password(self) -> str:
        """The agency changes it."""
        (self.simulator.state.folder / "password.secret").unlink()
        return secret(self.simulator.state.folder, "password")

    def end_sessions(self) -> None:
        self.simulator.state.faults.set(Fault(FaultKind.SESSION_EXPIRED))
        self.simulator.state.faults.set(Fault(FaultKind.NONE))

    async def migrate(self) -> None:
        database = Database(f"sqlite:///{self.home / 'gerbang.db'}")
        await asyncio.to_thread(migrate, database)
        await database.aclose()

    async def gerbang(self, *arguments: str, typed: str = "", **variables: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway.cli", *arguments),
            cwd=ROOT,
            env=self.environment | variables,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(typed.encode()), PATIENCE)
        self.said += [out, err]
        assert process.returncode is not None
        return process.returncode, (out + err).decode()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["asyncio.subprocess.Process"]:
        log = self.home / "said"
        with log.open("wb") as complaints:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "gateway.cli", "serve"), cwd=ROOT, env=self.environment, stderr=complaints
            )
        try:
            async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as http:
                while not await _ready(http, f"{self.address}/readyz"):
                    assert process.returncode is None, log.read_text("utf-8")
                    await asyncio.sleep(0.1)
            yield process
            assert process.returncode is None, "it was never started again"
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), PATIENCE)
            self.said.append(log.read_bytes())

    async def token(self) -> str:
        """Of the resident of the demonstration, who has applications in the simulator."""
        settings = Settings(mode="demo", home=self.home, port=8000, issuer=self.environment["GERBANG_ISSUER"])
        database, sealer = Database(f"sqlite:///{self.home / 'gerbang.db'}"), Sealer(decode_master_key(KEY))
        quick = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        try:
            people = {"resident": DEMONSTRATION["resident"].nik}
            await seed_demo(database, sealer, settings, people, passwords=quick)
            return await issue_demo_token(database, sealer, settings, "resident")
        finally:
            await database.aclose()


async def _ready(http: httpx.AsyncClient, address: str) -> bool:
    try:
        return (await http.get(address)).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    folder, home, systems = (tmp_path / name for name in ("simulator", "home", "systems"))
    for path in (folder, home, systems):
        path.mkdir()
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(), seed=637199)
    application = await asyncio.to_thread(build, None, state)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GERBANG_")}
    async with running(application, state) as simulator:
        (systems / "e-kelurahan.toml").write_text(
            f'[system]\nid = "e-kelurahan"\n[[offices]]\nbase_url = "{simulator.url}"\nusername = "gerbang"\n', "utf-8"
        )
        environment = kept | {
            "GERBANG_HOME": str(home),
            "GERBANG_MASTER_KEY": KEY,
            "GERBANG_SYSTEMS": f'["{systems}"]',
            "GERBANG_ALLOW_EMBEDDED_OP": "true",
            "GERBANG_PORT": str(port),
            "GERBANG_ISSUER": f"http://localhost:{port}",
        }
        yield House(simulator, home, environment, [])


async def test_h52_secrets_come_from_the_vault_alone_and_are_changed_without_a_restart(house: House) -> None:
    first = secret(house.simulator.state.folder, "password")
    await house.migrate()
    code, sentence = await house.gerbang("serve", **{VARIABLE: first})
    assert code == 2
    assert "password: a secret belongs in the vault: run gerbang secret set e-kelurahan password" in sentence

    code, sentence = await house.gerbang("secret", "set", "e-kelurahan", "password", typed=f"{first}\n")
    assert code == 0, sentence
    token = await house.token()
    async with (
        house.serving(),
        httpx.AsyncClient(
            base_url=house.address, headers={"authorization": f"Bearer {token}"}, trust_env=False, timeout=30
        ) as http,
    ):

        async def asked() -> tuple[int, str]:
            answer = await http.get("/v1/me/applications")
            house.said.append(answer.content)
            return answer.status_code, answer.text

        async def until_it_answers() -> float:
            began = time.monotonic()
            while (await asked())[0] != 200:
                assert time.monotonic() < began + PATIENCE
                await asyncio.sleep(0.2)
            return time.monotonic() - began

        status, told = await asked()
        assert status == 200, told
        assert '"state":"fresh"' in told

        second = house.new_password()
        assert (await asked())[0] == 200, "the session from before goes on"
        house.end_sessions()
        status, told = await asked()
        assert status == 502
        assert "credentials-refused" in told
        code, sentence = await house.gerbang("secret", "set", "e-kelurahan", "password", typed=f"{second}\n")
        assert code == 0, sentence
        assert await until_it_answers() < 10
        logins = house.simulator.state.logins

        third = house.new_password()
        code, sentence = await house.gerbang("secret", "set", "e-kelurahan", "password", typed=third)
        assert code == 0, sentence
        until = time.monotonic() + PATIENCE
        while house.simulator.state.logins == logins and time.monotonic() < until:
            assert (await asked())[0] == 200, "nobody notices the change"
            await asyncio.sleep(0.2)
        assert house.simulator.state.logins == logins + 1, "the session of the old password is used no more"
        house.said.append((await http.get("/openapi.json")).content)
        house.said.append((await http.get("/v1/systems/e-kelurahan")).content)
    code, sentence = await house.gerbang("secret", "list")
    assert code == 0
    assert sentence.split()[:4] == ["e-kelurahan", "password", "vault", "v3"]
    assert b"changed secrets applied" in house.said[-3]
    _nothing_is_told(house, first, second, third)


def _nothing_is_told(house: House, *values: str) -> None:
    kept = [path.read_bytes() for path in house.home.rglob("*") if path.is_file()]
    assert len(kept) > 1
    for value in values:
        for written in (value, quote(value), base64.b64encode(value.encode()).decode(), value[:12]):
            assert all(written.encode() not in place for place in (*kept, *house.said))
    # Or else it would prove nothing.
    assert any(b"gerbang" in place for place in kept)
    assert any(b"credentials-refused" in place for place in house.said)
