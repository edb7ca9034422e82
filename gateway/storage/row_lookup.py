"""Looks up single rows by keys, with less work than a transaction of the asynchronous engine.

On SQLite the engine changes threads for each step of a transaction: about 1 ms of CPU time for a row that SQLite itself
finds in 10 µs. So these queries go to one thread with a connection of its own. On PostgreSQL they go to the engine.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select

if TYPE_CHECKING:
    from gateway.storage.engine import Database

_END_SECONDS: Final = 5.0

LookedUp = tuple[Any, ...]
"""The values of one row, in the order of the selected columns."""


class RowLookup:
    """A query that finds at most one row. It is compiled once; its parameters are `bindparam`s.

    `statement` selects columns, not mapped classes.
    """

    def __init__(self, database: "Database", statement: Select[Any]) -> None:
        self._database = database
        self._statement = statement
        dialect = database.sync_engine.dialect
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._parameters = tuple(
            (name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect))
            for name in compiled.positiontup or ()
        )
        self._converters = tuple(
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in statement.selected_columns
        )

    async def first(self, **parameters: object) -> LookedUp | None:
        """Return the row for these parameters, as committed now; None if there is none."""
        reader = self._database.reader
        if reader is not None:
            values = [
                parameters[name] if convert is None else convert(parameters[name]) for name, convert in self._parameters
            ]
            try:
                row = await reader.first(self._text, values)
            except (sqlite3.Error, TimeoutError):
                pass  # the engine tries again, and raises the error that callers expect
            else:
                return None if row is None else self._converted(row)
        async with self._database.session() as session:
            found = (await session.execute(self._statement, parameters)).first()
        return None if found is None else tuple(found)

    def _converted(self, row: Sequence[Any]) -> LookedUp:
        return tuple(
            value if convert is None else convert(value) for value, convert in zip(row, self._converters, strict=True)
        )


@dataclass(frozen=True, slots=True)
class _Query:
    text: str
    values: Sequence[object]
    answer: "asyncio.Future[LookedUp | None]"


class SqliteReader:
    """A thread that reads rows over one connection, which only reads. Both begin with the first query.

    `seconds`: how long a caller waits at most. The thread does not keep the process alive.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], seconds: float) -> None:
        self._connect = connect
        self._seconds = seconds
        self._queries: SimpleQueue[_Query | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: sqlite3.Connection | None = None

    async def first(self, text: str, values: Sequence[object]) -> LookedUp | None:
        """Return the first row. Raises `sqlite3.Error`, or `TimeoutError` when it takes too long."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="row-lookup", daemon=True)
            self._thread.start()
        answer: asyncio.Future[LookedUp | None] = asyncio.get_running_loop().create_future()
        self._queries.put(_Query(text, values, answer))
        async with asyncio.timeout(self._seconds):
            return await answer

    async def aclose(self) -> None:
        """Close the connection, and wait until the thread has ended."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._queries.put(None)
            await asyncio.to_thread(thread.join, _END_SECONDS)

    def _run(self) -> None:
        while (query := self._queries.get()) is not None:
            row: LookedUp | None = None
            failure: sqlite3.Error | None = None
            try:
                row = self._read(query)
            except sqlite3.Error as error:
                self._close()
                failure = error
            # The loop of a caller that was cancelled may be closed.
            with contextlib.suppress(RuntimeError):
                query.answer.get_loop().call_soon_threadsafe(_resolve, query.answer, row, failure)
            del query, row, failure  # while waiting for the next one, keep nothing of this one
        self._close()

    def _read(self, query: _Query) -> LookedUp | None:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
        # All rows are fetched, so that no read transaction stays open, which would hold up checkpoints.
        rows = connection.execute(query.text, query.values).fetchall()
        return rows[0] if rows else None

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _resolve(answer: "asyncio.Future[LookedUp | None]", row: LookedUp | None, failure: sqlite3.Error | None) -> None:
    if answer.done():
        return
    if failure is None:
        answer.set_result(row)
    else:
        answer.set_exception(failure)
