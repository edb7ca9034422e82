"""A deadline for everything that belongs to one question."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A moment on the monotonic clock, in seconds. It is immutable, and changes of the wall clock do not affect it."""

    at: float

    @classmethod
    def after(cls, span: timedelta) -> Self:
        """The moment `span` from now."""
        return cls(time.monotonic() + span.total_seconds())

    def remaining(self) -> float:
        """Seconds left; negative when it has passed."""
        return self.at - time.monotonic()

    @property
    def passed(self) -> bool:
        """Whether the deadline has passed."""
        return self.remaining() <= 0

    def within(self, span: timedelta) -> "Deadline":
        """This deadline, or the moment `span` from now if that comes first."""
        return min(self, Deadline.after(span))
