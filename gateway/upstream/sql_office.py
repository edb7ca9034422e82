"""One office whose database is read, and what an adapter is handed for one question."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from adapters.contract import Limits, Sql, SqlOfficeSettings
from adapters.errors import AdapterError, Cause, NotSentError, QueryRefusedError, UpstreamUnavailableError
from adapters.upstream import Declined, Executed
from gateway.upstream.breaker import Breaker, learn_from, note_end
from gateway.upstream.deadline import Deadline
from gateway.upstream.lateness import late
from gateway.upstream.metering import Meter
from gateway.upstream.place import Place
from gateway.upstream.seats import Seats
from gateway.upstream.sql import Parameters, Row, SqlEngine
from gateway.upstream.sql_dialects import Bounds
from gateway.upstream.status import Health, OfficeStatus
from gateway.upstream.surroundings import Surroundings
from gateway.upstream.timing import Observation, tell
from gateway.upstream.trip import Stage, Trip

_TO_SAY_SO: Final = 0.1


class SqlOffice:
    """Its connections, circuit, seats and health; made once, used by every question."""

    def __init__(self, place: Place, settings: SqlOfficeSettings, limits: Limits, around: Surroundings) -> None:
        self.settings = settings
        self._place = place
        self._slowest = limits.slowest
        self._observer = around.observer
        self._health = Health(around.clock)
        self._breaker = Breaker(place, around.settings, around.shared, around.clock)
        seats = max(1, limits.concurrent // around.settings.processes)
        self._seats = Seats(seats, around.settings.most_waiting)
        self._meter = Meter(place, settings, limits, meters=around.shared, clock=around.clock)
        self.engine = SqlEngine(settings, seats, around.settings.connect_within.total_seconds())

    def bound(self, transport: Sql[Any], deadline: Deadline) -> "BoundSql":
        """What the row's functions are handed for one question."""
        return BoundSql(self, transport, deadline)

    def failed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong; what it learnt about coming back holds for everybody."""
        self._health.failed(error.cause)
        told = isinstance(error, UpstreamUnavailableError) and error.cause in {Cause.QUOTA_SPENT, Cause.UNAVAILABLE}
        if told and error.retry_at is not None:
            self._breaker.hold(error.retry_at, error.cause)

    def status(self) -> OfficeStatus:
        """How it is."""
        return self._health.status(self._breaker.state, self._breaker.retry_at)

    async def aclose(self) -> None:
        """Close its connections."""
        await self.engine.aclose()

    def bounds(self, transport: Sql[Any], trip: Trip, rows: int) -> Bounds:
        """What one statement may take. The database is told a little less time than there is, so that it can say so."""
        within = trip.deadline.within(self._slowest)
        until = within.at - min(_TO_SAY_SO, within.remaining() / 4)
        return Bounds(until, transport.max_bytes, transport.max_cell, rows)

    @asynccontextmanager
    async def passage(self, what: str, trip: Trip) -> AsyncIterator[None]:
        """The way of one statement: measured, in time, through the circuit, on a seat, within the limits."""
        began, outcome = time.perf_counter(), "cancelled"
        try:
            async with _in_time(trip), self._guarded(trip):
                yield
        except AdapterError as error:
            outcome = error.cause.value
            self._health.failed(error.cause)
            raise
        else:
            outcome = "done"
            self._health.answered(time.perf_counter() - began)
        finally:
            tell(self._observer, Observation(self._place, what, outcome, time.perf_counter() - began, 1, 0))

    @asynccontextmanager
    async def _guarded(self, trip: Trip) -> AsyncIterator[None]:
        await self._breaker.admit(trip)
        try:
            async with self._seated(trip):
                await self._meter.take(trip)
                trip.stage = Stage.ANSWER
                yield
        except AdapterError as error:
            learn_from(self._breaker, error)
            raise
        except asyncio.CancelledError:
            note_end(self._breaker, trip)
            raise
        self._breaker.answered()

    @asynccontextmanager
    async def _seated(self, trip: Trip) -> AsyncIterator[None]:
        waits, trip.stage = self._seats.taken, Stage.SEAT
        await self._seats.sit()
        try:
            if waits:
                self._breaker.recheck(trip)
            yield
        finally:
            self._seats.leave()


@asynccontextmanager
async def _in_time(trip: Trip) -> AsyncIterator[None]:
    remaining = trip.deadline.remaining()
    if remaining <= 0:
        raise late(trip.stage)
    limit = asyncio.timeout(remaining)
    try:
        async with limit:
            yield
    except TimeoutError:
        if not limit.expired():
            raise
    if limit.expired():
        raise late(trip.stage)


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
        trip = Trip(self._deadline, self._transport.max_bytes)
        async with self._office.passage("query", trip):
            bounds = self._office.bounds(self._transport, trip, limit)
            return await self._office.engine.rows(statement, parameters, bounds)

    async def execute(self, statement: str, parameters: Parameters) -> Executed | Declined:
        """See `adapters.upstream.SqlUpstream.execute`."""
        if statement not in self._transport.writes:
            raise QueryRefusedError("this statement is not one that the row may carry out")
        trip = Trip(self._deadline, self._transport.max_bytes)
        try:
            async with self._office.passage("change", trip):
                bounds = self._office.bounds(self._transport, trip, 1)
                return await self._office.engine.execute(statement, parameters, bounds, trip)
        except AdapterError as error:
            if trip.left:
                raise
            unsent = NotSentError(error.reason, retry_at=error.retry_at)
            unsent.cause = error.cause
        finally:
            self.wrote = self.wrote or trip.left
        raise unsent
