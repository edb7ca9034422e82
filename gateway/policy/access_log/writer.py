"""Writes access entries in groups: entries that arrive within a few milliseconds share one commit and wait for it."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from sqlalchemy import insert, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.policy.access_log.entries import AccessContext, AccessLogEntry, AccessLogUnavailableError
from gateway.storage.engine import UNAVAILABLE, Database, DatabaseError
from gateway.storage.limits import limited_to
from gateway.storage.tables.access_log import AccessEntryRow

_GROUP_SECONDS = 0.003
_TIMEOUT = timedelta(seconds=2.5)
_PROBE_INTERVAL = 1.0
_FAILURE_SECONDS = 10.0
_LARGEST_GROUP = 2000
_LONGEST_QUEUE = 10_000
_UNAVAILABLE_ERRORS = (*UNAVAILABLE, OSError)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    entries: tuple[AccessLogEntry, ...]
    written: "asyncio.Future[None]"


_PROBE = AccessLogEntry(
    at=datetime(2026, 1, 1, tzinfo=UTC),
    principal="-",
    client="-",
    acr=0,
    role="-",
    subject=None,
    subject_fingerprint=None,
    purpose="-",
    occasion=AccessContext(request_id="-", request_digest="-", operation="-"),
    resource="-",
    systems=(),
    records=0,
    classes=(),
    result="-",
)


class _RolledBackError(Exception):
    """Ends a transaction that must not be committed."""


class GroupedAccessLog:
    """The access log in the database. Call `start` before use; `aclose` writes the waiting entries."""

    def __init__(self, database: Database, within: timedelta = _TIMEOUT) -> None:
        self._database = database
        self._within = within
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(_LONGEST_QUEUE)
        self._writer: asyncio.Task[None] | None = None
        self._probe_lock = asyncio.Lock()
        self._probed: tuple[float, bool] | None = None
        self._failed_at: float | None = None

    def start(self) -> None:
        """Start the writing task."""
        self._writer = asyncio.create_task(self._write_groups(), name="access-log")

    async def aclose(self) -> None:
        """Write the waiting entries, then stop."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        await self._queue.join()
        writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writer

    async def record(self, entries: tuple[AccessLogEntry, ...]) -> None:
        """Return when the entries are committed. Raises `AccessLogUnavailableError` when they cannot be."""
        if not entries:
            return
        if self._writer is None:
            raise AccessLogUnavailableError("the access log writer is not running")
        written = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Waiting(entries, written))
        except asyncio.QueueFull:
            raise AccessLogUnavailableError("too many access entries are waiting") from None
        try:
            # A caller that is cancelled may have shown the data already: the entry is written all the same.
            async with asyncio.timeout(self._within.total_seconds()):
                await asyncio.shield(written)
        except TimeoutError:
            written.cancel()
            raise AccessLogUnavailableError("the access log is not written in time") from None

    async def is_writable(self) -> bool:
        """Whether entries can be written now, so that personal data can be shown.

        Inserts an entry and rolls back, so that no entry remains; at most once a second, however often this is called.
        This does not detect a failing commit (a full disk). Therefore an entry that could not be written counts too,
        for ten seconds or until one is written.
        """
        if self._writer is None or self._writer.done():
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
            await self._insert_and_roll_back()
        except _RolledBackError:
            return True
        except (SQLAlchemyError, DatabaseError, OSError) as error:
            _log.warning("access log cannot be written", extra={"error": type(error).__name__})
        return False

    async def _insert_and_roll_back(self) -> None:
        # A random negative id uses no value of the database's sequence, and two processes do not collide.
        row = {**_row(_PROBE), "id": -1 - secrets.randbelow(2**30)}
        async with self._bounded() as connection:
            await connection.execute(insert(AccessEntryRow), [row])
            raise _RolledBackError

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

    async def _write_groups(self) -> None:
        while True:
            group = [await self._queue.get()]
            await asyncio.sleep(_GROUP_SECONDS)
            size = len(group[0].entries)
            while not self._queue.empty() and size < _LARGEST_GROUP:
                group.append(self._queue.get_nowait())
                size += len(group[-1].entries)
            await self._write(group)

    async def _write(self, group: list[_Waiting]) -> None:
        """Write a group. A group with an entry that the database rejects is halved until only that entry fails."""
        failure: AccessLogUnavailableError | None = None
        rows = [_row(entry) for waiting in group if not waiting.written.done() for entry in waiting.entries]
        try:
            if rows:
                await self._commit(rows)
        except Exception as error:  # noqa: BLE001 - for every error: waiting callers get an error, and the next group is tried
            if len(group) > 1 and not isinstance(error, _UNAVAILABLE_ERRORS):
                half = len(group) // 2
                await self._write(group[:half])
                await self._write(group[half:])
                return
            _log.error("access log not written", extra={"error": type(error).__name__, "entries": len(rows)})
            failure = AccessLogUnavailableError("the access log cannot be written")
            self._failed_at = monotonic() if isinstance(error, _UNAVAILABLE_ERRORS) else self._failed_at
        else:
            self._failed_at = None if rows else self._failed_at
        for waiting in group:
            _resolve(waiting.written, failure)
            self._queue.task_done()

    async def _commit(self, rows: list[dict[str, object]]) -> None:
        async with self._bounded() as connection:
            await connection.execute(insert(AccessEntryRow), rows)

    @contextlib.asynccontextmanager
    async def _bounded(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that ends before its callers' timeout, so that they get its error and no timeout."""
        # The connection ends first: cancelling a query takes longer.
        connected, commit, lock = self._within * 0.6, self._within * 0.8, self._within * 0.4
        with limited_to(connected):
            async with asyncio.timeout(commit.total_seconds()), self._database.begin_within(lock) as connection:
                yield connection


def _resolve(written: "asyncio.Future[None]", failure: AccessLogUnavailableError | None) -> None:
    if written.done():
        return
    if failure is None:
        written.set_result(None)
        return
    written.set_exception(failure)
    written.exception()  # retrieve the error: the waiting caller may have left


def _row(entry: AccessLogEntry) -> dict[str, object]:
    return {
        "at": entry.at,
        "principal": entry.principal,
        "client": entry.client,
        "acr": str(entry.acr),
        "role": entry.role,
        "subject": entry.subject,
        "subject_fingerprint": entry.subject_fingerprint,
        "purpose": entry.purpose,
        "operation": entry.occasion.operation,
        "resource": entry.resource,
        "systems": list(entry.systems),
        "records": entry.records,
        "classes": [data_class.value for data_class in entry.classes],
        "result": entry.result,
        "request_id": entry.occasion.request_id,
        "request_digest": entry.occasion.request_digest,
    }
