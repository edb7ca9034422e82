"""Locks on a database: a file beside SQLite's, or an advisory lock of a separate PostgreSQL session."""

import contextlib
import fcntl
import logging
import os
import socket
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.storage.engine import Database, DatabaseError
from gateway.storage.timers import ConnectionTimer

_LOCK: Final = 6_372
"""The number of the advisory lock; migrations use the number before."""


_log = logging.getLogger(__name__)


class LockState(Enum):
    """The state of a lock after an attempt to take or check it."""

    HELD = auto()
    AWAY = auto()
    TAKEN = auto()


class ProcessLock(Protocol):
    """The right to serve with a database. Every call blocks for a few seconds at most."""

    def take(self) -> LockState:
        """Take the lock, or check that it is still held; take it again if its session was lost."""
        ...

    def holder(self) -> str:
        """The name of the holder, as far as known."""
        ...

    def release(self) -> None:
        """Release the lock."""
        ...


class FileLock:
    """A lock on a file beside a SQLite database. The file stays: removing it would allow two holders."""

    def __init__(self, database_file: Path) -> None:
        self._path = Path(f"{database_file.resolve()}.lock")
        self._descriptor: int | None = None

    def take(self) -> LockState:
        """Take the lock, unless it is held already."""
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
        os.write(descriptor, _process_name().encode())
        self._descriptor = descriptor
        return LockState.HELD

    def holder(self) -> str:
        """The process name in the lock file."""
        with contextlib.suppress(OSError):
            return self._path.read_text("utf-8", "replace").strip() or "unknown"
        return "unknown"

    def release(self) -> None:
        """Release the lock by closing the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class AdvisoryLock:
    """An advisory lock of a PostgreSQL session that has no other use."""

    def __init__(self, database: Database) -> None:
        self._timeout = database.limits.connect.total_seconds()
        self._engine = database.session_engine(_process_name())
        self._connection: Connection | None = None
        self._session: int | None = None

    def take(self) -> LockState:
        """Check that the session is alive; else terminate it, open another one and take the lock."""
        if self._connection is not None and self._is_alive(self._connection):
            return LockState.HELD
        self._close()
        connection: Connection | None = None
        try:
            connection = self._engine.connect()
            with self._time_limit(connection):
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
        """The application name of the session that has the lock."""
        query = text(
            "SELECT activity.application_name FROM pg_locks AS held JOIN pg_stat_activity AS activity USING (pid) "
            "WHERE held.locktype = 'advisory' AND held.granted AND held.objid = :number "
            "AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        with contextlib.suppress(SQLAlchemyError), self._engine.connect() as connection, self._time_limit(connection):
            return connection.scalar(query, {"number": _LOCK}) or "unknown"
        return "unknown"

    def release(self) -> None:
        """Release the lock by ending the session."""
        self._close()
        self._engine.dispose()

    def _lock(self, connection: Connection) -> bool:
        if self._session is not None:
            # The server may not have noticed yet that the last session is lost. The name excludes other processes'
            # sessions.
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
            with self._time_limit(connection):
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    @contextlib.contextmanager
    def _time_limit(self, connection: Connection) -> Iterator[None]:
        timer = ConnectionTimer(connection.connection.driver_connection, self._timeout, asynchronous=False)
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


def _process_name() -> str:
    """The name of this process, at most 63 bytes, where PostgreSQL truncates names."""
    return f"gerbang {os.getpid()} on {socket.gethostname()}"[:63]
