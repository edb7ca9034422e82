"""A TCP forwarder that can fall silent: a server behind it then looks like one whose process was stopped by SIGSTOP.

Connections are accepted and stay open, what is sent is taken, and nothing comes back until it is resumed.

    with forwarding("127.0.0.1", 5432) as forwarder:
        connect_to(forwarder.port)
        forwarder.silence()
        forwarder.resume()

It runs in a thread with an event loop of its own, so that synchronous drivers can be tested with it too.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

from conformance.loopback import LoopbackServer

_ENDS_WITHIN = 60.0


class Forwarder:
    """Forwards between `port` and the server, while it is not silent."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._loop = asyncio.new_event_loop()
        self._forwards = asyncio.Event()
        self._forwards.set()
        self._listening = LoopbackServer(self._forward)
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0
        self.accepted = 0

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_ENDS_WITHIN)

    def stop(self) -> None:
        """Break every connection, and stop listening."""
        asyncio.run_coroutine_threadsafe(self._listening.stop(), self._loop).result(_ENDS_WITHIN)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ENDS_WITHIN)
        self._loop.close()

    def silence(self) -> None:
        """From now on nothing is forwarded, in either direction."""
        self._do(self._forwards.clear)

    def resume(self) -> None:
        """Forward what has arrived meanwhile, and whatever comes."""
        self._do(self._forwards.set)

    def cut(self) -> None:
        """Break every connection that is open."""
        asyncio.run_coroutine_threadsafe(self._listening.cut(), self._loop).result(_ENDS_WITHIN)

    def _do(self, change: Callable[[], None]) -> None:
        async def doing() -> None:
            change()

        asyncio.run_coroutine_threadsafe(doing(), self._loop).result(_ENDS_WITHIN)

    async def _listen(self) -> None:
        await self._listening.start()
        self.port = self._listening.port

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        there, back = await asyncio.open_connection(*self._server)
        try:
            await self._both(self._pipe(reader, back), self._pipe(there, writer))
        finally:
            back.close()

    async def _both(self, *pipes: Coroutine[None, None, None]) -> None:
        tasks = [asyncio.create_task(pipe) for pipe in pipes]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65536):
            await self._forwards.wait()
            writer.write(piece)
            await writer.drain()
        await self._forwards.wait()


@contextmanager
def forwarding(host: str, port: int) -> Iterator[Forwarder]:
    """A forwarder to this server."""
    forwarder = Forwarder(host, port)
    forwarder.start()
    try:
        yield forwarder
    finally:
        forwarder.stop()


@contextmanager
def forwarded(url: str) -> Iterator[tuple[Forwarder, str]]:
    """A forwarder to the server of a database URL, and the URL by which the database is reached through it."""
    parsed = make_url(url)
    with forwarding(parsed.host or "127.0.0.1", parsed.port or 5432) as forwarder:
        through = parsed.set(host="127.0.0.1", port=forwarder.port)
        yield forwarder, through.render_as_string(hide_password=False)
