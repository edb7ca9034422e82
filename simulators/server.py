"""Runs one simulator and its control API on two free loopback ports of the running event loop."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from simulators.control import ControlApi
from simulators.middleware import ABORT, Carrying
from simulators.spec import SimulatorState

_LINGER_NOT = struct.pack("ii", 1, 0)


class AbortableProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it; the ASGI scope also holds a way to reset the connection."""

    def on_message_begin(self) -> None:
        """Add the way to reset to the scope of each request."""
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {ABORT: self._abort}}

    def _abort(self) -> None:
        # With a linger time of zero, closing sends a reset rather than an orderly end.
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()


class _QuietServer(uvicorn.Server):
    """A server among others in one event loop: signals are somebody else's affair, and its end is an event.

    uvicorn looks ten times a second whether it should end, and then waits another tenth. Tests start servers by the
    thousand.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        """Wait for the end."""
        await self.on_tick(0)
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection, and cancel every request that is being answered."""
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        answering = list(self.server_state.tasks)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        connections = [one for one in self.server_state.connections if isinstance(one, HttpToolsProtocol)]
        for connection in connections:
            connection.transport.abort()
        while self.server_state.connections:  # noqa: ASYNC110 - uvicorn offers no event to wait for
            await asyncio.sleep(0)


def _server(app: ASGIApp) -> _QuietServer:
    config = uvicorn.Config(
        app,
        http=AbortableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=0,
    )
    return _QuietServer(config)


def _free_socket() -> socket.socket:
    """A listening socket on a free loopback port; who connects before its server runs merely waits a moment."""
    # The protocol is named because asyncio switches Nagle's delays off only for sockets that say they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener


@asynccontextmanager
async def _served(*apps: ASGIApp) -> AsyncIterator[tuple[str, ...]]:
    """Serve each application on a free loopback port of its own; gives their addresses."""
    servers = [_server(app) for app in apps]
    listening = [_free_socket() for _ in apps]
    tasks = [asyncio.create_task(server.serve([listener])) for server, listener in zip(servers, listening, strict=True)]
    try:
        yield tuple(f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listening)
    finally:
        for server in servers:
            server.stopping.set()
        await asyncio.gather(*tasks)


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """A simulator that answers: its address (a folder's, for a system of files), its control API's, and its state."""

    url: str
    control: str
    state: SimulatorState


def _place(state: SimulatorState) -> str:
    """What takes the place of an address: a database's file, or a folder."""
    if state.spec.database is not None:
        return f"sqlite:///{state.folder.absolute() / state.spec.database}"
    return (state.folder / (state.spec.drops or "")).as_uri()


@asynccontextmanager
async def running(app: ASGIApp | None, state: SimulatorState) -> AsyncIterator[RunningSimulator]:
    """Run a simulator (`app` is the result of its `build`) until the block ends, then close its storage."""
    apps: list[ASGIApp] = [ControlApi(state).app()]
    apps.extend([] if app is None else [Carrying(app, state)])
    with state.closing:
        async with _served(*apps) as (control, *urls):
            url = urls[0] if urls else _place(state)
            tasks = [asyncio.create_task(work()) for work in state.beside]
            try:
                yield RunningSimulator(url, control, state)
            finally:
                for task in tasks:
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(*tasks)
