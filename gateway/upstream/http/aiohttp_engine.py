"""The reference HTTP engine: aiohttp, with all its automatic behaviour switched off.

The tests of hostile answers run against it and against our own engine; operators can select it by a setting.

No cookie jar, no redirects, no proxies from the environment, no decompression, and no automatic retry: aiohttp repeats
GET, PUT and DELETE when a kept connection turns out to be closed. Only the retry layer may decide this.
"""

import asyncio
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import ClientRequest, ClientResponse, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.connector import Connection
from aiohttp.tracing import Trace

from adapters.errors import AdapterError, QueryRefusedError, UpstreamTimeoutError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.http.aiohttp_answer import read_answer
from gateway.upstream.http.aiohttp_errors import ConnectionLostError, adapter_error_for
from gateway.upstream.http.engine import connect_limit, tls_context
from gateway.upstream.http.request_head import USER_AGENT
from gateway.upstream.layers.deadline import timeout_error
from gateway.upstream.request import RequestStage, UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_DEFAULTS: Final = {"Accept-Encoding": "gzip, deflate", "User-Agent": USER_AGENT}
_SKIPPED_HEADERS: Final = ("Content-Type",)
_READ_BUFFER: Final = 65_536

_call_state: ContextVar[UpstreamRequest] = ContextVar("state of the request for which a connection is made")


class _CheckedConnector(TCPConnector):
    """Returns no kept connection that received unexpected bytes: they would be taken for the answer.

    Before it returns a connection, no byte of the request can have been sent.
    """

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ASYNC109  # aiohttp's own signature
        while True:
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is None or not connection.protocol.should_close:
                _call_state.get().maybe_sent = True
                return connection
            connection.close()


async def _without_retry(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Disable aiohttp's automatic retry."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionLostError from error


class AiohttpEngine:
    """See `gateway.upstream.http.engine.HttpEngine`."""

    def __init__(self, slowest: timedelta, settings: UpstreamSettings, ca: Path | None = None) -> None:
        self._ca = ca
        self._slowest = slowest.total_seconds()
        self._connect_within = settings.connect_within.total_seconds()
        self._keepalive = settings.kept_connection.total_seconds()
        self._pooled: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    async def send(self, request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
        """Send once and read the whole answer. Raises only `AdapterError`s; none contains the address."""
        call_state.stage, call_state.attempts = RequestStage.ANSWER, call_state.attempts + 1
        remaining = call_state.deadline.remaining()
        if remaining <= 0:
            raise timeout_error(call_state.stage)
        limit = asyncio.timeout(self._slowest) if self._slowest < remaining else nullcontext()
        try:
            async with limit:
                return await self._exchange(request, call_state, min(remaining, self._slowest))
        except aiohttp.ServerTimeoutError:
            failure: AdapterError = UpstreamTimeoutError("no connection was made in time")
        except TimeoutError:
            failure = UpstreamTimeoutError("the answer took longer than this system's slowest")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = adapter_error_for(error)
        # Raised outside the handlers, so that no aiohttp error, which may contain the address, becomes its context.
        raise failure

    async def aclose(self) -> None:
        """Close every connection."""
        for session in (self._pooled, self._fresh):
            if session is not None:
                await session.close()

    async def _exchange(self, request: HttpRequest, call_state: UpstreamRequest, within: float) -> HttpAnswer:
        if call_state.address is None:
            raise QueryRefusedError("the egress layer has not checked the request")
        connect = connect_limit(self._connect_within, within)
        session = self._session(safe=request.safe)
        _call_state.set(call_state)
        response = await session.request(
            request.method,
            call_state.address,
            data=request.content,
            headers=request.headers,
            allow_redirects=False,
            timeout=ClientTimeout(total=None, connect=connect, ceil_threshold=3600),
        )
        try:
            return await read_answer(response, call_state.max_bytes)
        except BaseException:
            response.close()
            raise

    def _session(self, *, safe: bool) -> aiohttp.ClientSession:
        """The session for safe or for unsafe requests; created on first use, within the running loop."""
        if safe:
            if self._pooled is None:
                self._pooled = _new_session(
                    _CheckedConnector(limit=0, keepalive_timeout=self._keepalive, ssl=tls_context(self._ca))
                )
            return self._pooled
        if self._fresh is None:
            self._fresh = _new_session(_CheckedConnector(limit=0, force_close=True, ssl=tls_context(self._ca)))
        return self._fresh


def _new_session(connector: TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        headers=_DEFAULTS,
        skip_auto_headers=_SKIPPED_HEADERS,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        read_bufsize=_READ_BUFFER,
        middlewares=(_without_retry,),
    )
