"""Lost connections of writes: once, on demand.

The client cannot distinguish the three points; the ledger contains what was stored. Nothing is lost at random, so a
failing test can be repeated.
"""

from enum import StrEnum


class LossPoint(StrEnum):
    """The point at which the connection of the next write is lost."""

    NONE = "none"
    BEFORE = "before"  # the request was received and is not handled: nothing is stored
    DURING = "during"  # the write is stored, and half of the answer is sent
    AFTER = "after"  # the write is stored, and no byte of the answer is sent


class WriteLoss:
    """The loss point of the next write; it applies once."""

    def __init__(self) -> None:
        self.at = LossPoint.NONE

    def take(self) -> LossPoint:
        """Return the loss point of this write, and reset it."""
        at, self.at = self.at, LossPoint.NONE
        return at
