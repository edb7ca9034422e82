"""One office whose database is read, and what an adapter is handed for one question."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from adapters.contract import Limits, Sql, SqlOfficeSettings
from adapters.errors import AdapterError, QueryRefusedError, UpstreamTimeoutError
from adapters.upstream import Declined, Executed
from gateway.ground.deadline import Deadline
from gateway.upstream.call_guard import OfficeCallGuard
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.layers.not_sent import unsent
from gateway.upstream.layers.observation import Observation, log_observation
from gateway.upstream.layers.status import OfficeHealth
from gateway.upstream.place import OfficeRef
from gateway.upstream.request import UpstreamRequest
from gateway.upstream.sql.dialects import StatementBounds
from gateway.upstream.sql.engine import Parameters, Row, SqlEngine

_TO_SAY_SO: Final = 0.1


class SqlOffice:
    """Its connections, circuit, slots and health; made once, used by every question."""

    def __init__(
        self, place: OfficeRef, settings: SqlOfficeSettings, limits: Limits, around: UpstreamDependencies
    ) -> None:
        self.settings = settings
        self._place = place
        self._observer = around.observer
        self._passage = OfficeCallGuard(place, limits, around, settings)
        patience = around.settings.connect_within.total_seconds()
        self.engine = SqlEngine(settings, self._passage.slots, patience)

    def bound(self, transport: Sql[Any], deadline: Deadline) -> "BoundSql":
        """What the row's functions are handed for one question."""
        return BoundSql(self, transport, deadline)

    def failed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong; what it learnt about coming back holds for everybody."""
        self._passage.failed(error)

    def status(self) -> OfficeHealth:
        """How it is."""
        return self._passage.status()

    async def aclose(self) -> None:
        """Close its connections."""
        await self.engine.aclose()

    @asynccontextmanager
    async def passage(self, what: str, trip: UpstreamRequest) -> AsyncIterator[Deadline]:
        """The way of one statement, measured. Gives the moment at which it is ended, by us if not by the database."""
        began, outcome = time.perf_counter(), "cancelled"
        try:
            async with self._passage.through(trip):
                answer_by = self._passage.answer_by(trip.deadline)
                async with _ended(answer_by):
                    yield answer_by
        except AdapterError as error:
            outcome = error.cause.value
            self._passage.health.failed(error.cause)
            raise
        else:
            outcome = "done"
            self._passage.health.answered(time.perf_counter() - began)
        finally:
            log_observation(self._observer, Observation(self._place, what, outcome, time.perf_counter() - began, 1, 0))


@asynccontextmanager
async def _ended(deadline: Deadline) -> AsyncIterator[None]:
    limit = asyncio.timeout(max(0.0, deadline.remaining()))
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
        failure = UpstreamTimeoutError("the database did not finish in time")
    else:
        return
    raise failure


def _bounds(transport: Sql[Any], answer_by: Deadline, rows: int) -> StatementBounds:
    """What one statement may take. The database is told a little less time than there is, so that it can say so."""
    until = answer_by.at - min(_TO_SAY_SO, answer_by.remaining() / 4)
    return StatementBounds(until, transport.max_bytes, transport.max_cell, rows)


class BoundSql:
    """The `SqlUpstream` of one question: bound to its office, its deadline, and the row's bounds and statements.

    `wrote` says whether a change may have reached the database.
    """

    __slots__ = ("_deadline", "_office", "_transport", "wrote")

    def __init__(self, office: SqlOffice, transport: Sql[Any], deadline: Deadline) -> None:
        self._office = office
        self._transport = transport
        self._deadline = deadline
        self.wrote = False

    async def rows(self, statement: str, parameters: Parameters, limit: int) -> tuple[Row, ...]:
        """See `adapters.upstream.SqlUpstream.rows`."""
        trip = UpstreamRequest(self._deadline, self._transport.max_bytes)
        async with self._office.passage("query", trip) as answer_by:
            bounds = _bounds(self._transport, answer_by, limit)
            return await self._office.engine.rows(statement, parameters, bounds)

    async def execute(self, statement: str, parameters: Parameters) -> Executed | Declined:
        """See `adapters.upstream.SqlUpstream.execute`."""
        if statement not in self._transport.writes:
            raise QueryRefusedError("this statement is not one that the row may carry out")
        trip = UpstreamRequest(self._deadline, self._transport.max_bytes)
        try:
            async with self._office.passage("change", trip) as answer_by:
                bounds = _bounds(self._transport, answer_by, 1)
                return await self._office.engine.execute(statement, parameters, bounds, trip)
        except AdapterError as error:
            if trip.left:
                raise
            failure = unsent(error)
        finally:
            self.wrote = self.wrote or trip.left
        raise failure
