"""A thread for one entry store, whose calls block. Their results come back as futures of the event loop."""

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from gateway.policy.access_log.entries import AccessLogEntry
from gateway.policy.access_log.stores import EntryStore


@dataclass(frozen=True, slots=True)
class _Insertion:
    entries: Sequence[AccessLogEntry] | None
    ended: "asyncio.Future[None]"


class StoreThread:
    """Runs the insertions of one store, one after the other. It does not keep the process alive."""

    def __init__(self, store: EntryStore) -> None:
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        self._insertions: SimpleQueue[_Insertion | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def insert(self, entries: Sequence[AccessLogEntry]) -> "asyncio.Future[None]":
        """Insert the entries. The future has the error of the store."""
        return self._give(entries)

    def try_insert(self) -> "asyncio.Future[None]":
        """Insert a probe, and roll the insertion back. The future has the error of the store."""
        return self._give(None)

    def _give(self, entries: Sequence[AccessLogEntry] | None) -> "asyncio.Future[None]":
        ended: asyncio.Future[None] = self._loop.create_future()
        self._insertions.put(_Insertion(entries, ended))
        return ended

    def interrupt(self) -> None:
        """Let the running insertion fail if it waits for a silent server."""
        self._store.interrupt()

    async def stop(self) -> None:
        """Close the store after the insertions that were given before, and wait until the thread has ended."""
        self._insertions.put(None)
        await asyncio.shield(self._stopped)
        self._thread.join()

    def _run(self) -> None:
        # The loop is closed when its owner has left without `stop`: then nobody waits for a result.
        with contextlib.suppress(RuntimeError):
            while (insertion := self._insertions.get()) is not None:
                failure = self._failure_of(insertion)
                self._loop.call_soon_threadsafe(_end, insertion.ended, failure)
                del insertion, failure  # while waiting for the next one, keep nothing of this one
        self._store.close()
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_end, self._stopped, None)

    def _failure_of(self, insertion: _Insertion) -> Exception | None:
        try:
            if insertion.entries is None:
                self._store.try_insert()
            else:
                self._store.insert(insertion.entries)
        except Exception as error:  # noqa: BLE001 - for every error: the callers get it, and the thread continues
            return error
        return None


def _end(future: "asyncio.Future[None]", failure: Exception | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)
