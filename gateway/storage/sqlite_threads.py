"""The driver of SQLite gives each connection a thread, which answers to the event loop of whoever opened it.

A connection that is given up while it closes is told to stop, and nobody waits until it has: its thread may then answer
to a loop that is gone. One that is given up while it opens is not even closed by the driver. So connections are opened
to the end here, closed where nobody wants them any more, and whoever closes a database waits for the threads of both.
"""

import asyncio
from threading import Thread
from typing import Any, Final
from weakref import ReferenceType, ref

import aiosqlite

_ENDS_WITHIN: Final = 5.0
"""Seconds for a statement that is under way, as long as it waits for a lock."""


class SqliteThreads:
    """Opens connections for SQLAlchemy, and remembers their threads."""

    def __init__(self) -> None:
        self._opened: dict[Thread, ReferenceType[aiosqlite.Connection]] = {}
        self._given_up: set[asyncio.Task[aiosqlite.Connection]] = set()

    async def open(self, *where: Any, **how: Any) -> aiosqlite.Connection:  # noqa: ANN401 - the driver's own arguments
        """A connection, opened as the driver is asked to; its thread does not keep the process alive."""
        connection = aiosqlite.connect(*where, **how)
        thread = connection._thread  # as SQLAlchemy has it
        thread.daemon = True
        remembered = {one: held for one, held in self._opened.items() if one.ident is None or one.is_alive()}
        self._opened = remembered | {thread: ref(connection)}
        opening = asyncio.create_task(_opened(connection))
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._given_up.add(opening)
            opening.add_done_callback(self._close)
            raise

    def _close(self, opening: asyncio.Task[aiosqlite.Connection]) -> None:
        self._given_up.discard(opening)
        if not opening.cancelled() and not opening.exception():
            opening.result().stop()

    async def ended(self) -> None:
        """Wait for the threads of connections that nobody has any more; those that are in use go on."""
        if self._given_up:
            await asyncio.wait(self._given_up)
        for thread, held in self._opened.items():
            connection = held()
            if thread.ident is not None and (connection is None or not connection._running):
                await asyncio.to_thread(thread.join, _ENDS_WITHIN)


async def _opened(connection: aiosqlite.Connection) -> aiosqlite.Connection:
    return await connection
