"""The circuit breaker of one office: asks no more for a while when asking fails, and notices soon when it is healed."""

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
from gateway.upstream.place import OfficeRef
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_log = logging.getLogger(__name__)
_REMEMBERED: Final = 20
_STALE: Final = 30.0
_LEARN: Final = 1.0
_NEARLY: Final = 0.05
_SAID: Final = frozenset({Cause.QUOTA_SPENT, Cause.UNAVAILABLE})


class BreakerState(StrEnum):
    """Closed: requests pass. Open: none passes. Half-open: the next one is let through to try."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Opens after failures in a row, or when half of the last twenty requests failed; any answer closes it.

    An open circuit lets one request through each time that its pace has gone by, whether or not the one before has come
    back: a hanging try cannot keep a healed system away. What the system says itself is held to: a `retry_at` of its
    own, or a spent quota, of which it is asked again from time to time, since an operator may have raised it.
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
        self._heard_at = self._learn_at = 0.0
        self._openings = 0
        self._until: float | None = None
        self._pace = 0.0
        self._cause = Cause.CIRCUIT_OPEN
        self._said: datetime | None = None
        self._publishing: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> BreakerState:
        """What would happen to a request now."""
        if self._until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._monotonic() < self._until else BreakerState.HALF_OPEN

    @property
    def retry_at(self) -> datetime | None:
        """When to come back: what the system said, or when the next try is let through. None while closed."""
        if self._until is None:
            return None
        now = self._clock()
        if self._said is not None and self._said > now:
            return self._said
        return now + timedelta(seconds=max(0.0, self._until - self._monotonic()))

    async def admit(self, trip: UpstreamRequest) -> None:
        """Let a request through, or raise `UpstreamUnavailableError`."""
        at = self._monotonic()
        if at >= self._learn_at:
            self._learn_at = at + _LEARN
            await self._learn()
        if self._until is not None:
            if at < self._until:
                raise self._refusal()
            self._until = at + self._pace
        trip.openings = self._openings

    def recheck(self, trip: UpstreamRequest) -> None:
        """Refuse a request that waited while the circuit opened."""
        if self._until is not None and trip.openings != self._openings:
            raise self._refusal()

    def answered(self) -> None:
        """The system gave an answer: it is there."""
        self._remember(failed=0)
        if self._until is not None:
            self._until = self._said = None
            self._history = 0
            self._publish(None)

    def failed(self) -> None:
        """The system did not answer, or answered that something is wrong with it."""
        self._remember(failed=1)
        in_a_row = self._history & self._all_failed == self._all_failed
        if self._until is None and (in_a_row or self._history.bit_count() >= _REMEMBERED // 2):
            cool = self._settings.circuit_cool.total_seconds()
            self._open(cool, pace=cool, cause=Cause.CIRCUIT_OPEN)

    def hold(self, retry_at: datetime, cause: Cause) -> None:
        """The system itself said when to come back. Saying the same again changes nothing."""
        span = (retry_at - self._clock()).total_seconds()
        if span <= 0 or (self._until is not None and self._said is not None and retry_at <= self._said):
            return
        if cause is Cause.QUOTA_SPENT:
            pace = self._settings.quota_retry.total_seconds()
            self._open(min(span, pace), pace=pace, cause=cause, said=retry_at)
        else:
            span = min(span, self._settings.longest_hold.total_seconds())
            self._open(span, pace=self._settings.circuit_cool.total_seconds(), cause=Cause.CIRCUIT_OPEN, said=retry_at)

    def heed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong: what it learnt about coming back holds for everybody."""
        if error.retry_at is not None and error.cause in _SAID and isinstance(error, UpstreamUnavailableError):
            self.hold(error.retry_at, error.cause)

    def _open(self, span: float, *, pace: float, cause: Cause, said: datetime | None = None) -> None:
        self._openings += 1
        self._until = self._monotonic() + span
        self._pace, self._cause, self._said = pace, cause, said
        self._publish(Circuit(said or self._clock() + timedelta(seconds=span), cause))

    def _remember(self, failed: int) -> None:
        at = self._monotonic()
        if at - self._heard_at > _STALE:
            self._history = 0
        self._heard_at = at
        self._history = (self._history << 1 | failed) & ((1 << _REMEMBERED) - 1)

    def _refusal(self) -> UpstreamUnavailableError:
        reason = "the system's quota is spent" if self._cause is Cause.QUOTA_SPENT else "the circuit is open"
        return UpstreamUnavailableError(reason, retry_at=self.retry_at, cause=self._cause)

    async def _learn(self) -> None:
        """Hear from the other gateway processes, at most once a second, while the circuit is closed here."""
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


def guarded(breaker: CircuitBreaker) -> Layer:
    """Asks the breaker before, and tells it after, each attempt."""

    def layer(onward: Send) -> Send:
        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            async with attempt(breaker, trip):
                answer = await onward(request, trip)
            breaker.failed() if trip.failing(answer) else breaker.answered()
            return answer

        return send

    return layer


@asynccontextmanager
async def attempt(breaker: CircuitBreaker, trip: UpstreamRequest) -> AsyncIterator[None]:
    """Asks the breaker before an attempt, and tells it of one that failed. Of an answer its caller tells it."""
    await breaker.admit(trip)
    try:
        yield
    except AdapterError as error:
        _learn_from(breaker, error)
        raise
    except asyncio.CancelledError:
        _note_end(breaker, trip)
        raise


def _learn_from(breaker: CircuitBreaker, error: AdapterError) -> None:
    """Tell the breaker what an attempt has met."""
    if isinstance(error, UpstreamMalformedError):
        breaker.answered()
    elif isinstance(error, UpstreamTimeoutError):
        breaker.failed()
    elif isinstance(error, UpstreamUnavailableError) and error.cause is Cause.UNAVAILABLE:
        breaker.failed() if error.retry_at is None else breaker.hold(error.retry_at, error.cause)


def _note_end(breaker: CircuitBreaker, trip: UpstreamRequest) -> None:
    """Tell the breaker of an attempt that was cancelled: whether that was because no answer came in time.

    The deadline is kept further out, by us or by the caller, whose timer may be a little ahead of ours. A caller who
    merely went away says nothing about the system.
    """
    if trip.deadline.remaining() < _NEARLY and trip.stage in {RequestStage.LOGIN, RequestStage.ANSWER}:
        breaker.failed()
