"""Limits each database to one serving process, since the state of systems and the feeds are kept in one process.

On SQLite it is a lock on a file beside the database, on PostgreSQL an advisory lock of a separate session. Both end
with the process, however it ends, so that a restart after a crash need not wait. Commands such as `gerbang migrate`
take no lock.

The PostgreSQL session can be lost while the process continues. It is checked every few seconds, and opened again with
the lock. While the database is unavailable no other process gets the lock either, and the gateway continues with
requests that need no database. If another process holds the lock, the gateway stops: two gateways would double every
feed and quota.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from gateway.ground.errors import TEMPORARY
from gateway.storage.database_locks import LockState, ProcessLock, lock_of
from gateway.storage.engine import Database, DatabaseAwayError, DatabaseError

_log = logging.getLogger(__name__)

_PAUSE: Final = 0.5
_WATCH_INTERVAL: Final = timedelta(seconds=5)
_MAX_REFUSALS: Final = 3
"""Consecutive refusals until the lock counts as taken: our own lost session may take a moment to end on the server."""


class DatabaseInUseError(DatabaseError):
    """Another gateway process serves with this database."""

    exit_code = TEMPORARY


@asynccontextmanager
async def exclusive_database(
    database: Database, stop: asyncio.Event, *, shared: bool = False, every: timedelta = _WATCH_INTERVAL
) -> AsyncIterator[None]:
    """Hold the database's lock through the block; waits for it within the limit for a start.

    With `shared` no lock is taken. When `stop` is set while waiting, no lock is held, and the block must do nothing.
    While the block runs, `stop` is set if another process takes the lock. Raises `DatabaseAwayError` and
    `DatabaseInUseError`.
    """
    lock = None if shared else lock_of(database)
    if lock is None:
        if shared:
            _log.warning("the database may be shared with other gateways: feeds and quotas are doubled")
        yield
        return
    watcher: asyncio.Task[None] | None = None
    try:
        await _take(lock, database, stop)
        watcher = asyncio.create_task(_watch(lock, stop, every), name="process lock")
        yield
        if watcher.done() and not watcher.cancelled():
            watcher.result()
            raise DatabaseInUseError(
                f"This gateway lost the database {database.name} to another one, and has stopped: {_ADVICE}"
            )
    finally:
        if watcher is not None:
            watcher.cancel()
            await asyncio.wait({watcher})
        await asyncio.to_thread(lock.release)


_ADVICE: Final = "one database serves one gateway, so stop the other one, or give this one its own."


async def _take(lock: ProcessLock, database: Database, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + database.limits.start.total_seconds()
    is_waiting = False
    while not stop.is_set() and (state := await asyncio.to_thread(lock.take)) is not LockState.HELD:
        if loop.time() >= until:
            raise await asyncio.to_thread(_refusal, lock, state, database.name)
        if not is_waiting:
            _log.warning("waiting for the database lock", extra={"outcome": state.name.lower()})
        is_waiting = True
        await asyncio.sleep(_PAUSE)


def _refusal(lock: ProcessLock, state: LockState, name: str) -> DatabaseError:
    if state is LockState.AWAY:
        return DatabaseAwayError(f"The database {name} cannot be used: it does not answer.")
    return DatabaseInUseError(f"The database {name} is in use by another gateway ({lock.holder()}): {_ADVICE}")


async def _watch(lock: ProcessLock, stop: asyncio.Event, every: timedelta) -> None:
    """Set `stop` and return when another process holds the lock."""
    refusals = 0
    while refusals < _MAX_REFUSALS:
        await asyncio.sleep(every.total_seconds())
        state = await asyncio.to_thread(lock.take)
        refusals = refusals + 1 if state is LockState.TAKEN else 0
        if state is not LockState.HELD:
            _log.warning("database lock not held", extra={"outcome": state.name.lower()})
    stop.set()
