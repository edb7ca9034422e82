"""Writes access entries in groups: those that arrive while a commit runs share the next one, and wait for it.

Entries that arrive when no commit runs are committed at once. A thread with a connection of its own inserts them
(`StoreThread`, `EntryStore`); everything else happens on the event loop, where one insertion is under way at a time.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextvars import Context
from datetime import timedelta
from functools import partial
from itertools import chain
from time import monotonic
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from gateway.policy.access_log.counts import AccessLogCounts
from gateway.policy.access_log.entries import AccessLogEntry, AccessLogUnavailableError
from gateway.policy.access_log.postgresql_store import PostgresqlStore
from gateway.policy.access_log.sqlite_store import SqliteStore
from gateway.policy.access_log.store_thread import StoreThread
from gateway.policy.access_log.stores import EntryStore, StoreUnavailableError
from gateway.policy.access_log.waiting_entries import WaitingEntries
from gateway.storage.engine import Database
from gateway.storage.tables.access_log import AccessEntryRow

_TIMEOUT: Final = timedelta(seconds=2.5)
_INTERRUPT_SHARE: Final = 0.6
"""The share of the callers' timeout after which an insertion is interrupted, so that they get its error in time."""
_PROBE_INTERVAL: Final = 1.0
_FAILURE_SECONDS: Final = 10.0
_END_SECONDS: Final = 30.0
_LARGEST_GROUP: Final = 2000
_LONGEST_QUEUE: Final = 10_000
"""Answers, each with all of its entries: an entry takes 620 bytes, so 10,000 overviews of ten entries take 62 MB."""

_log = logging.getLogger(__name__)


