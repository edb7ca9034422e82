"""Two real gateway processes over one database: what is good once is good once for both of them.

    @pytest.fixture(scope="module")
    def gateways(postgres_server, tmp_path_factory):
        with on_postgres(postgres_server) as url, two_gateways(url, tmp_path_factory.mktemp("two")) as running:
            yield running

They serve in production mode, with the demonstration's accounts and clients, and share issuer and master key.
"""

import asyncio
import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import httpx
import psycopg
from argon2 import PasswordHasher
from sqlalchemy import make_url

from gateway.demo.credentials import DemoAccess
from gateway.demo.seed import seed_demo
from gateway.ground.sealing import Sealer
from gateway.identity.passwords import Passwords
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from tests.gateway.ports import held
from tests.leaks import EVERYTHING, kept_openly, leaks, told
from tests.lifted_limits import LIFTED_VARIABLES

ISSUER = "http://localhost:8000"
PATIENCE = 180.0
_MASTER = sha256(b"two gateways").digest()


@dataclass(frozen=True)
class TwoGateways:
    """Both processes; `addresses` are where each answers."""

    addresses: tuple[str, str]
    settings: Settings
    sealer: Sealer
    access: DemoAccess

    @property
    def passwords(self) -> dict[str, str]:
        """The password of each account."""
        return self.access.passwords

    @property
    def secrets(self) -> dict[str, str]:
        """The secret of each client that has one."""
        return self.access.secrets

    def known(self) -> dict[str, bytes]:
        """Every secret that is known here, by what it is."""
        kinds = {"password": self.access.passwords, "secret": self.access.secrets, "app": self.access.apps}
        return {f"{kind} of {name}": one.encode() for kind, held in kinds.items() for name, one in held.items()}

    def clients(self) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
        """A client of each process."""
        # A connection that has been idle for long is not used again, since the gateway may be closing it just then.
        limits = httpx.Limits(keepalive_expiry=2)
        first, second = (
            httpx.AsyncClient(base_url=one, trust_env=False, timeout=PATIENCE, limits=limits) for one in self.addresses
        )
        return first, second

    async def at_once(
        self,
        count: int,
        path: str,
        *,
        method: str = "POST",
        each: Callable[[], dict[str, object]] = dict,
        **request: object,
    ) -> list[httpx.Response]:
        """The same request `count` times in parallel, half of them to each process, over connections that are open.

        `each` makes what is to differ from one to the next.
        """
        first, second = self.clients()
        async with first, second:
            await asyncio.gather(*(http.get("/livez") for http in (first, second) for _ in range(count // 2)))
            asked = [(first, second)[number % 2].request(method, path, **request, **each()) for number in range(count)]
            answers = list(await asyncio.gather(*asked))
        for answer in answers:
            assert (
                answer.headers.get("content-type") != "application/json" or answer.is_success or not told(answer.text)
            )
        return answers


@contextmanager
def on_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of its own."""
    name = f"gerbang_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def two_gateways(url: str, home: Path) -> Iterator[TwoGateways]:
    """Start both over the empty database at `url`, and end both."""
    settings = Settings(mode="demo", home=home, port=8000, issuer=ISSUER, database_url=url)
    access = asyncio.run(_prepared(settings))
    ports = (held(settings), held(settings))
    with ExitStack() as processes:
        answers = [processes.enter_context(_serving(port, url, home / str(port))) for port in ports]
        for is_answering in answers:
            is_answering()
        first, second = (f"http://127.0.0.1:{port}" for port in ports)
        running = TwoGateways((first, second), settings, Sealer(_MASTER), access)
        yield running
    for port in ports:
        said = (home / str(port) / "said").read_bytes()
        assert leaks(f"what {port} said", said, running.known(), EVERYTHING) == set()
    assert kept_openly(url, running.known()) == set()


async def _prepared(settings: Settings) -> DemoAccess:
    database = Database(settings.database)
    try:
        await asyncio.to_thread(migrate, database)
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        return await seed_demo(database, Sealer(_MASTER), settings, {}, passwords=cheap)
    finally:
        await database.aclose()


@contextmanager
def _serving(port: int, url: str, home: Path) -> Iterator[Callable[[], None]]:
    """A process that has been started; what is given waits until it answers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GERBANG_")} | {
        **LIFTED_VARIABLES,
        "GERBANG_HOME": str(home),
        "GERBANG_PORT": str(port),
        "GERBANG_ISSUER": ISSUER,
        "GERBANG_DATABASE_URL": url,
        "GERBANG_MASTER_KEY": base64.urlsafe_b64encode(_MASTER).decode(),
        "GERBANG_SYSTEMS": "[]",
        "GERBANG_ALLOW_EMBEDDED_OP": "true",
        "GERBANG_ALLOW_SHARED_DATABASE": "true",
    }
    home.mkdir(parents=True)
    with (home / "said").open("wb") as said:
        process = subprocess.Popen([sys.executable, "-m", "gateway.cli", "serve"], env=environment, stderr=said)
    try:
        yield lambda: _wait_until_it_answers(process, port, home / "said")
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, said.read_text("utf-8")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=PATIENCE).status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until, said.read_text("utf-8")
        time.sleep(0.1)
