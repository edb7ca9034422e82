"""Circuit breaker, concurrency slot, quota and deadline for calls to an office that is not reached over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.contract import Limits
from adapters.errors import AdapterError
from adapters.transports import RateLimitedOfficeSettings
from gateway.ground.deadline import Deadline
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.layers.circuit import CircuitBreaker, attempt
from gateway.upstream.layers.concurrency import ConcurrencySlots, take_slot
from gateway.upstream.layers.deadline import timeout_error
from gateway.upstream.layers.health import HealthRecorder, OfficeHealth
from gateway.upstream.layers.quota import QuotaMeter
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import RequestStage, UpstreamRequest


class OfficeCallGuard:
    """Circuit, slots, limits and health of one office. Made once; every call passes it.

    `granted`: the quota that the agency has granted us, for offices reached over a connection; None where calls are not
    counted.
    """

    def __init__(
        self,
        place: OfficeRef,
        limits: Limits,
        dependencies: UpstreamDependencies,
        granted: RateLimitedOfficeSettings | None,
    ) -> None:
        self.health = HealthRecorder(dependencies.clock)
        slots = max(1, limits.concurrent // dependencies.settings.processes)
        self._slowest = limits.slowest
        self._breaker = CircuitBreaker(place, dependencies.settings, dependencies.shared, dependencies.clock)
        self.slots = ConcurrencySlots(slots, dependencies.settings.most_waiting)
        self.meter = (
            None
            if granted is None
            else QuotaMeter(place, granted, limits, meters=dependencies.shared, clock=dependencies.clock)
        )

    @asynccontextmanager
    async def call(self, call_state: UpstreamRequest) -> AsyncIterator[None]:
        """Guard one call. Raises the error of the layer that refuses it; the circuit records errors raised within."""
        remaining = call_state.deadline.remaining()
        if remaining <= 0:
            raise timeout_error(call_state.stage)
        limit = asyncio.timeout(remaining)
        try:
            async with limit, self._guarded(call_state):
                yield
        except (TimeoutError, AdapterError):
            # After the deadline, an error that results from the cancellation is less exact than the timeout.
            if not limit.expired():
                raise
        if limit.expired():
            raise timeout_error(call_state.stage)

    def answer_by(self, deadline: Deadline) -> Deadline:
        """The deadline for the answer to a call made now: no later than the office's slowest answer."""
        return deadline.within(self._slowest)

    def record_failure(self, error: AdapterError) -> None:
        """Record an error that an adapter raised. A `retry_at` in it applies to all calls to this office."""
        self.health.record_failure(error.cause)
        self._breaker.apply_retry_at(error)

    def status(self) -> OfficeHealth:
        """The current health of the office."""
        return self.health.status(self._breaker.state, self._breaker.retry_at)

    @asynccontextmanager
    async def _guarded(self, call_state: UpstreamRequest) -> AsyncIterator[None]:
        async with attempt(self._breaker, call_state), take_slot(self.slots, call_state, self._breaker.recheck):
            if self.meter is not None:
                await self.meter.take(call_state)
            call_state.stage = RequestStage.ANSWER
            yield
        self._breaker.record_answer()
