"""A deadline for everything that belongs to one question, and the moment at which that began."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Self

RECEIVED_AT: Final = "gerbang.received_at"
"""The key in an ASGI scope under which the server states when it had received the head of a request, by `monotonic`."""


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A moment on the monotonic clock, in seconds. It is immutable, and changes of the wall clock do not affect it.

    `received`: when the request arrived to which it belongs, on the same clock; otherwise when the deadline was set.
    """

    at: float
    received: float = field(default_factory=time.monotonic, compare=False)

    @classmethod
    def after(cls, span: timedelta, received: float | None = None) -> Self:
        """The moment `span` from now."""
        now = time.monotonic()
        return cls(now + span.total_seconds(), now if received is None else received)

    def remaining(self) -> float:
        """Seconds left; negative when it has passed."""
        return self.at - time.monotonic()

    @property
    def passed(self) -> bool:
        """Whether the deadline has passed."""
        return self.remaining() <= 0

    def within(self, span: timedelta) -> "Deadline":
        """This deadline, or the moment `span` from now if that comes first."""
        return min(self, Deadline.after(span, self.received))
