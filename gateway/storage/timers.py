"""Ends connections to PostgreSQL that are held for too long, since a driver waits for a silent server without limit.

PostgreSQL can stop answering without closing a connection: its machine hangs, a firewall drops the packets, the process
is stopped. Cancelling the waiting task does not help, since the driver then sends a cancel request to the same server.
Therefore the connection is shut down at its socket: the driver sees a lost connection and raises
`OperationalError`, and the pool opens another one.
"""

import asyncio
import contextlib
import os
import socket
import threading
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

from gateway.storage.limits import DatabaseLimits, seconds_allowed


def shut_down(driver_connection: Any) -> None:  # noqa: ANN401 - of either psycopg class
    """Shut a connection down at its socket: its driver sees it lost. No other thread may close it meanwhile."""
    if driver_connection.closed:
        return
    # A duplicated descriptor: closing it leaves the driver's open, and shutting it down ends both.
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(driver_connection.fileno())) as own:
        own.shutdown(socket.SHUT_RDWR)


class ConnectionTimer:
    """Shuts a connection down at its socket unless it is stopped in time.

    Stopping and shutting down exclude each other: a socket that the driver has closed is never touched.
    """

    def __init__(self, driver_connection: Any, seconds: float, *, asynchronous: bool) -> None:  # noqa: ANN401 - of either psycopg class
        self._connection = driver_connection
        self._lock = threading.Lock()
        self._stopped = False
        self._timer: asyncio.TimerHandle | threading.Timer
        if asynchronous:
            self._timer = asyncio.get_running_loop().call_later(max(seconds, 0.0), self._expire)
            return
        self._timer = threading.Timer(max(seconds, 0.0), self._expire)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Stop the timer: the connection is no longer in use."""
        with self._lock:
            self._stopped = True
        self._timer.cancel()

    def _expire(self) -> None:
        with self._lock:
            if not self._stopped:
                shut_down(self._connection)


class PoolTimers:
    """A timer for each connection of an engine's pool while it is in use.

    Before a connection is used again it is tested, like SQLAlchemy's pre-ping, which has no time limit.
    """

    def __init__(self, engine: Engine, limits: DatabaseLimits) -> None:
        self._dialect = engine.dialect
        self._limits = limits
        event.listen(engine, "checkout", self._checked_out)
        for moment in ("checkin", "invalidate", "close", "detach"):
            event.listen(engine, moment, self._ended)

    def _checked_out(self, connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401 - the pool's own
        used = record.info.get("used", False)
        record.info["used"] = True
        if used:
            self._try(connection, record)
        self._begin(record, seconds_allowed(self._limits.background))

    def _try(self, connection: Any, record: Any) -> None:  # noqa: ANN401 - as above
        limit = self._limits.connect.total_seconds()
        self._begin(record, min(limit, seconds_allowed(self._limits.background)))
        try:
            self._dialect.do_ping(connection)
        except self._dialect.loaded_dbapi.Error as error:
            # The other connections are probably broken too: the pool opens new ones.
            raise InvalidatePoolError from error
        finally:
            self._stop(record)

    def _begin(self, record: Any, seconds: float) -> None:  # noqa: ANN401 - as above
        self._stop(record)
        timer = ConnectionTimer(record.driver_connection, seconds, asynchronous=self._dialect.is_async)
        record.info["timer"] = timer

    @staticmethod
    def _stop(record: Any) -> None:  # noqa: ANN401 - as above
        timer: ConnectionTimer | None = record.info.pop("timer", None)
        if timer is not None:
            timer.stop()

    def _ended(self, _connection: object, record: Any, *_error: object) -> None:  # noqa: ANN401 - as above
        if record is not None:
            self._stop(record)
