"""Serves the gateway on a socket until it is stopped.

The lifespan of the application runs here and not in uvicorn, so that a failed start ends with one sentence and our exit
code instead of a traceback.
"""

import asyncio
import contextlib
import logging
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings
from gateway.ground.errors import GerbangError
from gateway.ground.garbage_collection import freeze_loaded_objects
from gateway.server.acceptor import Acceptor
from gateway.server.connections import BoundedConnection
from gateway.server.graceful_stop import GracefulStop
from gateway.server.load_shedding import LoadShedding
from gateway.server.operator_address import (
    CONNECTION_FAMILIES,
    OPERATOR_CONNECTIONS,
    ConnectionMetrics,
    MetricsEndpoint,
    OperatorAddress,
)

GRACE_SECONDS: Final = 2
_BACKLOG: Final = 2048
_OTHER_FILES: Final = 1024
"""Files that may be open besides client connections: those of systems, of the database, of logs."""

_log = logging.getLogger("gateway.server.serving")


class PortError(GerbangError):
    """The gateway cannot listen on the address."""


class _Server(uvicorn.Server):
    """A uvicorn server with our acceptor and no signal handlers: the gateway has more to stop than this server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture no signals."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections by our own acceptor."""
        protocol: Any = self.config.http_protocol_class
        acceptors: list[Any] = []
        for sock in sockets or ():
            acceptor = Acceptor(
                sock, partial(protocol, config=self.config, server_state=self.server_state, app_state={})
            )
            acceptor.start()
            acceptors.append(acceptor)
        self.servers = acceptors
        self.started = True


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises `PortError` with one sentence."""
    try:
        return _listening(host, port)
    except (OSError, TypeError) as error:  # the latter for an address that cannot be looked up
        reason = error.strerror if isinstance(error, OSError) else "that is no name of a host"
        why = f"Port {port} on {host} cannot be used: {reason}."
        raise PortError(f"{why} Choose another, such as PORT=8001.") from None


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio would leave Nagle's delay on for its connections: 40 ms an answer.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except (OSError, TypeError):
        sock.close()
        raise
    sock.set_inheritable(False)
    return sock


def allow_open_files(settings: ConnectionSettings) -> None:
    """Raise the process's limit on open files so that it covers the client connections, as far as is allowed.

    Many machines start with 1,024, and a process at its limit accepts no connection, not even a health check.
    """
    needed = settings.most_requests + settings.reserved_for_sign_in + settings.most_idle + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < needed:
        _log.warning("fewer open files are allowed than the connections of callers may need")


async def serve(
    app: FastAPI,
    sock: socket.socket,
    stop: asyncio.Event,
    started: Callable[[], Coroutine[None, None, None]] | None = None,
    limits: ConnectionLimits | None = None,
    operator: OperatorAddress | None = None,
) -> None:
    """Serve `app` on `sock` until `stop` is set; call `started` once requests are answered. Its errors end the serving.

    When `stop` is set, requests are answered until callers have left (`GracefulStop`). Then those in progress have
    `GRACE_SECONDS` to end.

    The metrics are served at the address of the operator, from before `app` answers until it has ended.
    The app's lifespan runs here and not in uvicorn, which would turn a sentence for the operator into a traceback.
    """
    limits = limits or ConnectionLimits()
    allow_open_files(limits.settings)
    async with app.router.lifespan_context(app):
        # The layers themselves: FastAPI's own entrance reads variables of the environment for each request.
        graceful = GracefulStop(limits.settings)
        server = _server(app.middleware_stack or app, limits, graceful)

        async def leave() -> None:
            app.state.stopping = True  # `/readyz` answers 503
            await graceful.wait(server.server_state.connections, limits)

        async with _serving_operator(operator, server.server_state, limits):
            await _until_stopped(server, sock, stop, started, leave)


def _server(app: ASGIApp, limits: ConnectionLimits, stop: GracefulStop) -> _Server:
    connection: Any = partial(
        BoundedConnection, limits=limits, stop=stop
    )  # uvicorn calls it as it would call the class
    config = uvicorn.Config(
        LoadShedding(app, limits),
        http=connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return _Server(config)


@contextlib.asynccontextmanager
async def _serving_operator(
    operator: OperatorAddress | None, public: ServerState, limits: ConnectionLimits
) -> AsyncIterator[None]:
    """Serve the metrics while the context is open."""
    if operator is None:
        yield
        return
    operator.metrics.add_source(CONNECTION_FAMILIES, ConnectionMetrics(public, limits).samples)
    own_limits = ConnectionLimits(OPERATOR_CONNECTIONS)
    server = _server(MetricsEndpoint(operator.metrics), own_limits, GracefulStop(OPERATOR_CONNECTIONS))
    serving = asyncio.create_task(server.serve(sockets=[operator.sock]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def _until_stopped(
    server: _Server,
    sock: socket.socket,
    stop: asyncio.Event,
    started: Callable[[], Coroutine[None, None, None]] | None,
    leave: Callable[[], Coroutine[None, None, None]],
) -> None:
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    stopping = asyncio.create_task(stop.wait())
    announcement: asyncio.Task[None] | None = None
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event to wait for
            await asyncio.sleep(0.02)
        freeze_loaded_objects()
        if started and not serving.done():
            announcement = asyncio.create_task(_announce(started, server))
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            await leave()
    finally:
        server.should_exit = True
        for task in (stopping, announcement):
            if task:
                task.cancel()
        await serving
        # Last, so that all connections have ended before an error of the announcement is raised.
        if announcement:
            await _raise_result(announcement)


async def _announce(started: Callable[[], Coroutine[None, None, None]], server: _Server) -> None:
    try:
        await started()
    except Exception:
        server.should_exit = True
        raise


async def _raise_result(ended: "asyncio.Task[None]") -> None:
    """Raise the exception of a task, unless it was cancelled."""
    with contextlib.suppress(asyncio.CancelledError):
        await ended


def stop_on_signals(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM, SIGINT and SIGHUP.

    A process that was started with SIGHUP ignored, as by `nohup`, keeps ignoring it. There is nothing to reload:
    settings are read at the start, and everything that changes later (secrets, keys, accounts, clients) is in the
    database.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            loop.add_signal_handler(number, stop.set)
