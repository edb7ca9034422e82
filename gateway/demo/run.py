"""The demonstration: the simulated city, the gateway in front of it, and the text printed when both are ready."""

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Final

import uvloop

from gateway.api.dependencies import ApiDependencies
from gateway.app import create_app
from gateway.demo.city import city_home
from gateway.demo.city_process import running_city
from gateway.demo.credentials import read_demo_access, shown_accounts
from gateway.demo.home import MARK, ensure_home, settings_at
from gateway.demo.seed import seed_demo
from gateway.ground.connection_limits import ConnectionLimits
from gateway.ground.master_key import open_sealer
from gateway.observability.logs import set_log_level
from gateway.server.operator_address import OperatorAddress
from gateway.server.serving import listen, serve, stop_on_signals
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from gateway.storage.process_lock import exclusive_database

_SNAPSHOT_SECONDS: Final = 20.0
_REGISTER_SECONDS: Final = 3.0
_ANY_LOOPBACK_PORT: Final = ("127.0.0.1", 0)
_OTHER_ENDS_WITHIN: Final = timedelta(seconds=5)
"""An ending demo releases the database within this time; somebody waits at the terminal."""


def run_demo(port: int) -> int:
    """Run the demo until SIGTERM, SIGINT or SIGHUP; return the exit code."""
    home = ensure_home()
    settings = settings_at(home, port)
    with listen(settings.host, port) as sock, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(settings, sock))


def run_gateway(settings: Settings, listening: int, *, again: bool) -> int:
    """Run only the gateway, in front of a running city, until a signal or the end of standard input.

    `listening`: the file descriptor of an inherited socket. Returns the exit code.
    """
    with socket.socket(fileno=listening) as sock, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run_gateway(settings, sock, again=again))


async def _run_gateway(settings: Settings, sock: socket.socket, *, again: bool) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    # Nothing is written to standard input, so it becomes readable only at its end.
    asyncio.get_running_loop().add_reader(sys.stdin, stop.set)
    async with _alone_with_database(settings, stop):
        if not stop.is_set():
            await _migrate(settings)
            await _serve(settings, sock, stop, _ready_again if again else banner)
    return 0


async def _run(settings: Settings, sock: socket.socket) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with _alone_with_database(settings, stop):
        return 0 if stop.is_set() else await _run_city(settings, sock, stop)


@asynccontextmanager
async def _alone_with_database(settings: Settings, stop: asyncio.Event) -> AsyncIterator[None]:
    database = Database(settings.database, settings.database_limits.model_copy(update={"start": _OTHER_ENDS_WITHIN}))
    try:
        async with exclusive_database(database, stop, shared=settings.allow_shared_database):
            yield
    finally:
        await database.aclose()


async def _run_city(settings: Settings, sock: socket.socket, stop: asyncio.Event) -> int:
    await _migrate(settings)
    async with running_city(settings, stop) as refusal:
        if refusal is None and not stop.is_set():
            await _serve(settings, sock, stop, banner)
        return refusal or 0


async def _serve(
    settings: Settings, sock: socket.socket, stop: asyncio.Event, announcement: Callable[[Settings, str], str]
) -> None:
    set_log_level(settings.log.level)
    await _prepare(settings)
    app = create_app(settings)
    app.state.demo_accounts = partial(shown_accounts, settings)
    (settings.home / MARK).write_text(json.dumps({"port": settings.port}), encoding="utf-8")

    with listen(*(settings.metrics_host_port or _ANY_LOOPBACK_PORT)) as operator_sock:
        operator = OperatorAddress(app.state.deps.metrics, operator_sock)

        async def started() -> None:
            await _register_webhooks(settings)
            await _wait_for_snapshots(app.state.deps)
            sys.stdout.write(announcement(settings, operator.url))
            sys.stdout.flush()

        limits = ConnectionLimits(settings.connections, settings.trusted_proxies)
        await serve(app, sock, stop, started, limits, operator)


async def _migrate(settings: Settings) -> None:
    """Migrate first, so that an unusable database is reported at once."""
    database = Database(settings.database, settings.database_limits)
    try:
        await asyncio.to_thread(migrate, database)
    finally:
        await database.aclose()


async def _prepare(settings: Settings) -> None:
    database = Database(settings.database, settings.database_limits)
    try:
        people = json.loads((city_home() / "people.json").read_text(encoding="utf-8"))
        await seed_demo(database, open_sealer(settings), settings, people)
    finally:
        await database.aclose()


async def _register_webhooks(settings: Settings) -> None:
    """Register our webhooks with the systems that push; a simulator that has ended is skipped."""
    simulators = json.loads((city_home() / "city.json").read_text(encoding="utf-8"))["simulators"]
    import httpx

    async with httpx.AsyncClient(trust_env=False, timeout=_REGISTER_SECONDS) as client:
        for simulator in simulators:
            if simulator.get("calls_back"):
                url = f"http://{settings.host}:{settings.port}{simulator['calls_back']}"
                with contextlib.suppress(httpx.HTTPError):
                    await client.post(f"{simulator['control']}/records", json={"kind": "callback", "url": url})


async def _wait_for_snapshots(deps: ApiDependencies) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SNAPSHOT_SECONDS):
            await deps.feeds.wait_until_tried()


def _ready_again(settings: Settings, metrics_url: str) -> str:
    return f"Gerbang siap kembali · Gerbang is ready again: {settings.issuer_url}/ (metrik · metrics: {metrics_url})\n"


def banner(settings: Settings, metrics_url: str) -> str:
    """The text printed when everything is ready: addresses, accounts, a line to copy."""
    simulators: list[Mapping[str, Any]] = json.loads((city_home() / "city.json").read_text(encoding="utf-8"))[
        "simulators"
    ]
    known = read_demo_access(settings).document()
    address = settings.issuer_url
    lines = ["", "Gerbang siap · Gerbang is ready", ""]
    lines += [f"  {'Beranda · Start page':<28}{address}/"]
    lines += [f"  {'API':<28}{address}/v1", f"  {'Dokumentasi · Documentation':<28}{address}/docs"]
    lines += [f"  {'Metrik · Metrics':<28}{metrics_url}", ""]
    lines += ["  Kota tiruan · Simulated city"]
    lines += [
        f"    {simulator['id'] + ('/' + simulator['office'] if simulator['office'] else ''):<28}{simulator['url']}"
        for simulator in simulators
    ]
    lines += ["", "  Akun demonstrasi · Demonstration accounts"]
    lines += [f"    {account['account']:<28}{account['password']}" for account in known["accounts"]]
    lines += ["", "  Coba · Try"]
    lines += [f'    curl -H "Authorization: Bearer $(.venv/bin/gerbang token resident)" {address}/v1/me/overview', ""]
    return "\n".join(lines) + "\n"
