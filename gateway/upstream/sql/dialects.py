"""The three database dialects: how to connect, and how to limit a session to reading, time and size.

SQLite: a file, opened anew for each statement, so that a replaced file is noticed. MariaDB and PostgreSQL: a few pooled
connections, no more than the office has concurrency slots.

The PostgreSQL driver buffers several whole rows before the engine can count them. Each statement is therefore wrapped
in a query in which the server sums the size of the rows as text, and fails above three times the bound; the engine then
counts exactly. Data of MariaDB is counted as it arrives, and SQLite has a length limit.
"""

import asyncio
import logging
import sqlite3
import ssl
import time
from abc import abstractmethod
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote

from aiosqlite.core import Connection as AioSqlite
from sqlalchemy import URL, NullPool, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.contract import SqlOfficeSettings

_RECYCLED: Final = 240
_PROGRESS_STEPS: Final = 5_000
_CHUNK: Final = 64
_OVERHEAD: Final = 200_000
_MIN_SECONDS: Final = 0.01
_TEXT_FACTOR: Final = 3
# The last expression fails with "program limit exceeded". It depends on the row; otherwise it would fail before the
# first row.
_BOUNDED_QUERY: Final = """SELECT (gerbang_sum.gerbang_row).* FROM (SELECT gerbang_row,
    sum(octet_length(CAST(gerbang_row AS text))) OVER (ROWS UNBOUNDED PRECEDING) AS gerbang_size FROM (
{statement}
) AS gerbang_row) AS gerbang_sum WHERE CASE WHEN gerbang_size <= {most} THEN true
    ELSE repeat('xx', CAST(2147483647 - least(gerbang_size, 0) AS integer)) = '' END"""


@dataclass(frozen=True, slots=True)
class StatementBounds:
    """Bounds of one statement: its end (monotonic seconds), bytes in all, bytes in one cell, and rows."""

    until: float
    max_bytes: int
    max_cell: int
    rows: int

    @property
    def seconds(self) -> float:
        """The remaining time."""
        return max(_MIN_SECONDS, self.until - time.monotonic())

    @property
    def milliseconds(self) -> int:
        """The remaining time in milliseconds, the unit of database timeouts."""
        return max(1, int(self.seconds * 1000))


class Dialect(Protocol):
    """One kind of database, for one office."""

    reading: AsyncEngine
    writing: AsyncEngine
    numbers_rows: bool

    @abstractmethod
    async def begin(self, connection: AsyncConnection, bounds: StatementBounds, *, writes: bool) -> None:
        """Begin a read-only or a writing transaction that ends at the bounds' time limit."""

    @abstractmethod
    def bounded_query(self, statement: str, bounds: StatementBounds) -> str:
        """The query, wrapped to return no more than the bounds allow where the driver cannot enforce this."""


_bounds: ContextVar[StatementBounds] = ContextVar("bounds of the statement that opens a file")


class Sqlite:
    """A SQLite file. A missing file is never created."""

    numbers_rows = True

    def __init__(self, url: URL) -> None:
        # At DEBUG the driver logs statements with their parameters.
        logging.getLogger("aiosqlite").setLevel(logging.INFO)
        self._path = Path(url.database or "")
        self.reading = self._engine("ro", query_only=True)
        self.writing = self._engine("rw", query_only=False)

    def _engine(self, mode: str, *, query_only: bool) -> AsyncEngine:
        uri = f"file:{quote(str(self._path))}?mode={mode}"

        async def opened() -> AioSqlite:
            # When the driver cannot open a file, its thread lingers for a moment; check before.
            if not await asyncio.to_thread(self._path.is_file):
                raise FileNotFoundError
            return await AioSqlite(_opener(uri, _bounds.get(), query_only=query_only), _CHUNK)

        return create_async_engine(
            "sqlite+aiosqlite://", async_creator=opened, poolclass=NullPool, hide_parameters=True
        )

    async def begin(self, connection: AsyncConnection, bounds: StatementBounds, *, writes: bool) -> None:
        """See `Dialect.begin`. Takes the lock here, so that a statement that fails afterwards has changed nothing."""
        del bounds
        await connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def bounded_query(self, statement: str, bounds: StatementBounds) -> str:
        """See `Dialect.bounded_query`. The file's own length limit applies."""
        del bounds
        return statement


def _opener(uri: str, bounds: StatementBounds, *, query_only: bool) -> Callable[[], sqlite3.Connection]:
    def is_late() -> bool:
        return time.monotonic() > bounds.until

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, timeout=bounds.seconds, isolation_level=None)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, bounds.max_bytes)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_progress_handler(is_late, _PROGRESS_STEPS)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")
        return connection

    return connect


