"""The driver of SQLite gives each connection a thread, which answers to the event loop of whoever opened it.

A connection that is given up while it opens, or while it closes, is told to stop, and nobody waits until it has: its
thread may then answer to a loop that is gone. So whoever closes a database waits for the threads that were told.
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

    async def open(self, *where: Any, **how: Any) -> aiosqlite.Connection:  # noqa: ANN401 - the driver's own arguments
        """A connection, opened as the driver is asked to; its thread does not keep the process alive."""
        connection = aiosqlite.connect(*where, **how)
        thread = connection._thread  # as SQLAlchemy has it
        thread.daemon = True
        self._opened = {one: held for one, held in self._opened.items() if one.is_alive()} | {thread: ref(connection)}
        return await connection

    async def ended(self) -> None:
        """Wait for the threads of connections that nobody has any more; those that are in use go on."""
        for thread, held in self._opened.items():
            connection = held()
            if connection is None or not connection._running:
                await asyncio.to_thread(thread.join, _ENDS_WITHIN)
