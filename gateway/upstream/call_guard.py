"""The way to an office that is not asked over HTTP: through its circuit, on a seat, within what it bears, in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.contract import Limits
from adapters.errors import AdapterError
from adapters.transports import AskedOfficeSettings
from gateway.ground.deadline import Deadline
from gateway.upstream.dependencies import Surroundings
from gateway.upstream.layers.circuit import Breaker, attempt
from gateway.upstream.layers.concurrency import Seats, seat
from gateway.upstream.layers.deadline import late
from gateway.upstream.layers.quota import Meter
from gateway.upstream.layers.status import Health, OfficeStatus
from gateway.upstream.place import Place
from gateway.upstream.request import Stage, Trip


class Passage:
    """One office's circuit, seats, limits and health: made once, gone through by every question.

    `granted`: what its agency has granted us where it is asked over a connection; None where nothing is counted.
    """

    def __init__(self, place: Place, limits: Limits, around: Surroundings, granted: AskedOfficeSettings | None) -> None:
        self.health = Health(around.clock)
        self.seats = max(1, limits.concurrent // around.settings.processes)
        self._slowest = limits.slowest
        self._breaker = Breaker(place, around.settings, around.shared, around.clock)
        self._seats = Seats(self.seats, around.settings.most_waiting)
        self._meter = (
            None if granted is None else Meter(place, granted, limits, meters=around.shared, clock=around.clock)
        )

    @asynccontextmanager
    async def through(self, trip: Trip) -> AsyncIterator[None]:
        """Go through it once. Raises what stands in the way; what is raised within is told to the circuit."""
        remaining = trip.deadline.remaining()
        if remaining <= 0:
            raise late(trip.stage)
        limit = asyncio.timeout(remaining)
        try:
            async with limit, self._guarded(trip):
                yield
        except (TimeoutError, AdapterError):
            # Once the deadline has passed, what came of ending it says less than that.
            if not limit.expired():
                raise
        if limit.expired():
            raise late(trip.stage)

    def answer_by(self, deadline: Deadline) -> Deadline:
        """When the answer to what is asked now must be there: no later than the office's slowest."""
        return deadline.within(self._slowest)

    def failed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong; what it learnt about coming back holds for everybody."""
        self.health.failed(error.cause)
        self._breaker.heed(error)

    def status(self) -> OfficeStatus:
        """How the office is."""
        return self.health.status(self._breaker.state, self._breaker.retry_at)

    @asynccontextmanager
    async def _guarded(self, trip: Trip) -> AsyncIterator[None]:
        async with attempt(self._breaker, trip), seat(self._seats, trip, self._breaker.recheck):
            if self._meter is not None:
                await self._meter.take(trip)
            trip.stage = Stage.ANSWER
            yield
        self._breaker.answered()
