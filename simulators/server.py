"""Run one simulator and its control API on two free loopback ports of the running event loop."""

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
from simulators.middleware import ABORT, FaultMiddleware
from simulators.spec import SimulatorState

_NO_LINGER = struct.pack("ii", 1, 0)


class AbortableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol with a callable in the ASGI scope that resets the connection."""

    def on_message_begin(self) -> None:
        """Add the callable to the scope of each request."""
        super().on_message_begin()
        self.scope["extensions"] = {ABORT: {ABORT: self._abort}}

    def _abort(self) -> None:
        # With a linger time of zero, closing the socket sends a reset instead of a normal close.
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()


class _QuietServer(uvicorn.Server):
    """A uvicorn server without signal handlers that stops by an event.

    uvicorn itself polls for its stop ten times a second, and then waits another tenth. Tests start servers by the
    thousand.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        """Wait for the stop event."""
        await self.on_tick(0)
        await self.stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection, and cancel every active request."""
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
    """Return a listening socket on a free loopback port; early connections wait until the server runs."""
    # With the protocol given, asyncio sets TCP_NODELAY on the socket.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(512)
    return listener


@asynccontextmanager
async def _serving(*apps: ASGIApp) -> AsyncIterator[tuple[str, ...]]:
    """Serve each application on a separate free loopback port; yield their addresses."""
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
    """A running simulator: its address (or folder or database URL), its control API's address, and its state."""

    url: str
    control: str
    state: SimulatorState


def _place(state: SimulatorState) -> str:
    """Return the URL of a database file or of a folder, for a simulator without an address."""
    if state.spec.database is not None:
        return f"sqlite:///{state.folder.absolute() / state.spec.database}"
    return (state.folder / (state.spec.drops or "")).as_uri()


@asynccontextmanager
async def running(app: ASGIApp | None, state: SimulatorState) -> AsyncIterator[RunningSimulator]:
    """Run a simulator (`app` is the result of its `build`) until the block ends, then close its storage."""
    apps: list[ASGIApp] = [ControlApi(state).app()]
    apps.extend([] if app is None else [FaultMiddleware(app, state)])
    with state.closing:
        async with _serving(*apps) as (control, *urls):
            url = urls[0] if urls else _place(state)
            tasks = [asyncio.create_task(work()) for work in state.background_tasks]
            try:
                yield RunningSimulator(url, control, state)
            finally:
                for task in tasks:
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.gather(*tasks)
