"""The HTTP engine: aiohttp, chosen by measurement, with everything it would do on its own accord switched off.

No cookie jar, no redirects, no proxies from the environment, no decompression, and no sending again: aiohttp repeats
GET, PUT and DELETE by itself when a kept connection turns out dead, which only the retry layer may decide.
"""

import asyncio
import ssl
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

from adapters.errors import AdapterError, QueryRefusedError, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.http.body import read_answer
from gateway.upstream.http.certificates import verifying_context
from gateway.upstream.http.errors import ConnectionLostError, meaning
from gateway.upstream.layers.deadline import timeout_error
from gateway.upstream.request import RequestStage, UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_DEFAULTS: Final = {"Accept-Encoding": "gzip, deflate", "User-Agent": "Gerbang"}
_NO_AUTOMATIC: Final = ("Content-Type",)
_PIECE: Final = 65_536
_CONNECT_SHARE: Final = 0.9


_trip: ContextVar[UpstreamRequest] = ContextVar("the trip for which a connection is made")


class _OneConnector(TCPConnector):
    """Gives no kept connection on which something came that nobody asked for: it would be taken for the answer.

    Whatever fails before it has given one, a byte of the request cannot have left.
    """

    async def connect(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Connection:  # noqa: ASYNC109  # aiohttp's own signature
        while True:
            connection = await super().connect(req, traces, timeout)
            if connection.protocol is None or not connection.protocol.should_close:
                _trip.get().left = True
                return connection
            connection.close()


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Keeps aiohttp from sending again by itself."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionLostError from error


class HttpEngine:
    """Sends requests to one office.

    Safe ones share a pool of kept connections. An unsafe one gets a fresh connection, so that it is never lost on one
    that the system was just closing. Over https the office is known by the certificates in `ca`, else by those that
    the machine trusts; nothing can switch that off.
    """

    def __init__(self, slowest: timedelta, settings: UpstreamSettings, ca: Path | None = None) -> None:
        self._ca = ca
        self._slowest = slowest.total_seconds()
        self._connect_within = settings.connect_within.total_seconds()
        self._kept = settings.kept_connection.total_seconds()
        self._pooled: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    async def send(self, request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
        """Send once and read the whole answer. Raises only errors of the tree; none says where the request went."""
        trip.stage, trip.attempts = RequestStage.ANSWER, trip.attempts + 1
        remaining = trip.deadline.remaining()
        if remaining <= 0:
            raise timeout_error(trip.stage)
        limit = asyncio.timeout(self._slowest) if self._slowest < remaining else nullcontext()
        try:
            async with limit:
                return await self._exchange(request, trip, min(remaining, self._slowest))
        except aiohttp.ServerTimeoutError:
            failure: AdapterError = UpstreamTimeoutError("no connection was made in time")
        except TimeoutError:
            failure = UpstreamTimeoutError("the answer took longer than this system's slowest")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = meaning(error)
        # Raised out here, so that no error of the engine, which may name the address, hangs on to it.
        raise failure

    async def aclose(self) -> None:
        """Close every connection."""
        for session in (self._pooled, self._fresh):
            if session is not None:
                await session.close()

    async def _exchange(self, request: HttpRequest, trip: UpstreamRequest, within: float) -> HttpAnswer:
        if trip.address is None:
            raise QueryRefusedError("the request was not looked at by the egress list")
        # Connecting ends a little before the rest, so that what is said then is that there was no connection.
        connect = min(self._connect_within, within * _CONNECT_SHARE)
        session = self._session(safe=request.safe)
        _trip.set(trip)
        response = await session.request(
            request.method,
            trip.address,
            data=request.content,
            headers=request.headers,
            allow_redirects=False,
            timeout=ClientTimeout(total=None, connect=connect, ceil_threshold=3600),
        )
        try:
            return await read_answer(response, trip.max_bytes)
        except BaseException:
            response.close()
            raise

    def _session(self, *, safe: bool) -> aiohttp.ClientSession:
        """Made when first needed, within the running loop."""
        if safe:
            if self._pooled is None:
                self._pooled = _client(_OneConnector(limit=0, keepalive_timeout=self._kept, ssl=self._trust()))
            return self._pooled
        if self._fresh is None:
            self._fresh = _client(_OneConnector(limit=0, force_close=True, ssl=self._trust()))
        return self._fresh

    def _trust(self) -> ssl.SSLContext:
        try:
            return verifying_context(self._ca)
        except OSError:
            reason = "the certificates by which it is known cannot be read"
        raise UpstreamUnavailableError(reason)


def _client(connector: TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        headers=_DEFAULTS,
        skip_auto_headers=_NO_AUTOMATIC,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        read_bufsize=_PIECE,
        middlewares=(_once,),
    )
