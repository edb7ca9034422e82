"""One serving process for each database: what the gateway knows about systems, and its feeds, are in one process.

On SQLite it is a lock on a file beside the database, on PostgreSQL an advisory lock of a session of its own. Both end
with the process, however it ends, so that a restart after a crash need not wait. Commands such as `gerbang migrate`
take no lock.

The session on PostgreSQL can be lost while the process goes on. Every few seconds it is tried, and opened again with
the lock. As long as the database is away nobody else gets the lock either, and the gateway goes on with what needs no
database. If the lock turns out to be another process's, the gateway stops: two would double every feed and quota.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.ground.errors import TEMPORARY
from gateway.storage.engine import Database, DatabaseAwayError, DatabaseError
from gateway.storage.timers import ConnectionTimer

_LOCK: Final = 6_372
"""The number of the advisory lock; migrations take the one before."""
_PAUSE: Final = 0.5
_WATCHED_EVERY: Final = timedelta(seconds=5)
_REFUSALS: Final = 3
"""So often in a row must the lock be another session's: our own lost one may take a moment to end on the server."""

_log = logging.getLogger(__name__)


class DatabaseInUseError(DatabaseError):
    """Another gateway serves with this database."""

    exit_code = TEMPORARY


class LockState(Enum):
    """What became of a lock when it was looked at."""

    HELD = auto()
    AWAY = auto()
    TAKEN = auto()


class ProcessLock(Protocol):
    """The right to serve with a database. Every call blocks for a few seconds at most."""

    def take(self) -> LockState:
        """Take the lock, or look whether it is still ours; take it again where its session was lost."""
        ...

    def holder(self) -> str:
        """Who has it, as far as that can be told."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


class FileLock:
    """A lock on a file beside a SQLite database. The file stays: removing it would let two processes hold a lock."""

    def __init__(self, database_file: Path) -> None:
        self._path = Path(f"{database_file.resolve()}.lock")
        self._descriptor: int | None = None

    def take(self) -> LockState:
        """Take the lock, unless it is ours already."""
        if self._descriptor is not None:
            return LockState.HELD
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseError(f"The lock file {self._path} cannot be used: {error.strerror}.") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return LockState.TAKEN
        os.ftruncate(descriptor, 0)
        os.write(descriptor, _ourselves().encode())
        self._descriptor = descriptor
        return LockState.HELD

    def holder(self) -> str:
        """The process that wrote its name into the file."""
        with contextlib.suppress(OSError):
            return self._path.read_text("utf-8", "replace").strip() or "unknown"
        return "unknown"

    def release(self) -> None:
        """Give the lock back by closing the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class AdvisoryLock:
    """An advisory lock of a PostgreSQL session that does nothing else."""

    def __init__(self, database: Database) -> None:
        self._within = database.limits.connect.total_seconds()
        self._engine = database.session_engine(_ourselves())
        self._connection: Connection | None = None
        self._session: int | None = None

    def take(self) -> LockState:
        """Look whether the session is alive; else open one and take the lock, ending what is left of the last one."""
        if self._connection is not None and self._is_alive(self._connection):
            return LockState.HELD
        self._close()
        connection: Connection | None = None
        try:
            connection = self._engine.connect()
            with self._timed(connection):
                is_ours = self._lock(connection)
        except SQLAlchemyError:
            _drop(connection)
            return LockState.AWAY
        if not is_ours:
            _drop(connection)
            return LockState.TAKEN
        self._connection = connection
        return LockState.HELD

    def holder(self) -> str:
        """The name of the session that has the lock, which a gateway gives itself."""
        query = text(
            "SELECT activity.application_name FROM pg_locks AS held JOIN pg_stat_activity AS activity USING (pid) "
            "WHERE held.locktype = 'advisory' AND held.granted AND held.objid = :number "
            "AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        with contextlib.suppress(SQLAlchemyError), self._engine.connect() as connection, self._timed(connection):
            return connection.scalar(query, {"number": _LOCK}) or "unknown"
        return "unknown"

    def release(self) -> None:
        """Give the lock back by ending the session."""
        self._close()
        self._engine.dispose()

    def _lock(self, connection: Connection) -> bool:
        if self._session is not None:
            # The server may not have noticed yet that the last session is gone. The name excludes another process's.
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid = :pid AND application_name = current_setting('application_name')"
                ),
                {"pid": self._session},
            )
        is_ours = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": _LOCK}))
        if is_ours:
            self._session = connection.scalar(text("SELECT pg_backend_pid()"))
        return is_ours

    def _is_alive(self, connection: Connection) -> bool:
        try:
            with self._timed(connection):
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    @contextlib.contextmanager
    def _timed(self, connection: Connection) -> Iterator[None]:
        timer = ConnectionTimer(connection.connection.driver_connection, self._within, asynchronous=False)
        try:
            yield
        finally:
            timer.stop()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        _drop(connection)