class GroupedAccessLog:
    """The access log in the database. Call `start` before use; `aclose` writes the waiting entries.

    `within`: how long callers wait for a commit. `store`: the place of the entries, by default a connection of its own
    to the database.
    """

    def __init__(self, database: Database, within: timedelta = _TIMEOUT, store: EntryStore | None = None) -> None:
        self._database = database
        self._within = within.total_seconds()
        own = SqliteStore if database.is_sqlite else PostgresqlStore
        self._store: EntryStore = own(database, within) if store is None else store
        self._thread: StoreThread | None = None
        self._waiting: deque[WaitingEntries] = deque()
        self._halves: deque[list[WaitingEntries]] = deque()
        self._is_open = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._interruption: asyncio.TimerHandle | None = None
        self._probe_lock = asyncio.Lock()
        self._probed: tuple[float, bool] | None = None
        self._failed_at: float | None = None
        self.counts = AccessLogCounts()

    def start(self) -> None:
        """Start the writing thread."""
        self._thread = StoreThread(self._store)
        self._is_open = True

    async def aclose(self) -> None:
        """Write the waiting entries, then stop."""
        if not self._is_open or self._thread is None:
            return
        self._is_open = False
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._idle.wait()
                await self._thread.stop()
        except TimeoutError:
            _log.error("access log not closed", extra={"entries": len(self._waiting)})

    async def record(self, entries: tuple[AccessLogEntry, ...]) -> None:
        """Return when the entries are committed. Raises `AccessLogUnavailableError` when they cannot be."""
        if entries:
            await self._write(entries)

    async def is_writable(self) -> bool:
        """Whether entries can be written now, so that personal data can be shown.

        Inserts an entry and rolls back, so that no entry remains; at most once a second, however often this is called.
        This does not detect a failing commit (a full disk). Therefore an entry that could not be written counts too,
        for ten seconds or until one is written.
        """
        if not self._is_open:
            return False
        async with self._probe_lock:
            now = monotonic()
            if self._failed_at is not None and now - self._failed_at < _FAILURE_SECONDS:
                return False
            if self._probed is None or now - self._probed[0] >= _PROBE_INTERVAL:
                writable = await self._try_insert()
                self._probed = (monotonic(), writable)
            return self._probed[1]

    async def _try_insert(self) -> bool:
        try:
            await self._write(())
        except AccessLogUnavailableError as error:
            _log.warning("access log cannot be written", extra={"error": type(error.__cause__ or error).__name__})
            return False
        return True

    async def entries_about(
        self, account: str, fingerprint: str | None, *, limit: int, before: int | None
    ) -> Sequence[AccessEntryRow]:
        """Entries about one person, newest first, below the id `before`."""
        query = select(AccessEntryRow).order_by(AccessEntryRow.id.desc()).limit(limit)
        own_entries = AccessEntryRow.subject == account
        query = query.where(
            or_(own_entries, AccessEntryRow.subject_fingerprint == fingerprint) if fingerprint else own_entries
        )
        if before is not None:
            query = query.where(AccessEntryRow.id < before)
        try:
            async with self._database.session() as session:
                return (await session.scalars(query)).all()
        except SQLAlchemyError as error:
            raise AccessLogUnavailableError("the access log cannot be read") from error

    async def _write(self, entries: tuple[AccessLogEntry, ...]) -> None:
        if not self._is_open:
            raise AccessLogUnavailableError("the access log writer is not running")
        if len(self._waiting) >= _LONGEST_QUEUE:
            self.counts.failed += len(entries)
            raise AccessLogUnavailableError("too many access entries are waiting")
        loop = asyncio.get_running_loop()
        waiting = WaitingEntries(entries, loop.create_future())
        self._waiting.append(waiting)
        self.counts.begin_waiting(waiting.written, len(entries))
        if self._idle.is_set():
            self._idle.clear()
            # Called soon, not now: the requests that the loop runs before it share the group.
            loop.call_soon(self._write_next, context=Context())
        expiry = loop.call_later(self._within, waiting.expire)
        try:
            # A caller that is cancelled may have shown the data already: the entry is written all the same.
            await waiting.written
        finally:
            expiry.cancel()
            if waiting.late:
                self.counts.failed += len(entries)
                self.counts.end_waiting(waiting.written)

    def _write_next(self) -> None:
        group = self._next_group()
        if not group or self._thread is None:
            self._idle.set()
            return
        entries = tuple(chain.from_iterable(waiting.entries for waiting in group))
        self._interrupt_later()
        insertion = self._thread.insert(entries) if entries else self._thread.try_insert()
        insertion.add_done_callback(partial(self._end_group, group, monotonic()))

    def _next_group(self) -> list[WaitingEntries]:
        """The next entries to be inserted together; a probe is alone. Empty when nothing waits."""
        while self._halves:
            if group := [waiting for waiting in self._halves.popleft() if not waiting.late]:
                return group
        size = 0
        group = []
        while self._waiting and size < _LARGEST_GROUP and not (group and not self._waiting[0].entries):
            waiting = self._waiting.popleft()
            if waiting.late:
                continue
            group.append(waiting)
            size += len(waiting.entries) or _LARGEST_GROUP
        return group

    def _end_group(self, group: list[WaitingEntries], began: float, insertion: "asyncio.Future[None]") -> None:
        """Give the result to the callers. A group with a refused entry is halved until it is alone."""
        if self._interruption is not None:
            self._interruption.cancel()
        error = insertion.exception()
        if error is not None and len(group) > 1 and not isinstance(error, StoreUnavailableError):
            half = len(group) // 2
            self._halves.extendleft((group[half:], group[:half]))
        else:
            self._resolve(group, error, monotonic() - began)
        self._write_next()

    def _resolve(self, group: list[WaitingEntries], error: BaseException | None, seconds: float) -> None:
        failure: AccessLogUnavailableError | None = None
        if error is not None:
            failure = AccessLogUnavailableError("the access log cannot be written")
            failure.__cause__ = error.__cause__ if isinstance(error, StoreUnavailableError) else error
        if group[0].entries:
            self._note_result(group, error, seconds)
        for waiting in group:
            self.counts.end_waiting(waiting.written)
            waiting.resolve(failure)

    def _note_result(self, group: list[WaitingEntries], error: BaseException | None, seconds: float) -> None:
        count = sum(len(waiting.entries) for waiting in group)
        if error is None:
            self._failed_at = None
            self.counts.add_commit(count, seconds)
            return
        self.counts.failed += sum(len(waiting.entries) for waiting in group if not waiting.late)
        if isinstance(error, StoreUnavailableError):
            self._failed_at = monotonic()
        _log.error("access log not written", extra={"error": type(error.__cause__ or error).__name__, "entries": count})

    def _interrupt_later(self) -> None:
        seconds = self._within * _INTERRUPT_SHARE
        self._interruption = asyncio.get_running_loop().call_later(seconds, self._interrupt)

    def _interrupt(self) -> None:
        # Again and again: an insertion may wait for a second connection after the first.
        if self._thread is not None:
            self._thread.interrupt()
        self._interrupt_later()
