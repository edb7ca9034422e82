"""The simulated city as a process of the demonstration: started, waited for, and ended with it."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from gateway.demo.city import city_home, start_city
from gateway.demo.credentials import DemoError
from gateway.registry.registry import SystemKind
from gateway.registry.system_files import read_systems
from gateway.settings import Settings

_READY_SECONDS: Final = 90.0
_ENDS_SECONDS: Final = 3.0
_SAID_WHY: Final = 2


@asynccontextmanager
async def running_city(settings: Settings, stop: asyncio.Event) -> AsyncIterator[int | None]:
    """Start the city and wait until it is ready; end it with the block, or as soon as `stop` is set.

    Gives None, or the exit code of a city that could not run and has said why. Raises `DemoError` if it ended otherwise
    or was not ready in time. Ending it beside the gateway, and not after it, ends both in time whatever is under way.
    """
    before = _listed_at()
    city = start_city(city_home(), also=",".join(_installed(settings)))
    ending = asyncio.create_task(_end_with(stop, city))
    try:
        await _wait_until_ready(city, before, stop)
        yield None if stop.is_set() or city.poll() is None else _refusal(city.returncode)
    finally:
        stop.set()
        await ending


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


async def _wait_until_ready(city: "subprocess.Popen[bytes]", before: int | None, stop: asyncio.Event) -> None:
    """Wait until every simulator answers, the city has ended, or `stop` is set."""
    for _ in range(int(_READY_SECONDS / 0.05)):
        if stop.is_set() or city.poll() is not None or _listed_at() not in (None, before):
            return
        await asyncio.sleep(0.05)
    raise DemoError(f"The simulated city was not ready within {_READY_SECONDS:.0f} seconds.")


def _refusal(code: int) -> int:
    if code != _SAID_WHY:
        raise DemoError(f"The simulated city ended before it was ready (code {code}).")
    return code


async def _end_with(stop: asyncio.Event, city: "subprocess.Popen[bytes]") -> None:
    await stop.wait()
    await asyncio.to_thread(_end, city)


def _end(city: "subprocess.Popen[bytes]") -> None:
    city.terminate()
    try:
        city.wait(_ENDS_SECONDS)
    except subprocess.TimeoutExpired:
        city.kill()
        city.wait()
