"""The database: one asynchronous engine for the gateway, and a synchronous one for Authlib's grant machinery.

Authlib's server core is synchronous and runs in a thread; on SQLite both engines share one file, so each connection
waits for the other's lock (`busy_timeout`) instead of failing.

Every wait has a limit (`DatabaseLimits`): for a connection, for a lock, for a statement, and for a transaction as a
whole. A transaction of a request ends with the request's budget, others with the limit for background work.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gateway.ground.errors import TEMPORARY, GerbangError
from gateway.storage.changes import ChangeCounter, Watched
from gateway.storage.limits import DatabaseLimits, milliseconds, seconds_allowed, spending
from gateway.storage.row_lookup import SqliteReader
from gateway.storage.sqlite_pragmas import sqlite_pragmas
from gateway.storage.sqlite_threads import SqliteThreads
from gateway.storage.timers import PoolTimers

_DEFAULT_LIMITS: Final = DatabaseLimits()


class DatabaseError(GerbangError):
    """The database cannot be used; the message gives the reason in one sentence."""


class DatabaseAwayError(DatabaseError):
    """The database does not answer now, but may do so later."""

    exit_code = TEMPORARY


class DatabaseBudgetError(DatabaseError):
    """The request has spent its database budget; no further statement is executed for it."""


UNAVAILABLE: Final = (DatabaseBudgetError, OperationalError, InterfaceError, InternalError, NoConnectionError)
"""Errors for a database that does not answer, answers too late, or accepts no changes (after a failover)."""


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


def _postgresql_arguments(url: URL, limits: DatabaseLimits) -> dict[str, Any]:
    """The connection arguments. The server itself ends slow statements and abandoned transactions."""
    url_options = url.query.get("options", "")
    options = [
        *((url_options,) if isinstance(url_options, str) else url_options),
        f"-c statement_timeout={milliseconds(limits.statement)}",
        f"-c lock_timeout={milliseconds(limits.lock)}",
        f"-c idle_in_transaction_session_timeout={milliseconds(limits.background)}",
    ]
    # The driver accepts whole seconds, and at least two.
    return {"connect_timeout": max(2, round(limits.connect.total_seconds())), "options": " ".join(options).strip()}


class Database:
    """Connections to one database, asynchronous and synchronous."""

    def __init__(self, url: str, limits: DatabaseLimits = _DEFAULT_LIMITS) -> None:
        asynchronous, synchronous = _urls(url)
        self.limits = limits
        self.name = _name(synchronous)
        self.is_sqlite = synchronous.get_backend_name() == "sqlite"
        self.file = Path(synchronous.database) if self.is_sqlite and synchronous.database else None
        self._url = synchronous
        if self.file:
            try:
                self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise DatabaseError(f"The database's folder cannot be made: {error.strerror}.") from None
        self._threads = SqliteThreads()
        common: dict[str, Any] = {"hide_parameters": True, "pool_timeout": limits.pool.total_seconds()}
        arguments = {} if self.is_sqlite else _postgresql_arguments(synchronous, limits)
        self.engine: AsyncEngine = create_async_engine(
            asynchronous,
            connect_args={"async_creator_fn": self._threads.open} if self.is_sqlite else arguments,
            **common,
        )
        self.sync_engine: Engine = create_engine(synchronous, connect_args=arguments, **common)
        self.reader: SqliteReader | None = None
        """Reads for `RowLookup`; None where the engine does."""
        if self.file:
            connect = partial(self.driver_connection, limits, "gerbang-row-lookup")
            self.reader = SqliteReader(connect, limits.pool.total_seconds())
        for engine in (self.engine.sync_engine, self.sync_engine):
            if self.is_sqlite:
                event.listen(engine, "connect", sqlite_pragmas(limits))
            else:
                PoolTimers(engine, limits)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end of the block."""
        with self._charged():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def begin_within(self, patience: timedelta) -> AsyncIterator[AsyncConnection]:
        """A `begin` in which each statement fails that waits longer than `patience` for another transaction's lock."""
        longest = milliseconds(patience)
        async with self.begin() as connection:
            if not self.is_sqlite:
                await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {longest}")
                yield connection
                return
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {longest}")
            try:
                yield connection
            finally:
                await connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds(self.limits.lock)}")

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One unit of work over mapped rows, committed at the end of the block."""
        with self._charged():
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                yield session

    @contextmanager
    def sync_session(self) -> Iterator[Session]:
        """A synchronous `session`: only for code that runs in a thread."""
        with self._charged(), Session(self.sync_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def count_changes(self, watched: Watched) -> ChangeCounter:
        """A counter of the transactions of this process that change these tables."""
        return ChangeCounter((self.engine.sync_engine, self.sync_engine), watched)

    def session_engine(self, application: str) -> Engine:
        """An engine for a connection that stays open and has no timer; PostgreSQL only.

        The server lists it as `application`, and notices within half a minute when its machine has failed.
        """
        arguments = _postgresql_arguments(self._url, self.limits)
        keepalive = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        arguments |= {"options": f"{arguments['options']} {keepalive}", "application_name": application}
        return create_engine(
            self._url, connect_args=arguments, poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True
        )

    def driver_connection(self, limits: DatabaseLimits, application: str) -> Any:  # noqa: ANN401 - a driver's own connection
        """Open a blocking connection of the driver itself, in autocommit mode and with no timer; the caller closes it.

        PostgreSQL lists it as `application`. Raises the errors of the driver: `sqlite3`, or `psycopg`.
        """
        dialect = self.sync_engine.dialect
        given, named = dialect.create_connect_args(self._url)
        if not self.is_sqlite:
            own = {**_postgresql_arguments(self._url, limits), "application_name": application, "autocommit": True}
            return dialect.loaded_dbapi.connect(*given, **{**named, **own})
        connection: Any = dialect.loaded_dbapi.connect(*given, **named, isolation_level=None)
        try:
            sqlite_pragmas(limits)(connection, None)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _charged(self) -> Iterator[None]:
        """Charge the block to the current request. Raises `DatabaseBudgetError` if the request's budget is spent."""
        if seconds_allowed(self.limits.background) <= 0:
            raise DatabaseBudgetError(f"The request's time for the database {self.name} is spent.")
        with spending():
            yield

    async def aclose(self) -> None:
        """Close every connection, and wait until none is in use."""
        if self.reader is not None:
            await self.reader.aclose()
        await self.engine.dispose()
        self.sync_engine.dispose()
        await self._threads.wait_ended()


def unusable(database: Database, error: SQLAlchemyError) -> DatabaseError:
    """Translate an error of the driver into one sentence for an operator, which names the database.

    PostgreSQL's driver does not distinguish an unavailable server from one that refuses us: both may be temporary.
    """
    cause = getattr(error, "orig", None) or error
    first = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
    kind = DatabaseAwayError if _is_temporary(database, error) else DatabaseError
    return kind(f"The database {database.name} cannot be used: {first}.")


def _is_temporary(database: Database, error: SQLAlchemyError) -> bool:
    if database.is_sqlite:
        busy = str(getattr(getattr(error, "orig", None), "sqlite_errorname", "")).startswith("SQLITE_BUSY")
        return busy or isinstance(error, NoConnectionError)
    return isinstance(error, UNAVAILABLE)


def _name(url: URL) -> str:
    """The database's name in messages: never with an account's name or a password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    host = url.host or url.query.get("host") or "the local socket"
    port = f":{url.port}" if url.port else ""
    return f"{url.database or 'without a name'} at {host if isinstance(host, str) else ', '.join(host)}{port}"
