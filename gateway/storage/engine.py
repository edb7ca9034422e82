"""The database: one asynchronous engine for the gateway, and a synchronous one beside it for Authlib's grant machinery.

Authlib's server core is synchronous and runs in a thread; on SQLite both engines share one file, so each connection
waits for the other's lock (`busy_timeout`) instead of failing.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from gateway.ground.errors import GerbangError
from gateway.storage.sqlite_threads import SqliteThreads

_BUSY_MILLISECONDS = 5000


class DatabaseError(GerbangError):
    """The database cannot be used; one sentence says why."""


def _urls(text: str) -> tuple[URL, URL]:
    try:
        url = make_url(text)
    except ArgumentError:
        raise DatabaseError("The database URL cannot be read; give sqlite:///path or postgresql://host/name.") from None
    family = url.get_backend_name()
    if family == "sqlite":
        return url.set(drivername="sqlite+aiosqlite"), url.set(drivername="sqlite+pysqlite")
    if family == "postgresql":
        return url.set(drivername="postgresql+psycopg"), url.set(drivername="postgresql+psycopg")
    raise DatabaseError(f"The database must be SQLite or PostgreSQL, not {family}.")


def _sqlite_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's own connection
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


class Database:
    """Connections to one database, asynchronous and synchronous."""

    def __init__(self, url: str) -> None:
        asynchronous, synchronous = _urls(url)
        self.is_sqlite = synchronous.get_backend_name() == "sqlite"
        if self.is_sqlite and synchronous.database:
            try:
                Path(synchronous.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise DatabaseError(f"The database's folder cannot be made: {error.strerror}.") from None
        self._threads = SqliteThreads()
        self.engine: AsyncEngine = create_async_engine(
            asynchronous,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,
            connect_args={"async_creator_fn": self._threads.open} if self.is_sqlite else {},
        )
        self.sync_engine: Engine = create_engine(synchronous, pool_pre_ping=not self.is_sqlite, hide_parameters=True)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _sqlite_pragmas)
            event.listen(self.sync_engine, "connect", _sqlite_pragmas)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def begin_within(self, patience: timedelta) -> AsyncIterator[AsyncConnection]:
        """The same; each statement fails that waits longer than `patience` for somebody else's lock."""
        milliseconds = int(patience.total_seconds() * 1000)
        async with self.begin() as connection:
            if not self.is_sqlite:
                await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
                yield connection
                return
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
            try:
                yield connection
            finally:
                await connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One unit of work over mapped rows, committed at the end of the block."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def sync_session(self) -> Iterator[Session]:
        """The same, synchronous: only for code that runs in a thread."""
        with Session(self.sync_engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def aclose(self) -> None:
        """Close every connection, and wait until none is at work any more."""
        await self.engine.dispose()
        self.sync_engine.dispose()
        await self._threads.ended()
