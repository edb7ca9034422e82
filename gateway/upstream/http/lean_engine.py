"""The HTTP engine: our own client for HTTP/1.1, with the pool of connections of one office.

It does nothing by itself: no redirects, no cookies, no proxies from the environment, no retry. llhttp parses heads;
everything that a system sends is bounded in the modules `lean_answer`, `lean_head` and `lean_chunks`.
"""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import HttpUrl

from adapters.errors import QueryRefusedError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.http.engine import connect_limit, tls_context
from gateway.upstream.http.lean_connect import Destination, connect
from gateway.upstream.http.lean_connection import LeanConnection
from gateway.upstream.http.request_head import request_bytes
from gateway.upstream.layers.deadline import timeout_error
from gateway.upstream.request import RequestStage, UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_MOST_IDLE: Final = 100
"""Kept connections of one office. There are seldom more than it has concurrency slots."""


class LeanEngine:
    """See `gateway.upstream.http.engine.HttpEngine`."""

    def __init__(self, base_url: HttpUrl, slowest: timedelta, settings: UpstreamSettings, ca: Path | None) -> None:
        self._destination = Destination.of(base_url)
        self._slowest = slowest.total_seconds()
        self._connect_within = settings.connect_within.total_seconds()
        self._keepalive = settings.kept_connection.total_seconds()
        self._ca = ca
        self._tls: ssl.SSLContext | None = None
        self._busy: set[LeanConnection] = set()
        self._idle: list[LeanConnection] = []
        self._sweep_timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def send(self, request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
        """Send once and read the whole answer. Raises only `AdapterError`s; none contains the address."""
        call_state.stage, call_state.attempts = RequestStage.ANSWER, call_state.attempts + 1
        remaining = call_state.deadline.remaining()
        if remaining <= 0:
            raise timeout_error(call_state.stage)
        if call_state.address is None:
            raise QueryRefusedError("the egress layer has not checked the request")
        if self._closed:
            raise UpstreamUnavailableError("the connections of this office are closed")
        written = request_bytes(request, call_state.address.raw_path_qs, self._destination.header)
        loop = asyncio.get_running_loop()
        began = loop.time()
        connection = self._take_idle(began) if request.safe else None
        if connection is None:
            connection = await self._new_connection(min(remaining, self._slowest))
        # The deadline layer ends a request that has less time than the slowest answer takes.
        seconds = began + self._slowest - loop.time() if self._slowest < remaining else None
        self._busy.add(connection)
        call_state.maybe_sent = True
        try:
            return await connection.exchange(written, call_state.max_bytes, seconds)
        finally:
            self._busy.discard(connection)
            if request.safe and connection.reusable:
                self._keep(connection, loop)
            else:
                connection.abort()

    async def aclose(self) -> None:
        """Close every connection. Requests that are under way fail."""
        self._closed = True
        if self._sweep_timer is not None:
            self._sweep_timer.cancel()
        for connection in (*self._busy, *self._idle):
            connection.abort()
        self._idle.clear()
        # Transports close their sockets in the next round of the loop.
        await asyncio.sleep(0)

    def _take_idle(self, now: float) -> LeanConnection | None:
        """The connection that was used last, if it can serve a request."""
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and now - connection.idle_since < self._keepalive:
                return connection
            connection.abort()
        return None

    def _keep(self, connection: LeanConnection, loop: asyncio.AbstractEventLoop) -> None:
        if self._closed or not self._keepalive or len(self._idle) >= _MOST_IDLE:
            connection.abort()
            return
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._sweep_timer is None:
            self._sweep_timer = loop.call_later(self._keepalive, self._sweep, loop)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close connections that have been idle for too long; the others are the newest."""
        oldest = loop.time() - self._keepalive
        kept = [one for one in self._idle if one.reusable and one.idle_since > oldest]
        for connection in self._idle:
            if connection not in kept:
                connection.abort()
        self._idle = kept
        self._sweep_timer = loop.call_later(kept[0].idle_since - oldest, self._sweep, loop) if kept else None

    async def _new_connection(self, within: float) -> LeanConnection:
        if self._destination.tls and self._tls is None:
            self._tls = tls_context(self._ca)
        connection = await connect(self._destination, self._tls, connect_limit(self._connect_within, within))
        if self._closed or not connection.is_open:
            connection.abort()
            raise UpstreamUnavailableError("the connection was lost")
        return connection