def _drop(connection: Connection | None) -> None:
    """Close a connection that may be broken already."""
    if connection is not None:
        with contextlib.suppress(SQLAlchemyError):
            connection.invalidate()
        with contextlib.suppress(SQLAlchemyError):
            connection.close()


def lock_of(database: Database) -> ProcessLock | None:
    """The lock of a database; None for one in memory, which no other process can open."""
    if not database.is_sqlite:
        return AdvisoryLock(database)
    return FileLock(database.file) if database.file else None


@asynccontextmanager
async def alone_with(
    database: Database, stop: asyncio.Event, *, shared: bool = False, every: timedelta = _WATCHED_EVERY
) -> AsyncIterator[None]:
    """Hold the database's lock through the block; it is waited for within the limit for a start.

    With `shared` no lock is taken. Nothing is held, and the block is to do nothing, when `stop` is set meanwhile. While
    the block runs, `stop` is set if the lock is lost to another process. Raises `DatabaseAwayError` and
    `DatabaseInUseError`.
    """
    lock = None if shared else lock_of(database)
    if lock is None:
        if shared:
            _log.warning("the database may be shared with other gateways: feeds and quotas are doubled")
        yield
        return
    watching: asyncio.Task[None] | None = None
    try:
        await _take(lock, database, stop)
        watching = asyncio.create_task(_watch(lock, stop, every), name="process lock")
        yield
        if watching.done() and not watching.cancelled():
            watching.result()
            raise DatabaseInUseError(
                f"This gateway lost the database {database.name} to another one, and has stopped: {_STOP_THE_OTHER}"
            )
    finally:
        if watching is not None:
            watching.cancel()
            await asyncio.wait({watching})
        await asyncio.to_thread(lock.release)


_STOP_THE_OTHER: Final = "one database serves one gateway, so stop the other one, or give this one its own."


async def _take(lock: ProcessLock, database: Database, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + database.limits.start.total_seconds()
    waits = False
    while not stop.is_set() and (state := await asyncio.to_thread(lock.take)) is not LockState.HELD:
        if loop.time() >= until:
            raise await asyncio.to_thread(_refusal, lock, state, database.name)
        if not waits:
            _log.warning("waiting for the database lock", extra={"outcome": state.name.lower()})
        waits = True
        await asyncio.sleep(_PAUSE)


def _refusal(lock: ProcessLock, state: LockState, name: str) -> DatabaseError:
    if state is LockState.AWAY:
        return DatabaseAwayError(f"The database {name} cannot be used: it does not answer.")
    return DatabaseInUseError(f"The database {name} is in use by another gateway ({lock.holder()}): {_STOP_THE_OTHER}")


async def _watch(lock: ProcessLock, stop: asyncio.Event, every: timedelta) -> None:
    """Return, with `stop` set, when the lock is another process's."""
    refusals = 0
    while refusals < _REFUSALS:
        await asyncio.sleep(every.total_seconds())
        state = await asyncio.to_thread(lock.take)
        refusals = refusals + 1 if state is LockState.TAKEN else 0
        if state is not LockState.HELD:
            _log.warning("database lock not held", extra={"outcome": state.name.lower()})
    stop.set()


def _ourselves() -> str:
    """What this process calls itself: PostgreSQL cuts names off after 63 bytes."""
    return f"gerbang {os.getpid()} on {socket.gethostname()}"[:63]
