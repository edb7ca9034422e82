"""The demonstration: the simulated city, the gateway in front of it, and what is printed when both are ready."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import uvloop

from gateway.app import create_app
from gateway.cli_city import city_home, start_city
from gateway.demo_home import MARK, settings_at
from gateway.master_key import open_sealer
from gateway.provider.demo import seed_demo
from gateway.provider.demo_access import DemoError, read_demo_access
from gateway.routes.parts import Parts
from gateway.serving import listen, serve, stop_on_signals
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migrating import migrate

_CITY_SECONDS: Final = 90.0
_COPIES_SECONDS: Final = 20.0
_CITY_ENDS_SECONDS: Final = 3.0


def run_demo(port: int) -> None:
    """Run the demo until SIGTERM or SIGINT."""
    home = Path(os.environ.get("GERBANG_HOME") or ".gerbang")
    settings = settings_at(home, port)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    sock = listen(settings.host, port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, sock))


async def _run(settings: Settings, sock: socket.socket) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    city = start_city(city_home())
    try:
        if not await _city_is_ready(city, stop):
            return
        await _prepare(settings)
        app = create_app(settings)
        (settings.home / MARK).write_text(json.dumps({"port": settings.port}), encoding="utf-8")

        async def started() -> None:
            await _copies_are_tried(app.state.parts)
            sys.stdout.write(banner(settings))
            sys.stdout.flush()

        await serve(app, sock, stop, started)
    finally:
        sock.close()
        await asyncio.to_thread(_end, city)


async def _city_is_ready(city: "subprocess.Popen[bytes]", stop: asyncio.Event) -> bool:
    """Wait until every twin answers; False when told to stop before. `DemoError` when the city ended instead."""
    listed = city_home() / "city.json"
    for _ in range(int(_CITY_SECONDS / 0.05)):
        if stop.is_set():
            return False
        if city.poll() is not None:
            raise DemoError("The simulated city did not start; its own sentence stands above.")
        if listed.exists():
            return True
        await asyncio.sleep(0.05)
    raise DemoError(f"The simulated city was not ready within {_CITY_SECONDS:.0f} seconds.")


async def _prepare(settings: Settings) -> None:
    database = Database(settings.database)
    try:
        await asyncio.to_thread(migrate, database)
        people = json.loads((city_home() / "people.json").read_text(encoding="utf-8"))
        await seed_demo(database, open_sealer(settings), settings, people)
    finally:
        await database.aclose()


async def _copies_are_tried(parts: Parts) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_COPIES_SECONDS):
            await parts.feeds.wait_until_tried()


def _end(city: "subprocess.Popen[bytes]") -> None:
    city.terminate()
    try:
        city.wait(_CITY_ENDS_SECONDS)
    except subprocess.TimeoutExpired:
        city.kill()
        city.wait()


def banner(settings: Settings) -> str:
    """What is printed when everything is ready: addresses, accounts, a line to copy."""
    twins: list[Mapping[str, Any]] = json.loads((city_home() / "city.json").read_text(encoding="utf-8"))["twins"]
    known = read_demo_access(settings).document()
    address = settings.issuer_url
    lines = ["", "Gerbang siap · Gerbang is ready", ""]
    lines += [f"  {'API':<28}{address}/v1", f"  {'Dokumentasi · Documentation':<28}{address}/docs", ""]
    lines += ["  Kota tiruan · Simulated city"]
    lines += [f"    {twin['id'] + ('/' + twin['office'] if twin['office'] else ''):<28}{twin['url']}" for twin in twins]
    lines += ["", "  Akun demonstrasi · Demonstration accounts"]
    lines += [f"    {account['account']:<28}{account['password']}" for account in known["accounts"]]
    lines += ["", "  Coba · Try"]
    lines += [f'    curl -H "Authorization: Bearer $(.venv/bin/gerbang token resident)" {address}/v1/me/overview', ""]
    return "\n".join(lines) + "\n"