class MariaDb:
    """A MariaDB server. MySQL is not supported: it sets statement timeouts in another way."""

    numbers_rows = True

    def __init__(self, url: URL, settings: SqlOfficeSettings, slots: int, patience: float) -> None:
        # Read on first use: unreadable certificates are a failure of this office, as with every other transport.
        tls = cache(lambda: _tls(settings, url))
        from gateway.upstream.sql.mariadb_connection import MariaDbConnection

        async def connected() -> MariaDbConnection:
            return await MariaDbConnection.opened(url, tls(), patience)

        self.reading = self.writing = create_async_engine(
            "mysql+aiomysql://",
            async_creator=connected,
            pool_size=slots,
            max_overflow=0,
            pool_timeout=patience,
            pool_pre_ping=True,
            pool_recycle=_RECYCLED,
            hide_parameters=True,
        )

    async def begin(self, connection: AsyncConnection, bounds: StatementBounds, *, writes: bool) -> None:
        """See `Dialect.begin`. The server itself stops a statement that takes too long or returns too many rows.

        The session is read-only too, since a definition statement would end a read-only transaction.
        """
        seconds = f"{bounds.seconds:.3f}"
        waits = max(1, int(bounds.seconds))
        await connection.exec_driver_sql(
            f"SET SESSION max_statement_time = {seconds}, sql_select_limit = {bounds.rows + 1}, "
            f"lock_wait_timeout = {waits}, innodb_lock_wait_timeout = {waits}, tx_read_only = {0 if writes else 1}"
        )
        await connection.exec_driver_sql(f"START TRANSACTION READ {'WRITE' if writes else 'ONLY'}")
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        driver.limit_bytes(bounds.max_bytes + _OVERHEAD)

    def bounded_query(self, statement: str, bounds: StatementBounds) -> str:
        """See `Dialect.bounded_query`. The connection counts the received bytes."""
        del bounds
        return statement


class PostgreSql:
    """A PostgreSQL server. Its driver buffers several whole rows, so the server sums the size that it sends."""

    numbers_rows = False

    def __init__(self, url: URL, settings: SqlOfficeSettings, slots: int, patience: float) -> None:
        tls: dict[str, Any] = {}
        if not (settings.plaintext or _is_local(url.host)):
            tls = {"sslmode": "verify-full", "sslrootcert": str(settings.ca) if settings.ca else "system"}
        self.reading = self.writing = create_async_engine(
            url.set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": max(2, int(patience)), **tls},
            pool_size=slots,
            max_overflow=0,
            pool_timeout=patience,
            pool_pre_ping=True,
            pool_recycle=_RECYCLED,
            hide_parameters=True,
        )

    async def begin(self, connection: AsyncConnection, bounds: StatementBounds, *, writes: bool) -> None:
        """See `Dialect.begin`."""
        await connection.exec_driver_sql(f"SET TRANSACTION READ {'WRITE' if writes else 'ONLY'}")
        for name in ("statement_timeout", "lock_timeout"):
            await connection.exec_driver_sql(f"SET LOCAL {name} = {bounds.milliseconds}")

    def bounded_query(self, statement: str, bounds: StatementBounds) -> str:
        """See `Dialect.bounded_query`. A row as text is at most a few times its counted size."""
        return _BOUNDED_QUERY.format(statement=statement, most=_TEXT_FACTOR * bounds.max_bytes + _OVERHEAD)


def set_connection_bounds(bounds: StatementBounds) -> None:
    """Set the bounds for the next connection that this task opens."""
    _bounds.set(bounds)


def dialect_of(settings: SqlOfficeSettings, slots: int, patience: float) -> Dialect:
    """The dialect for the database URL in the settings. Raises `ValueError` for a URL that cannot be parsed."""
    url = make_url(settings.url.get_secret_value())
    match url.drivername:
        case "sqlite":
            return Sqlite(url)
        case "mariadb":
            return MariaDb(url, settings, slots, patience)
        case "postgresql":
            return PostgreSql(url, settings, slots, patience)
    raise ValueError("an unknown kind of database")


def _tls(settings: SqlOfficeSettings, url: URL) -> ssl.SSLContext | None:
    """TLS for every host but this machine itself, unless the settings allow plaintext."""
    if settings.plaintext or _is_local(url.host):
        return None
    return ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)


def _is_local(host: str | None) -> bool:
    if host in {None, "", "localhost"}:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False
