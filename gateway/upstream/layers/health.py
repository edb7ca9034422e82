"""Health of an office as observed by its calls; shown to operators and, in part, by `/v1/systems`."""

from dataclasses import dataclass
from datetime import datetime

from adapters.errors import Cause
from gateway.ground.clock import Clock
from gateway.upstream.layers.circuit import BreakerState


@dataclass(frozen=True, slots=True)
class OfficeHealth:
    """The health of one office as this process observes it.

    `cause` and `failed_at`: the last failure, even after recovery. `succeeded_at`: the last good answer. `seconds`: how
    long the last answer took, from the start of the request to its last byte. `retry_at`: set while the circuit is not
    closed.
    """

    circuit: BreakerState = BreakerState.CLOSED
    retry_at: datetime | None = None
    cause: Cause | None = None
    failed_at: datetime | None = None
    succeeded_at: datetime | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class OfficeLoad:
    """The use of an office's slots and daily quota.

    `waiting`: requests that wait for a slot. `calls_today`, `calls_a_day`: None without a limit for a day.
    """

    slots: int
    slots_used: int
    waiting: int
    calls_today: int | None
    calls_a_day: int | None


class HealthRecorder:
    """Collects the values of an `OfficeHealth`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.cause: Cause | None = None
        self.failed_at: datetime | None = None
        self.succeeded_at: datetime | None = None
        self.seconds: float | None = None

    def record_answer(self, seconds: float) -> None:
        """Record a good answer."""
        self.seconds = seconds
        self.succeeded_at = self._clock()

    def record_failure(self, cause: Cause) -> None:
        """Record a failure. Refusals by the open circuit are ignored: they add no information."""
        if cause is not Cause.CIRCUIT_OPEN:
            self.cause = cause
            self.failed_at = self._clock()

    def status(self, circuit: BreakerState, retry_at: datetime | None) -> OfficeHealth:
        """The health as of now."""
        return OfficeHealth(circuit, retry_at, self.cause, self.failed_at, self.succeeded_at, self.seconds)
