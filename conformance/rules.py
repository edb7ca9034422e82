"""The definition of a rule, and the possible results of checking it."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from schemas.system import QualityLevel
from schemas.texts import Text

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

_SHOWN: Final = 6


class Result(StrEnum):
    """The result of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"


class RuleBrokenError(Exception):
    """The adapter breaks the rule. The violations describe where and how, without personal data."""

    def __init__(self, violations: Iterable[str]) -> None:
        self.violations = tuple(dict.fromkeys(violations))
        more = len(self.violations) - _SHOWN
        super().__init__("; ".join(self.violations[:_SHOWN]) + (f"; and {more} more" if more > 0 else ""))


class NotApplicableError(Exception):
    """The rule has nothing to check in this adapter; the message gives the reason."""


Check = Callable[["CheckContext"], Awaitable[str] | str]
"""Returns a short summary of what was checked. Raises `RuleBrokenError` or `NotApplicableError`."""

Applicability = Callable[["CheckContext"], str | None]
"""Returns the reason why a rule does not apply to an adapter, or None if it applies."""


def always(_context: "CheckContext") -> None:
    """Applies to every adapter."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    `level`: the lowest level that requires it. `compulsory`: if the rule does not apply, the level is not earned.
    """

    id: str
    level: QualityLevel
    title: Text
    check: Check
    applies: Applicability = always
    compulsory: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one rule: the reason, or the summary of a passed check; and the duration in seconds."""

    rule: Rule
    result: Result
    reason: str
    seconds: float


class Violations:
    """Collects violations, so that a rule reports all of them at once."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, violation: str) -> None:
        """Add a violation."""
        self._found.append(violation)

    def require(self, condition: object, violation: str) -> None:
        """Add a violation if the condition is false."""
        if not condition:
            self._found.append(violation)

    def extend(self, violations: Iterable[str]) -> None:
        """Add several violations."""
        self._found.extend(violations)

    def finish(self, summary: str) -> str:
        """Raise `RuleBrokenError` if there is a violation; otherwise return the summary."""
        if self._found:
            raise RuleBrokenError(self._found)
        return summary
