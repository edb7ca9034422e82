"""Connections that are lost around a write, once, on demand.

From outside, the three points look the same; the ledger has what was really stored. Nothing is lost at random, so a
failing test can be repeated.
"""

from enum import StrEnum


class LossPoint(StrEnum):
    """When the connection of the next write is lost."""

    NONE = "none"
    BEFORE = "before"  # the request has arrived and is not handled: nothing is stored
    DURING = "during"  # it is stored, and half of the answer arrives
    AFTER = "after"  # it is stored, and no byte of the answer arrives


class WriteLoss:
    """Where the next write's connection is lost; one shot."""

    def __init__(self) -> None:
        self.at = LossPoint.NONE

    def take(self) -> LossPoint:
        """Where this write's connection is lost; the next write's is safe again."""
        at, self.at = self.at, LossPoint.NONE
        return at
