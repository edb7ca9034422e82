"""Tracks the threads of SQLite connections: the driver gives each one a thread bound to the opener's event loop.

A connection that is abandoned while it closes is stopped without waiting: its thread may then call a loop that is
closed. A connection that is abandoned while it opens is not closed by the driver at all. Therefore connections are
always opened completely here, closed when their caller has left, and closing a database waits for the threads of both.
"""

import asyncio
from threading import Thread
from typing import Any, Final
from weakref import ReferenceType, ref

import aiosqlite

_END_SECONDS: Final = 5.0
"""Seconds for a running statement to end, if it waits for a lock."""


class SqliteThreads:
    """Opens connections for SQLAlchemy, and tracks their threads."""

    def __init__(self) -> None:
        self._opened: dict[Thread, ReferenceType[aiosqlite.Connection]] = {}
        self._abandoned: set[asyncio.Task[aiosqlite.Connection]] = set()

    async def open(self, *args: Any, **kwargs: Any) -> aiosqlite.Connection:  # noqa: ANN401 - the driver's own arguments
        """Open a connection with the driver's arguments; its thread does not keep the process alive."""
        connection = aiosqlite.connect(*args, **kwargs)
        thread = connection._thread  # as SQLAlchemy does it
        thread.daemon = True
        alive = {one: reference for one, reference in self._opened.items() if one.ident is None or one.is_alive()}
        self._opened = alive | {thread: ref(connection)}
        opening = asyncio.create_task(_opened(connection))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._abandoned.add(opening)
            opening.add_done_callback(self._close)
            raise

    def _close(self, opening: asyncio.Task[aiosqlite.Connection]) -> None:
        self._abandoned.discard(opening)
        if not opening.cancelled() and not opening.exception():
            opening.result().stop()

    async def wait_ended(self) -> None:
        """Wait for the threads of abandoned connections; threads of connections in use continue."""
        if self._abandoned:
            await asyncio.wait(self._abandoned)
        for thread, reference in self._opened.items():
            connection = reference()
            if thread.ident is not None and (connection is None or not connection._running):
                await asyncio.to_thread(thread.join, _END_SECONDS)


async def _opened(connection: aiosqlite.Connection) -> aiosqlite.Connection:
    return await connection
