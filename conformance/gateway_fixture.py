"""A gateway in front of one adapter and its simulator, with its own database, accounts and tokens."""

import asyncio
import logging
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import SecretStr

from conformance.check_context import CheckContext
from conformance.simulator_process import SimulatorOffice
from gateway.api.dependencies import ApiDependencies
from gateway.api.routers import API_ROUTERS
from gateway.app import create_app
from gateway.demo.seed import issue_demo_token, seed_demo
from gateway.ground.master_key import open_sealer
from gateway.ground.sealing import Sealer
from gateway.identity.passwords import Passwords
from gateway.registry import level_limits as binding
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem, Registry
from gateway.settings import Mode, Settings, load_settings
from gateway.storage.migration import migrate
from gateway.upstream.settings import UpstreamSettings

_QUICK: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class GatewayFixture:
    """The running gateway and an HTTP client for it."""

    app: FastAPI = field(repr=False)
    client: httpx.AsyncClient = field(repr=False)
    settings: Settings = field(repr=False)
    sealer: Sealer = field(repr=False)

    @property
    def dependencies(self) -> ApiDependencies:
        """The dependencies of the running API."""
        deps: ApiDependencies = self.app.state.deps
        return deps

    async def token(self, account: str, acr: int | None = None) -> str:
        """Issue an access token for a demonstration account."""
        return await issue_demo_token(self.dependencies.database, self.sealer, self.settings, account, acr=acr)

    @staticmethod
    def list_paths() -> list[str]:
        """Return the path of every GET operation without path parameters."""
        found = (route for router in API_ROUTERS for route in router.routes if isinstance(route, APIRoute))
        asked = (route.path for route in found if "GET" in (route.methods or ()))
        return [path for path in asked if path.startswith("/v1/") and "{" not in path]


@asynccontextmanager
async def running_gateway(context: CheckContext, offices: Sequence[SimulatorOffice]) -> AsyncIterator[GatewayFixture]:
    """Run a gateway with one system and these offices until the block ends."""
    home = Path(mkdtemp(prefix="gateway-", dir=context.work))
    settings = _settings(home, context.spec.agency)
    live = LiveSystem(context.spec, tuple(Office(office.id, None, office.settings) for office in offices))
    with context.leak_detector.paused(), _binding_is_quiet():
        app = create_app(settings, registry=Registry([live]))
        deps: ApiDependencies = app.state.deps
        await asyncio.to_thread(migrate, deps.database)
        sealer = open_sealer(settings)
        people = dict(context.simulator.people) if context.simulator else {}
        await seed_demo(deps.database, sealer, settings, people, passwords=Passwords(_QUICK))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url=settings.issuer_url, timeout=_PATIENCE) as client,
        ):
            yield GatewayFixture(app, client, settings, sealer)


@contextmanager
def _binding_is_quiet() -> Iterator[None]:
    """Suppress the warning that a quality level is outdated: the suite is computing it."""
    log = logging.getLogger(binding.__name__)
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _settings(home: Path, agency: str) -> Settings:
    """Return settings of a gateway that uses nothing of the operator's own settings, such as the database."""
    agencies = home / "agencies.toml"
    agencies.write_text(f'[[agencies]]\nid = "{agency}"\nname = {{ id = "{agency}", en = "{agency}" }}\n', "utf-8")
    return load_settings(
        mode=Mode.DEMO,
        home=home,
        port=8000,
        issuer="http://localhost:8000",
        database_url=SecretStr(f"sqlite:///{home / 'gerbang.db'}"),
        master_key=SecretStr(urlsafe_b64encode(secrets.token_bytes(32)).decode()),
        systems=(),
        agencies=agencies,
        # A simulator's files are complete as soon as they exist.
        upstream=UpstreamSettings(file_settle=timedelta(0)),
    )
