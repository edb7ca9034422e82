"""One office whose database is read, and the `SqlUpstream` that an adapter gets for one call."""

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
from gateway.upstream.layers.health import OfficeHealth
from gateway.upstream.layers.not_sent import not_sent_error
from gateway.upstream.layers.observation import Observation, log_observation
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import UpstreamRequest
from gateway.upstream.sql.dialects import StatementBounds
from gateway.upstream.sql.engine import Parameters, Row, SqlEngine

_REPORT_SECONDS: Final = 0.1


class SqlOffice:
    """Connections, circuit, slots and health of an office. Made once, used by every call."""

    def __init__(
        self, place: OfficeRef, settings: SqlOfficeSettings, limits: Limits, dependencies: UpstreamDependencies
    ) -> None:
        self.settings = settings
        self._place = place
        self._observer = dependencies.observer
        self._guard = OfficeCallGuard(place, limits, dependencies, settings)
        self.slots, self.meter = self._guard.slots, self._guard.meter
        patience = dependencies.settings.connect_within.total_seconds()
        self.engine = SqlEngine(settings, self._guard.slots.slots, patience)

    def bind(self, transport: Sql[Any], deadline: Deadline) -> "BoundSql":
        """The upstream for the row's functions, for one call."""
        return BoundSql(self, transport, deadline)

    def record_failure(self, error: AdapterError) -> None:
        """Record an error that an adapter raised. A `retry_at` in it applies to all calls to this office."""
        self._guard.record_failure(error)

    def status(self) -> OfficeHealth:
        """The current health of the office."""
        return self._guard.status()

    async def aclose(self) -> None:
        """Close its connections."""
        await self.engine.aclose()

    @asynccontextmanager
    async def guarded_statement(self, method: str, call_state: UpstreamRequest) -> AsyncIterator[Deadline]:
        """Guard and measure one statement. Yields its deadline, which the gateway enforces if the database does not."""
        began, outcome = time.perf_counter(), "cancelled"
        try:
            async with self._guard.call(call_state):
                answer_by = self._guard.answer_by(call_state.deadline)
                async with _time_limit(answer_by):
                    yield answer_by
        except AdapterError as error:
            outcome = error.cause.value
            self._guard.health.record_failure(error.cause)
            raise
        else:
            outcome = "done"
            self._guard.health.record_answer(time.perf_counter() - began)
        finally:
            log_observation(
                self._observer, Observation(self._place, method, outcome, time.perf_counter() - began, 1, 0)
            )


@asynccontextmanager
async def _time_limit(deadline: Deadline) -> AsyncIterator[None]:
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
    """The bounds of one statement. The database gets a little less time, so that its own timeout error arrives."""
    until = answer_by.at - min(_REPORT_SECONDS, answer_by.remaining() / 4)
    return StatementBounds(until, transport.max_bytes, transport.max_cell, rows)


class BoundSql:
    """The `SqlUpstream` of one call: bound to its office, its deadline, and the row's bounds and statements.

    `wrote`: whether a change may have reached the database.
    """

    __slots__ = ("_deadline", "_office", "_transport", "wrote")

    def __init__(self, office: SqlOffice, transport: Sql[Any], deadline: Deadline) -> None:
        self._office = office
        self._transport = transport
        self._deadline = deadline
        self.wrote = False

    async def rows(self, statement: str, parameters: Parameters, limit: int) -> tuple[Row, ...]:
        """See `adapters.upstream.SqlUpstream.rows`."""
        call_state = UpstreamRequest(self._deadline, self._transport.max_bytes)
        async with self._office.guarded_statement("query", call_state) as answer_by:
            bounds = _bounds(self._transport, answer_by, limit)
            return await self._office.engine.rows(statement, parameters, bounds)

    async def execute(self, statement: str, parameters: Parameters) -> Executed | Declined:
        """See `adapters.upstream.SqlUpstream.execute`."""
        if statement not in self._transport.writes:
            raise QueryRefusedError("this statement is not one that the row may carry out")
        call_state = UpstreamRequest(self._deadline, self._transport.max_bytes)
        try:
            async with self._office.guarded_statement("change", call_state) as answer_by:
                bounds = _bounds(self._transport, answer_by, 1)
                return await self._office.engine.execute(statement, parameters, bounds, call_state)
        except AdapterError as error:
            if call_state.maybe_sent:
                raise
            failure = not_sent_error(error)
        finally:
            self.wrote = self.wrote or call_state.maybe_sent
        raise failure
