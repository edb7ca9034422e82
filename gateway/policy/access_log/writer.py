"""Writes access entries in groups: whatever arrives within a few milliseconds shares one commit, and waits for it."""

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
_WITHIN = timedelta(seconds=2.5)
_LOOKED_EVERY = 1.0
_FAILURE_COUNTS = 10.0
_LARGEST_GROUP = 2000
_LONGEST_QUEUE = 10_000
_AWAY = (*UNAVAILABLE, OSError)

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
    """Ends a transaction that is not to be committed."""


class GroupedAccessLog:
    """The access log in the database. `start` it before use; `aclose` writes what is still waiting."""

    def __init__(self, database: Database, within: timedelta = _WITHIN) -> None:
        self._database = database
        self._within = within
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(_LONGEST_QUEUE)
        self._writer: asyncio.Task[None] | None = None
        self._looking = asyncio.Lock()
        self._looked: tuple[float, bool] | None = None
        self._failed_at: float | None = None

    def start(self) -> None:
        """Begin to write."""
        self._writer = asyncio.create_task(self._write_groups(), name="access-log")

    async def aclose(self) -> None:
        """Write what is waiting, then stop."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        await self._queue.join()
        writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writer

    async def record(self, entries: tuple[AccessLogEntry, ...]) -> None:
        """Return when the entries are committed; raise `AccessLogUnavailableError` when they cannot be."""
        if not entries:
            return
        if self._writer is None:
            raise AccessLogUnavailableError("nobody writes the access log")
        written = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Waiting(entries, written))
        except asyncio.QueueFull:
            raise AccessLogUnavailableError("too many access entries are waiting") from None
        try:
            # Whoever stops waiting for another reason may have been shown the data: the entry is written all the same.
            async with asyncio.timeout(self._within.total_seconds()):
                await asyncio.shield(written)
        except TimeoutError:
            written.cancel()
            raise AccessLogUnavailableError("the access log is not written in time") from None

    async def is_writable(self) -> bool:
        """Whether entries can be written now, so that personal data can be shown.

        An entry is inserted and the transaction is rolled back, so that none is ever left; at most once a second,
        however often this is called. Since that does not show a commit that fails (a full disk), an entry that could
        not be written counts too, for ten seconds or until one is written.
        """
        if self._writer is None or self._writer.done():
            return False
        async with self._looking:
            now = monotonic()
            if self._failed_at is not None and now - self._failed_at < _FAILURE_COUNTS:
                return False
            if self._looked is None or now - self._looked[0] >= _LOOKED_EVERY:
                writable = await self._try_insert()
                self._looked = (monotonic(), writable)
            return self._looked[1]

    async def _try_insert(self) -> bool:
        try:
            await self._insert_and_roll_back()
        except _RolledBackError:
            return True
        except (SQLAlchemyError, DatabaseError, OSError) as error:
            _log.warning("access log cannot be written", extra={"error": type(error).__name__})
        return False

    async def _insert_and_roll_back(self) -> None:
        # An id of its own: it takes none of those that the database counts up, and two processes do not collide.
        row = {**_row(_PROBE), "id": -1 - secrets.randbelow(2**30)}
        async with self._bounded() as connection:
            await connection.execute(insert(AccessEntryRow), [row])
            raise _RolledBackError

    async def about(
        self, account: str, fingerprint: str | None, *, limit: int, before: int | None
    ) -> Sequence[AccessEntryRow]:
        """Entries about one person, newest first, below the id `before`."""
        query = select(AccessEntryRow).order_by(AccessEntryRow.id.desc()).limit(limit)
        whose = AccessEntryRow.subject == account
        query = query.where(or_(whose, AccessEntryRow.subject_fingerprint == fingerprint) if fingerprint else whose)
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
        """Write a group; one of which an entry is such that no database takes it is halved until nobody else is hit."""
        failure: AccessLogUnavailableError | None = None
        rows = [_row(entry) for waiting in group if not waiting.written.done() for entry in waiting.entries]
        try:
            if rows:
                await self._commit(rows)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told and the next group is tried
            if len(group) > 1 and not isinstance(error, _AWAY):
                half = len(group) // 2
                await self._write(group[:half])
                await self._write(group[half:])
                return
            _log.error("access log not written", extra={"error": type(error).__name__, "entries": len(rows)})
            failure = AccessLogUnavailableError("the access log cannot be written")
            self._failed_at = monotonic() if isinstance(error, _AWAY) else self._failed_at
        else:
            self._failed_at = None if rows else self._failed_at
        for waiting in group:
            _tell(waiting.written, failure)
            self._queue.task_done()

    async def _commit(self, rows: list[dict[str, object]]) -> None:
        async with self._bounded() as connection:
            await connection.execute(insert(AccessEntryRow), rows)

    @contextlib.asynccontextmanager
    async def _bounded(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that ends before its callers stop waiting, so that they get the reason and not a time-out."""
        # The connection ends first: a query that is cancelled instead takes longer.
        connected, commit, lock = self._within * 0.6, self._within * 0.8, self._within * 0.4
        with limited_to(connected):
            async with asyncio.timeout(commit.total_seconds()), self._database.begin_within(lock) as connection:
                yield connection


def _tell(written: "asyncio.Future[None]", failure: AccessLogUnavailableError | None) -> None:
    if written.done():
        return
    if failure is None:
        written.set_result(None)
        return
    written.set_exception(failure)
    written.exception()  # whoever waited may be gone; then nobody else reads it


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
