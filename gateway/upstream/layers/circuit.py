"""The circuit breaker of one office: stops requests after failures, in a row or half of twenty; detects recovery."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from adapters.errors import (
    AdapterError,
    Cause,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.clock import Clock
from gateway.shared.contract import Circuit, Circuits
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_log = logging.getLogger(__name__)
_HISTORY_LENGTH: Final = 20
_HISTORY_SECONDS: Final = 30.0
_SHARED_READ_INTERVAL: Final = 1.0
_DEADLINE_TOLERANCE: Final = 0.05
_REPORTED_CAUSES: Final = frozenset({Cause.QUOTA_SPENT, Cause.UNAVAILABLE})


class BreakerState(StrEnum):
    """Closed: requests pass. Open: none passes. Half-open: the next request passes as a probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Opens after failures in a row, or when half of the last twenty requests failed; any answer closes it.

    An open circuit lets one request through per pace interval, even if the previous one has not returned: a hanging
    probe cannot block a recovered system. Limits reported by the system are respected: its `retry_at`, or a spent
    quota. During a spent quota it is probed from time to time, since an operator may have raised the quota.
    """

    def __init__(
        self,
        place: OfficeRef,
        settings: UpstreamSettings,
        circuits: Circuits,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = place.key
        self._settings = settings
        self._circuits = circuits
        self._clock = clock
        self._monotonic = monotonic
        self._all_failed = (1 << settings.circuit_failures) - 1
        self._history = 0
        self._recorded_at = self._next_read_at = 0.0
        self._openings = 0
        self._until: float | None = None
        self._pace = 0.0
        self._cause = Cause.CIRCUIT_OPEN
        self._reported_until: datetime | None = None
        self._publishing: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> BreakerState:
        """The state that a request would meet now."""
        if self._until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._monotonic() < self._until else BreakerState.HALF_OPEN

    @property
    def retry_at(self) -> datetime | None:
        """When to retry: the time that the system reported, or the next probe. None while closed."""
        if self._until is None:
            return None
        now = self._clock()
        if self._reported_until is not None and self._reported_until > now:
            return self._reported_until
        return now + timedelta(seconds=max(0.0, self._until - self._monotonic()))

    async def admit(self, call_state: UpstreamRequest) -> None:
        """Let a request pass, or raise `UpstreamUnavailableError`."""
        at = self._monotonic()
        if at >= self._next_read_at:
            self._next_read_at = at + _SHARED_READ_INTERVAL
            await self._read_shared()
        if self._until is not None:
            if at < self._until:
                raise self._refusal()
            self._until = at + self._pace
        call_state.openings = self._openings

    def recheck(self, call_state: UpstreamRequest) -> None:
        """Refuse a request that waited while the circuit opened."""
        if self._until is not None and call_state.openings != self._openings:
            raise self._refusal()

    def record_answer(self) -> None:
        """Record an answer: the system is available. Closes the circuit."""
        self._record(failed=0)
        if self._until is not None:
            self._until = self._reported_until = None
            self._history = 0
            self._publish(None)

    def record_failure(self) -> None:
        """Record that the system did not answer, or reported a failure of its own."""
        self._record(failed=1)
        in_a_row = self._history & self._all_failed == self._all_failed
        if self._until is None and (in_a_row or self._history.bit_count() >= _HISTORY_LENGTH // 2):
            cool = self._settings.circuit_cool.total_seconds()
            self._open(cool, pace=cool, cause=Cause.CIRCUIT_OPEN)

    def hold(self, retry_at: datetime, cause: Cause) -> None:
        """Open the circuit until the time that the system reported. A repeated report changes nothing."""
        span = (retry_at - self._clock()).total_seconds()
        if span <= 0 or (
            self._until is not None and self._reported_until is not None and retry_at <= self._reported_until
        ):
            return
        if cause is Cause.QUOTA_SPENT:
            pace = self._settings.quota_retry.total_seconds()
            self._open(min(span, pace), pace=pace, cause=cause, reported=retry_at)
        else:
            span = min(span, self._settings.longest_hold.total_seconds())
            self._open(
                span, pace=self._settings.circuit_cool.total_seconds(), cause=Cause.CIRCUIT_OPEN, reported=retry_at
            )

    def apply_retry_at(self, error: AdapterError) -> None:
        """Apply the `retry_at` of an error that an adapter raised to all calls to this office."""
        if (
            error.retry_at is not None
            and error.cause in _REPORTED_CAUSES
            and isinstance(error, UpstreamUnavailableError)
        ):
            self.hold(error.retry_at, error.cause)

    def _open(self, span: float, *, pace: float, cause: Cause, reported: datetime | None = None) -> None:
        self._openings += 1
        self._until = self._monotonic() + span
        self._pace, self._cause, self._reported_until = pace, cause, reported
        self._publish(Circuit(reported or self._clock() + timedelta(seconds=span), cause))

    def _record(self, failed: int) -> None:
        at = self._monotonic()
        if at - self._recorded_at > _HISTORY_SECONDS:
            self._history = 0
        self._recorded_at = at
        self._history = (self._history << 1 | failed) & ((1 << _HISTORY_LENGTH) - 1)

    def _refusal(self) -> UpstreamUnavailableError:
        reason = "the system's quota is spent" if self._cause is Cause.QUOTA_SPENT else "the circuit is open"
        return UpstreamUnavailableError(reason, retry_at=self.retry_at, cause=self._cause)

    async def _read_shared(self) -> None:
        """Read the shared circuit state from the other gateway processes, at most once a second, while closed here."""
        if self._until is not None:
            return
        circuit = await self._circuits.circuit(self._key)
        if circuit is not None:
            self.hold(circuit.until, Cause(circuit.cause))

    def _publish(self, circuit: Circuit | None) -> None:
        task = asyncio.ensure_future(self._circuits.set_circuit(self._key, circuit))
        self._publishing.add(task)
        task.add_done_callback(self._published)

    def _published(self, task: asyncio.Task[None]) -> None:
        self._publishing.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.warning("the state of a circuit could not be shared", extra={"office": self._key})


def with_circuit(breaker: CircuitBreaker) -> Layer:
    """Lets each attempt pass the breaker, and records its outcome there."""

    def layer(call_next: Send) -> Send:
        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            # As `attempt`, without the cost of a context manager.
            await breaker.admit(call_state)
            try:
                answer = await call_next(request, call_state)
            except AdapterError as error:
                _record_error(breaker, error)
                raise
            except asyncio.CancelledError:
                _record_cancellation(breaker, call_state)
                raise
            breaker.record_failure() if call_state.failing(answer) else breaker.record_answer()
            return answer

        return send

    return layer


@asynccontextmanager
async def attempt(breaker: CircuitBreaker, call_state: UpstreamRequest) -> AsyncIterator[None]:
    """Admit one attempt, and record a failure of it. The caller records an answer."""
    await breaker.admit(call_state)
    try:
        yield
    except AdapterError as error:
        _record_error(breaker, error)
        raise
    except asyncio.CancelledError:
        _record_cancellation(breaker, call_state)
        raise


def _record_error(breaker: CircuitBreaker, error: AdapterError) -> None:
    """Record the error of an attempt."""
    if isinstance(error, UpstreamMalformedError):
        breaker.record_answer()
    elif isinstance(error, UpstreamTimeoutError):
        breaker.record_failure()
    elif isinstance(error, UpstreamUnavailableError) and error.cause is Cause.UNAVAILABLE:
        breaker.record_failure() if error.retry_at is None else breaker.hold(error.retry_at, error.cause)


def _record_cancellation(breaker: CircuitBreaker, call_state: UpstreamRequest) -> None:
    """Record a cancelled attempt as a failure if it was cancelled because no answer came in time.

    An outer layer or the caller enforces the deadline, and its timer may fire a little earlier than ours. A caller that
    merely disconnected is no evidence about the system.
    """
    if call_state.deadline.remaining() < _DEADLINE_TOLERANCE and call_state.stage in {
        RequestStage.LOGIN,
        RequestStage.ANSWER,
    }:
        breaker.record_failure()
