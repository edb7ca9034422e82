"""The demonstration: the simulated city, the gateway in front of it, and what is printed when both are ready."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

import uvloop

from gateway.api.dependencies import ApiDependencies
from gateway.app import create_app
from gateway.demo.access import DemoError, read_demo_access, shown_accounts
from gateway.demo.city import city_home, start_city
from gateway.demo.home import MARK, made_home, settings_at
from gateway.demo.seed import seed_demo
from gateway.ground.connection_limits import ConnectionLimits
from gateway.ground.master_key import open_sealer
from gateway.registry.registry import SystemKind
from gateway.registry.system_files import read_systems
from gateway.server.serving import listen, serve, stop_on_signals
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from gateway.storage.process_lock import alone_with

_CITY_SECONDS: Final = 90.0
_COPIES_SECONDS: Final = 20.0
_CITY_ENDS_SECONDS: Final = 3.0
_REGISTER_SECONDS: Final = 3.0
_CITY_SAID_WHY: Final = 2
_OTHER_ENDS_WITHIN: Final = timedelta(seconds=5)
"""A demo that is just being ended has given up the database by then; somebody waits at the terminal."""


def run_demo(port: int) -> int:
    """Run the demo until SIGTERM, SIGINT or SIGHUP; gives the exit code."""
    home = made_home()
    settings = settings_at(home, port)
    with listen(settings.host, port) as sock, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(settings, sock))


async def _run(settings: Settings, sock: socket.socket) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    database = Database(settings.database, settings.database_limits.model_copy(update={"start": _OTHER_ENDS_WITHIN}))
    try:
        async with alone_with(database, stop, shared=settings.allow_shared_database):
            return 0 if stop.is_set() else await _run_city(settings, sock, stop)
    finally:
        await database.aclose()


async def _run_city(settings: Settings, sock: socket.socket, stop: asyncio.Event) -> int:
    await _make_tables(settings)
    before = _listed_at()
    city = start_city(city_home(), also=",".join(_installed(settings)))
    # The city ends beside the gateway and not after it, so that both are gone in time whatever is under way.
    ending = asyncio.create_task(_end_with(stop, city))
    try:
        await _city_is_ready(city, before, stop)
        if city.poll() is not None and not stop.is_set():
            return _told(city.returncode)
        if not stop.is_set():
            await _serve(settings, sock, stop)
        return 0
    finally:
        stop.set()
        await ending


async def _serve(settings: Settings, sock: socket.socket, stop: asyncio.Event) -> None:
    await _prepare(settings)
    app = create_app(settings)
    app.state.demo_accounts = partial(shown_accounts, settings)
    (settings.home / MARK).write_text(json.dumps({"port": settings.port}), encoding="utf-8")

    async def started() -> None:
        await _tell_who_calls_back(settings)
        await _copies_are_tried(app.state.parts)
        sys.stdout.write(banner(settings))
        sys.stdout.flush()

    await serve(app, sock, stop, started, ConnectionLimits(settings.connections, settings.trusted_proxies))


def _installed(settings: Settings) -> list[str]:
    """The systems whose adapters are installed: where their simulators are too, they are a part of the city."""
    tables = read_systems([folder for folder in settings.systems if folder.is_dir()])
    entries = {system: table["system"] for system, table in tables.items()}
    return [
        system
        for system, entry in entries.items()
        if entry.get("kind") == SystemKind.INSTALLED and entry.get("live", True)
    ]


def _listed_at() -> int | None:
    """When the list of the running simulators was written; it outlives a city that was killed."""
    try:
        return (city_home() / "city.json").stat().st_mtime_ns
    except OSError:
        return None


async def _city_is_ready(city: "subprocess.Popen[bytes]", before: int | None, stop: asyncio.Event) -> None:
    """Wait until every simulator answers, or the city has ended, or somebody says stop."""
    for _ in range(int(_CITY_SECONDS / 0.05)):
        if stop.is_set() or city.poll() is not None or _listed_at() not in (None, before):
            return
        await asyncio.sleep(0.05)
    raise DemoError(f"The simulated city was not ready within {_CITY_SECONDS:.0f} seconds.")


def _told(code: int) -> int:
    """The exit code when the city ended before it was ready: with 2 it has said why, in one sentence."""
    if code != _CITY_SAID_WHY:
        raise DemoError(f"The simulated city ended before it was ready (code {code}).")
    return code


async def _make_tables(settings: Settings) -> None:
    """First of all, so that a database that cannot be used is told of at once."""
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


async def _tell_who_calls_back(settings: Settings) -> None:
    """Register our webhooks with the systems that push; one that is gone already is left alone."""
    simulators = json.loads((city_home() / "city.json").read_text(encoding="utf-8"))["simulators"]
    import httpx

    async with httpx.AsyncClient(trust_env=False, timeout=_REGISTER_SECONDS) as client:
        for simulator in simulators:
            if simulator.get("calls_back"):
                url = f"http://{settings.host}:{settings.port}{simulator['calls_back']}"
                with contextlib.suppress(httpx.HTTPError):
                    await client.post(f"{simulator['control']}/records", json={"kind": "callback", "url": url})


async def _copies_are_tried(parts: ApiDependencies) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_COPIES_SECONDS):
            await parts.feeds.wait_until_tried()


async def _end_with(stop: asyncio.Event, city: "subprocess.Popen[bytes]") -> None:
    await stop.wait()
    await asyncio.to_thread(_end, city)


def _end(city: "subprocess.Popen[bytes]") -> None:
    city.terminate()
    try:
        city.wait(_CITY_ENDS_SECONDS)
    except subprocess.TimeoutExpired:
        city.kill()
        city.wait()


def banner(settings: Settings) -> str:
    """What is printed when everything is ready: addresses, accounts, a line to copy."""
    simulators: list[Mapping[str, Any]] = json.loads((city_home() / "city.json").read_text(encoding="utf-8"))[
        "simulators"
    ]
    known = read_demo_access(settings).document()
    address = settings.issuer_url
    lines = ["", "Gerbang siap · Gerbang is ready", ""]
    lines += [f"  {'Beranda · Start page':<28}{address}/"]
    lines += [f"  {'API':<28}{address}/v1", f"  {'Dokumentasi · Documentation':<28}{address}/docs", ""]
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
