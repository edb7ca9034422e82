"""The goals P1 to P9 and P12 as rows: what was measured, against what, and whether the goal is met.

A row compares a figure with a bound. Where it has a peer, `ratio` is the gateway's figure divided by the peer's; where
it has none, `ratio` is the gateway's figure itself, in `unit`. `bound` says whether `target` is the most or the least.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

REQUIRED: Final = ("goal", "what", "peer", "ratio", "target", "met")


@dataclass(frozen=True, slots=True)
class Goal:
    """One row. `ratio` is None, with a `reason`, if it was not measured. `more` are further figures."""

    goal: str
    what: str
    ratio: float | None
    target: float
    peer: str | None = None
    unit: str | None = None
    at_least: bool = False
    reason: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the goal was measured, and is met."""
        if self.ratio is None:
            return False
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    def as_json(self) -> dict[str, Any]:
        """The row as a JSON object."""
        row: dict[str, Any] = {
            "goal": self.goal,
            "what": self.what,
            "peer": self.peer,
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "target": self.target,
            "met": self.met,
            "bound": "least" if self.at_least else "most",
        }
        row |= {name: value for name, value in (("unit", self.unit), ("reason", self.reason)) if value is not None}
        return row | {name: round(value, 4) if isinstance(value, float) else value for name, value in self.more.items()}


def not_measured(goal: str, what: str, target: float, reason: str, peer: str | None = None) -> Goal:
    """The row of a goal that could not be measured."""
    return Goal(goal, what, None, target, peer, reason=reason)
