"""`gerbang demo --reload`: the demonstration, with a gateway that restarts when one of its files changes.

This process runs the simulated city, holds the listening socket and watches the files. The gateway is a child process
that inherits the socket: a request during a restart waits and is not refused. The city goes on, and so do the database,
the keys and the accounts in the demo's home. A gateway that cannot start, such as after a syntax error, is started
again at the next change. Uvicorn's own reloader watches Python files only, and would end neither the city nor the
feeds in order.
"""

import asyncio
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.demo.city_process import running_city
from gateway.demo.file_watch import FileWatch
from gateway.demo.home import ensure_home, package_folder, settings_at
from gateway.server.serving import listen, stop_on_signals
from gateway.settings import Settings

WATCHED: Final = ("gateway", "adapters", "schemas", "config")
_GATEWAY_ENDS_SECONDS: Final = 5.0


def run_demo_with_reload(port: int) -> int:
    """Run the demo until SIGTERM, SIGINT or SIGHUP; gives the exit code."""
    settings = settings_at(ensure_home(), port)
    with listen(settings.host, port) as sock, asyncio.Runner() as runner:
        return runner.run(_run(settings, sock))


async def _run(settings: Settings, sock: socket.socket) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with running_city(settings, stop) as refusal:
        if refusal is None:
            await _Reloader(settings.port, sock, stop).run()
        return refusal or 0


class _Reloader:
    """Runs the gateway in a child process, and replaces the process when a file changes."""

    def __init__(self, port: int, sock: socket.socket, stop: asyncio.Event) -> None:
        self._port = port
        self._socket = sock
        self._stop = stop
        self._watch = FileWatch(package_folder() / name for name in WATCHED)

    async def run(self) -> None:
        """Start the gateway, and start it again after each change, until `stop` is set."""
        stopping = asyncio.create_task(self._stop.wait())
        reason: Sequence[str] = ()
        while not self._stop.is_set():
            gateway = await self._start(reason)
            changing = asyncio.create_task(self._watch.wait_for_change())
            ended = asyncio.create_task(gateway.wait())
            await asyncio.wait({stopping, changing, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not (stopping.done() or changing.done()):
                _say(f"Gerbang berhenti (kode {gateway.returncode}) · Gerbang has ended (code {gateway.returncode})")
                _say("Menunggu perubahan berkas · Waiting for a file to change")
                await asyncio.wait({stopping, changing}, return_when=asyncio.FIRST_COMPLETED)
            await _end(gateway, ended)
            reason = _names(changing.result()) if changing.done() else ()
            changing.cancel()

    async def _start(self, reason: Sequence[str]) -> Process:
        """Start the gateway; `reason`: the changed files, or nothing at the first start."""
        if reason:
            _say(f"Berubah · Changed: {', '.join(reason)}")
        number = self._socket.fileno()
        command = ("-m", "gateway.demo.gateway_process", "--port", str(self._port), "--socket", str(number))
        # Standard input is closed when this process ends in whatever way, and with it the gateway.
        return await asyncio.create_subprocess_exec(
            sys.executable, *command, *["--again"] * bool(reason), stdin=PIPE, pass_fds=(number,)
        )


async def _end(gateway: Process, ended: "asyncio.Task[int]") -> None:
    if not ended.done():
        gateway.terminate()
        await asyncio.wait({ended}, timeout=_GATEWAY_ENDS_SECONDS)
    if not ended.done():
        gateway.kill()
    await ended


def _names(paths: Sequence[Path], most: int = 3) -> list[str]:
    """The changed files for the terminal, as paths in the project."""
    names = [path.relative_to(package_folder()).as_posix() for path in paths[:most]]
    return [*names, "…"] if len(paths) > most else names


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
