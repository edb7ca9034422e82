"""A server on a port of loopback whose connections end with it, answered or not."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Handles one connection, which is closed when it returns or raises."""

# `asyncio` calls the handler of an accepted connection two rounds later; twice as many are waited for.
_ROUNDS = 4


class LoopbackServer:
    """Calls `handle` for each connection; a peer that disconnects in the middle of it is no error.

    `asyncio.start_server` leaves a connection open whose handler is cancelled or was not yet called when the server
    ended; the garbage collector finds it later, in whatever runs then.
    """

    def __init__(self, handle: Handle, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.port = port
        self._handle = handle
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self) -> None:
        """Listen. `port` becomes the port that was found, if it was 0."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._tls, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and end every connection. A server that does not listen is left as it is."""
        if self._server is not None:
            server, self._server = self._server, None
            # A server that closes while it accepts a connection loses it.
            asyncio.get_running_loop().remove_reader(server.sockets[0].fileno())
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
            server.close()
            await self.cut()

    async def cut(self) -> None:
        """End every connection, whatever its handler is doing."""
        tasks = dict(self._tasks)
        for task, writer in tasks.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Wait until every connection that was opened to this server so far has been handled.

        The peers must have closed theirs. Connections are accepted in order, so once a connection of this method was
        accepted, so were all earlier ones.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write_eof()
        await reader.read()
        writer.close()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def __aenter__(self) -> Self:
        """Listen."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.stop()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Not a coroutine: of that, `asyncio` makes a task that is unknown here until it runs.
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks[task] = writer
        task.add_done_callback(self._tasks.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
                await self._handle(reader, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()
