"""Sets up each SQLite connection: how long it waits for locks, and a write-ahead journal, which lets readers go on."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep
from typing import Any, Final

from gateway.storage.limits import DatabaseLimits, milliseconds

_PAUSE_SECONDS: Final = 0.005


def sqlite_pragmas(limits: DatabaseLimits) -> Callable[[Any, object], None]:
    """A listener for the pool's event `connect`."""

    def set_pragmas(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's own connection
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={milliseconds(limits.lock)}")  # first: the next one waits for locks
        _set_journal(cursor, limits.lock)
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    return set_pragmas


def _set_journal(cursor: Any, patience: timedelta) -> None:  # noqa: ANN401 - a driver's own cursor
    """Set the journal of the file, and try again while other connections to a new file do the same.

    SQLite refuses one of them at once, whatever `busy_timeout` says: otherwise each would wait for the other.
    """
    deadline = monotonic() + patience.total_seconds()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or monotonic() >= deadline:
                raise
            sleep(_PAUSE_SECONDS)
        else:
            return
