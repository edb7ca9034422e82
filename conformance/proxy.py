"""A small loopback proxy between an adapter and its simulator: it passes everything on, and damages what it is told to.

Logins and sessions go through it undisturbed, so that a damaged answer meets the adapter where it hurts.
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

Place = tuple[str, str]
"""Method and path of a request."""

Carry = Callable[[AdapterConnection, RawAnswer], Awaitable[bool]]
"""Sends something in place of the simulator's answer; False: it could not be damaged, and was passed on."""


class Proxy:
    """One listening port in front of one office of a simulator.

    `damage` is carried out on the answers to requests of `place` (None: to every request); the simulator has handled
    them before, so that a write is stored whatever becomes of its answer. `slots` bounds how many requests the
    simulator gets at once; several proxies may share it.
    """

    def __init__(self, base_url: HttpUrl, slots: asyncio.Semaphore) -> None:
        self._origin = URL(str(base_url)).origin()
        self._path = URL(str(base_url)).raw_path.rstrip("/")
        self._slots = slots
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: aiohttp.ClientSession | None = None
        self._server: asyncio.Server | None = None
        self.damage: Carry | None = None
        self.place: Place | None = None
        self.requests: list[RawRequest] = []
        self.damaged = 0
        self.most_at_once = 0
        self._at_once = 0

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._client = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    @property
    def base_url(self) -> HttpUrl:
        """What stands in the office's settings in place of the simulator's address."""
        return HttpUrl(f"http://127.0.0.1:{self.port}{self._path}")

    @property
    def port(self) -> int:
        """The port it listens on. Raises `RuntimeError` before it does."""
        if self._server is None:
            raise RuntimeError("the proxy does not listen yet")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def places(self) -> tuple[Place, ...]:
        """Where the adapter has asked so far, each place once, in the order of the first time."""
        return tuple(dict.fromkeys((request.method, request.path) for request in self.requests))

    async def settled(self) -> None:
        """Wait until everything that was sent here has been handled. Whoever sent it must have closed its connections.

        Connections are accepted in order: when one of our own has been, so have all before it.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write_eof()
        await reader.read()
        writer.close()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def pass_on(self) -> None:
        """Damage nothing any more, and forget what was asked."""
        self.damage = self.place = None
        self.requests.clear()

    def put_on(self, damage: Carry, place: Place | None) -> None:
        """Damage the answers to `place` from now on; None: to everything."""
        self.damage, self.place, self.damaged = damage, place, 0

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        wire = AdapterConnection(reader, writer)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, aiohttp.ClientError):
                while not writer.is_closing():
                    await self._carry(wire, await wire.read())
        finally:
            writer.close()

    async def _carry(self, wire: AdapterConnection, request: RawRequest) -> None:
        self.requests.append(request)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await self._answer(wire, request)
        finally:
            self._at_once -= 1

    async def _answer(self, wire: AdapterConnection, request: RawRequest) -> None:
        # Read before the simulator is asked: a question may be over, and another damage on, when it has answered.
        damage = self.damage if self.place in (None, (request.method, request.path)) else None
        answer = await self._of_the_simulator(request)
        if damage is None:
            await wire.reply(answer)
            return
        self.damaged += 1
        if not await damage(wire, answer):
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
                headers=request.onward,
                data=request.body or None,
                allow_redirects=False,
                skip_auto_headers=("Content-Type", "User-Agent", "Accept-Encoding", "Accept"),
            ) as response,
        ):
            body = await response.read()
            headers: Sequence[tuple[str, str]] = tuple(response.headers.items())
            return RawAnswer(response.status, tuple(headers), body)
