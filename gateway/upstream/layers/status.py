"""What is known about an office from asking it: shown to operators and, in part, by `/v1/systems`."""

from dataclasses import dataclass
from datetime import datetime

from adapters.errors import Cause
from gateway.ground.clock import Clock
from gateway.upstream.layers.circuit import BreakerState


@dataclass(frozen=True, slots=True)
class OfficeHealth:
    """One office as this process sees it.

    `cause` and `failed_at`: the last failure, be it long healed. `succeeded_at`: the last good answer. `seconds`: how
    long the last answer took, from setting out to its last byte. `retry_at`: while the circuit is not closed.
    """

    circuit: BreakerState = BreakerState.CLOSED
    retry_at: datetime | None = None
    cause: Cause | None = None
    failed_at: datetime | None = None
    succeeded_at: datetime | None = None
    seconds: float | None = None


class HealthRecorder:
    """Collects what becomes an `OfficeHealth`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.cause: Cause | None = None
        self.failed_at: datetime | None = None
        self.succeeded_at: datetime | None = None
        self.seconds: float | None = None

    def answered(self, seconds: float) -> None:
        """A good answer came."""
        self.seconds = seconds
        self.succeeded_at = self._clock()

    def failed(self, cause: Cause) -> None:
        """Something went wrong; that the circuit is open for it says nothing new."""
        if cause is not Cause.CIRCUIT_OPEN:
            self.cause = cause
            self.failed_at = self._clock()

    def status(self, circuit: BreakerState, retry_at: datetime | None) -> OfficeHealth:
        """All of it."""
        return OfficeHealth(circuit, retry_at, self.cause, self.failed_at, self.succeeded_at, self.seconds)
