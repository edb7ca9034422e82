"""The way to an office that is not asked over HTTP: through its circuit, in a slot, within what it bears, in time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.contract import Limits
from adapters.errors import AdapterError
from adapters.transports import AskedOfficeSettings
from gateway.ground.deadline import Deadline
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.layers.circuit import CircuitBreaker, attempt
from gateway.upstream.layers.concurrency import ConcurrencySlots, take_slot
from gateway.upstream.layers.deadline import timeout_error
from gateway.upstream.layers.quota import QuotaMeter
from gateway.upstream.layers.status import HealthRecorder, OfficeHealth
from gateway.upstream.place import OfficeRef
from gateway.upstream.request import RequestStage, UpstreamRequest


class OfficeCallGuard:
    """One office's circuit, slots, limits and health: made once, gone through by every question.

    `granted`: what its agency has granted us where it is asked over a connection; None where nothing is counted.
    """

    def __init__(
        self, place: OfficeRef, limits: Limits, around: UpstreamDependencies, granted: AskedOfficeSettings | None
    ) -> None:
        self.health = HealthRecorder(around.clock)
        self.slots = max(1, limits.concurrent // around.settings.processes)
        self._slowest = limits.slowest
        self._breaker = CircuitBreaker(place, around.settings, around.shared, around.clock)
        self._slots = ConcurrencySlots(self.slots, around.settings.most_waiting)
        self._meter = (
            None if granted is None else QuotaMeter(place, granted, limits, meters=around.shared, clock=around.clock)
        )

    @asynccontextmanager
    async def through(self, trip: UpstreamRequest) -> AsyncIterator[None]:
        """Go through it once. Raises what stands in the way; what is raised within is told to the circuit."""
        remaining = trip.deadline.remaining()
        if remaining <= 0:
            raise timeout_error(trip.stage)
        limit = asyncio.timeout(remaining)
        try:
            async with limit, self._guarded(trip):
                yield
        except (TimeoutError, AdapterError):
            # Once the deadline has passed, what came of ending it says less than that.
            if not limit.expired():
                raise
        if limit.expired():
            raise timeout_error(trip.stage)

    def answer_by(self, deadline: Deadline) -> Deadline:
        """When the answer to what is asked now must be there: no later than the office's slowest."""
        return deadline.within(self._slowest)

    def failed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong; what it learnt about coming back holds for everybody."""
        self.health.failed(error.cause)
        self._breaker.heed(error)

    def status(self) -> OfficeHealth:
        """How the office is."""
        return self.health.status(self._breaker.state, self._breaker.retry_at)

    @asynccontextmanager
    async def _guarded(self, trip: UpstreamRequest) -> AsyncIterator[None]:
        async with attempt(self._breaker, trip), take_slot(self._slots, trip, self._breaker.recheck):
            if self._meter is not None:
                await self._meter.take(trip)
            trip.stage = RequestStage.ANSWER
            yield
        self._breaker.answered()
