"""A loopback proxy between an adapter and its simulator that forwards everything and damages selected answers.

Logins and sessions pass undamaged, so that a damage reaches the answer that it is meant for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import aiohttp
from pydantic import HttpUrl
from yarl import URL

from conformance.http_messages import AdapterConnection, RawAnswer, RawRequest
from conformance.loopback import LoopbackServer

Place = tuple[str, str]
"""Method and path of a request."""

SendDamaged = Callable[[AdapterConnection, RawAnswer], Awaitable[bool]]
"""Sends something in place of the simulator's answer; False: it could not be damaged, and was forwarded."""


class Proxy:
    """One listening port in front of one office of a simulator.

    `damage` applies to the answers at `place` (None: everywhere). The simulator handles each request first, so a write
    is stored even if its answer is damaged. `slots` limits the requests that the simulator receives at a time; several
    proxies may share it.
    """

    def __init__(self, base_url: HttpUrl, slots: asyncio.Semaphore) -> None:
        self._origin = URL(str(base_url)).origin()
        self._path = URL(str(base_url)).raw_path.rstrip("/")
        self._slots = slots
        self._client: aiohttp.ClientSession | None = None
        self._server = LoopbackServer(self._forward)
        self.damage: SendDamaged | None = None
        self.place: Place | None = None
        self.requests: list[RawRequest] = []
        self.damaged = 0
        self.most_at_once = 0
        self._at_once = 0

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._client = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._server.stop()
        if self._client is not None:
            await self._client.close()

    @property
    def base_url(self) -> HttpUrl:
        """The proxy's address, which replaces the simulator's address in the office's settings."""
        return HttpUrl(f"http://127.0.0.1:{self.port}{self._path}")

    @property
    def port(self) -> int:
        """The port of the proxy. Raises `RuntimeError` before it listens."""
        if not self._server.port:
            raise RuntimeError("the proxy does not listen yet")
        return self._server.port

    def places(self) -> tuple[Place, ...]:
        """Return where the adapter sent requests so far, each place once, in order of first use."""
        return tuple(dict.fromkeys((request.method, request.path) for request in self.requests))

    async def settled(self) -> None:
        """Wait until every request that was sent here was handled. The clients must have closed their connections."""
        await self._server.idle()

    def stop_damage(self) -> None:
        """Stop damaging answers, and clear the recorded requests."""
        self.damage = self.place = None
        self.requests.clear()

    def start_damage(self, damage: SendDamaged, place: Place | None) -> None:
        """Damage the answers at `place` from now on; None: all answers."""
        self.damage, self.place, self.damaged = damage, place, 0

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = AdapterConnection(reader, writer)
        with suppress(aiohttp.ClientError):
            while not writer.is_closing():
                await self._handle(connection, await connection.read())

    async def _handle(self, connection: AdapterConnection, request: RawRequest) -> None:
        self.requests.append(request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self._answer(connection, request)
        finally:
            self._at_once -= 1

    async def _answer(self, connection: AdapterConnection, request: RawRequest) -> None:
        # Read before the request is forwarded: by the time of the answer another damage may be active.
        damage = self.damage if self.place in (None, (request.method, request.path)) else None
        answer = await self._of_the_simulator(request)
        if damage is None:
            await connection.reply(answer)
            return
        self.damaged += 1
        if not await damage(connection, answer):
            self.damaged -= 1

    async def _of_the_simulator(self, request: RawRequest) -> RawAnswer:
        if self._client is None:
            raise RuntimeError("the proxy does not listen yet")
        address = URL(f"{self._origin}{request.target}", encoded=True)
        async with (
            self._slots,
            self._client.request(
                request.method,
                address,
                headers=request.forwarded_headers,
                data=request.body or None,
                allow_redirects=False,
                skip_auto_headers=("Content-Type", "User-Agent", "Accept-Encoding", "Accept"),
            ) as response,
        ):
            body = await response.read()
            headers: Sequence[tuple[str, str]] = tuple(response.headers.items())
            return RawAnswer(response.status, tuple(headers), body)
