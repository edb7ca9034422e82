"""The three kinds of database: how each is connected to, and how a session is held to reading, time and size.

SQLite: a file, opened anew for each statement, so that one that was replaced is noticed. MariaDB and PostgreSQL: a few
pooled connections, no more than the office has concurrency slots.

The driver of PostgreSQL holds several whole rows before anybody can count them. So each statement is wrapped in one in
which the server adds up the size of the rows as text, and fails above three times the bound; the engine then counts
exactly. Data of MariaDB is counted as it arrives, and SQLite has a limit of its own.
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
_STEPS: Final = 5_000
_CHUNK: Final = 64
_OVERHEAD: Final = 200_000
_SHORTEST: Final = 0.01
_AS_TEXT: Final = 3
# The last words fail with "program limit exceeded"; they hang on the row, or they would fail before there is one.
_HELD: Final = """SELECT (gerbang_sum.gerbang_row).* FROM (SELECT gerbang_row,
    sum(octet_length(CAST(gerbang_row AS text))) OVER (ROWS UNBOUNDED PRECEDING) AS gerbang_size FROM (
{statement}
) AS gerbang_row) AS gerbang_sum WHERE CASE WHEN gerbang_size <= {most} THEN true
    ELSE repeat('xx', CAST(2147483647 - least(gerbang_size, 0) AS integer)) = '' END"""


@dataclass(frozen=True, slots=True)
class StatementBounds:
    """What one statement may take: until when (monotonic seconds), how many bytes in all, in one cell, and rows."""

    until: float
    max_bytes: int
    max_cell: int
    rows: int

    @property
    def seconds(self) -> float:
        """How long it may still take."""
        return max(_SHORTEST, self.until - time.monotonic())

    @property
    def milliseconds(self) -> int:
        """The same in milliseconds, as databases like to be told."""
        return max(1, int(self.seconds * 1000))


class Dialect(Protocol):
    """One kind of database, for one office."""

    reading: AsyncEngine
    writing: AsyncEngine
    numbers_rows: bool

    @abstractmethod
    async def begin(self, connection: AsyncConnection, bounds: StatementBounds, *, writes: bool) -> None:
        """Begin a transaction that may only read, or that may write, and that ends when the bounds say so."""

    @abstractmethod
    def held(self, statement: str, bounds: StatementBounds) -> str:
        """A query by which no more comes than the bounds allow, where the driver cannot see to that."""


_bounds: ContextVar[StatementBounds] = ContextVar("bounds of the statement that opens a file")


class Sqlite:
    """A file. It is never made when it is not there."""

    numbers_rows = True

    def __init__(self, url: URL) -> None:
        # At DEBUG the driver logs what it is asked, with its parameters.
        logging.getLogger("aiosqlite").setLevel(logging.INFO)
        self._path = Path(url.database or "")
        self.reading = self._engine("ro", query_only=True)
        self.writing = self._engine("rw", query_only=False)

    def _engine(self, mode: str, *, query_only: bool) -> AsyncEngine:
        uri = f"file:{quote(str(self._path))}?mode={mode}"

        async def opened() -> AioSqlite:
            # The driver leaves a thread behind for a moment when it cannot open a file; so that is found out before.
            if not await asyncio.to_thread(self._path.is_file):
                raise FileNotFoundError
            return await AioSqlite(_opener(uri, _bounds.get(), query_only=query_only), _CHUNK)

        return create_async_engine(
            "sqlite+aiosqlite://", async_creator=opened, poolclass=NullPool, hide_parameters=True
        )

    async def begin(self, connection: AsyncConnection, bounds: StatementBounds, *, writes: bool) -> None:
        """See `Dialect.begin`. The lock is taken here: from then on a statement that fails has changed nothing."""
        del bounds
        await connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def held(self, statement: str, bounds: StatementBounds) -> str:
        """See `Dialect.held`. The file's own limit on lengths holds."""
        del bounds
        return statement


def _opener(uri: str, bounds: StatementBounds, *, query_only: bool) -> Callable[[], sqlite3.Connection]:
    def late() -> bool:
        return time.monotonic() > bounds.until

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(uri, uri=True, timeout=bounds.seconds, isolation_level=None)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, bounds.max_bytes)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.set_progress_handler(late, _STEPS)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA query_only = {'ON' if query_only else 'OFF'}")
        return connection

    return connect


class MariaDb:
    """A MariaDB server; MySQL differs in how it is told how long a statement may take, and is not offered."""

    numbers_rows = True

    def __init__(self, url: URL, settings: SqlOfficeSettings, slots: int, patience: float) -> None:
        # Read when first needed: certificates that cannot be read are the office's failure, as on any other way.
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
        """See `Dialect.begin`. The server itself stops a statement that takes too long or finds too much.

        The session is held to reading as well, since a definition would end a transaction that only reads.
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
        driver.takes_in(bounds.max_bytes + _OVERHEAD)

    def held(self, statement: str, bounds: StatementBounds) -> str:
        """See `Dialect.held`. The connection meters what it takes in."""
        del bounds
        return statement


class PostgreSql:
    """A PostgreSQL server. Its driver takes in whole rows, several at a time, so the server adds up what it sends."""

    numbers_rows = False

    def __init__(self, url: URL, settings: SqlOfficeSettings, slots: int, patience: float) -> None:
        tls: dict[str, Any] = {}
        if not (settings.plaintext or _is_here(url.host)):
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

    def held(self, statement: str, bounds: StatementBounds) -> str:
        """See `Dialect.held`. A row as text is at most a few times what counts here; that is counted once it came."""
        return _HELD.format(statement=statement, most=_AS_TEXT * bounds.max_bytes + _OVERHEAD)


def opening(bounds: StatementBounds) -> None:
    """Say which bounds hold for what is opened next by this task."""
    _bounds.set(bounds)


def dialect_of(settings: SqlOfficeSettings, slots: int, patience: float) -> Dialect:
    """The kind of database that the settings name. Raises `ValueError` for an address that cannot be read."""
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
    """TLS for everything but this machine itself, unless the operator says otherwise."""
    if settings.plaintext or _is_here(url.host):
        return None
    return ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)


def _is_here(host: str | None) -> bool:
    if host in {None, "", "localhost"}:
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False
