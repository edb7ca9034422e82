"""Whether the database answers, and the messages in it that wait to be sent."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic
from typing import Final

from sqlalchemy import QueuePool, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ground.clock import Clock
from gateway.observability.metrics.families import MetricFamily, MetricKind, MetricSample
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.storage.engine import Database, DatabaseError
from gateway.storage.limits import limited_to
from gateway.storage.tables.messages import OutboxMessageRow

UP: Final = MetricFamily("gerbang_database_up", MetricKind.GAUGE, "1 if the database answered, else 0")
DURATION: Final = MetricFamily(
    "gerbang_database_probe_duration_seconds", MetricKind.GAUGE, "Time that the database took for a small query"
)
CONNECTIONS: Final = MetricFamily(
    "gerbang_database_connections_used", MetricKind.GAUGE, "Connections of the pool that are in use"
)
WRITABLE: Final = MetricFamily(
    "gerbang_access_log_writable", MetricKind.GAUGE, "1 if entries of the access log can be written, else 0"
)
OUTBOX_WAITING: Final = MetricFamily(
    "gerbang_outbox_waiting_messages", MetricKind.GAUGE, "Messages to people that are not sent yet"
)
OUTBOX_OLDEST: Final = MetricFamily(
    "gerbang_outbox_oldest_waiting_seconds",
    MetricKind.GAUGE,
    "How long the oldest message has been waiting to be sent; 0 if none is waiting",
)
DATABASE_FAMILIES: Final = (UP, DURATION, CONNECTIONS, WRITABLE, OUTBOX_WAITING, OUTBOX_OLDEST)

_FRESH_SECONDS: Final = 1.0
_TIMEOUT_SECONDS: Final = 4.0
_CONNECTION_LIMIT: Final = timedelta(seconds=2)
"""Shorter than the timeout: ending the connection is faster than cancelling the task."""


class DatabaseMetrics:
    """Asks the database, at most once a second."""

    def __init__(self, database: Database, access_log: GroupedAccessLog, clock: Clock) -> None:
        self._database = database
        self._access_log = access_log
        self._clock = clock
        self._lock = asyncio.Lock()
        self._asked_at = -_FRESH_SECONDS
        self._answer: tuple[MetricSample, ...] = ()

    async def samples(self) -> Iterable[MetricSample]:
        """The present values. Those of the outbox are missing while the database does not answer."""
        async with self._lock:
            if monotonic() - self._asked_at >= _FRESH_SECONDS:
                self._answer = await self._ask()
                self._asked_at = monotonic()
        pool = self._database.engine.pool
        used = (MetricSample(CONNECTIONS, (), pool.checkedout()),) if isinstance(pool, QueuePool) else ()
        return (*self._answer, *used)

    async def _ask(self) -> tuple[MetricSample, ...]:
        writable, answered = await asyncio.gather(self._access_log.is_writable(), self._ask_database())
        return (MetricSample(WRITABLE, (), int(writable)), *answered)

    async def _ask_database(self) -> tuple[MetricSample, ...]:
        began = monotonic()
        try:
            with limited_to(_CONNECTION_LIMIT):
                async with asyncio.timeout(_TIMEOUT_SECONDS), self._database.begin() as connection:
                    outbox = await self._outbox(connection)
        except (SQLAlchemyError, DatabaseError, TimeoutError, OSError):
            return (MetricSample(UP, (), 0),)
        return (MetricSample(UP, (), 1), MetricSample(DURATION, (), monotonic() - began), *outbox)

    async def _outbox(self, connection: AsyncConnection) -> tuple[MetricSample, ...]:
        unsent = OutboxMessageRow.due_at.is_not(None) & OutboxMessageRow.sent_at.is_(None)
        query = select(func.count(), func.min(OutboxMessageRow.created_at)).where(unsent)
        waiting, oldest = (await connection.execute(query)).one()
        age = (self._clock() - oldest).total_seconds() if waiting else 0.0
        return (MetricSample(OUTBOX_WAITING, (), waiting), MetricSample(OUTBOX_OLDEST, (), max(0.0, age)))
