"""What a rule of the suite is, and what can come of checking it."""

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
    """What came of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"


class RuleBrokenError(Exception):
    """The adapter breaks the rule; the flaws say where and how, without any personal data."""

    def __init__(self, flaws: Iterable[str]) -> None:
        self.flaws = tuple(dict.fromkeys(flaws))
        more = len(self.flaws) - _SHOWN
        super().__init__("; ".join(self.flaws[:_SHOWN]) + (f"; and {more} more" if more > 0 else ""))


class NotApplicableError(Exception):
    """The rule has nothing to check in this adapter; the message says why."""


Check = Callable[["CheckContext"], Awaitable[str] | str]
"""Returns what was looked at, in a few words. Raises `RuleBrokenError` or `NotApplicableError`."""

Applicability = Callable[["CheckContext"], str | None]
"""Why a rule does not apply to an adapter, or None when it does."""


def always(_context: "CheckContext") -> None:
    """Applies to every adapter."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    `level` is the lowest level that needs it. `compulsory`: where it does not apply, that level is not earned either.
    """

    id: str
    level: QualityLevel
    title: Text
    check: Check
    applies: Applicability = always
    compulsory: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one rule: the reason of a failure or of not applying, or what was looked at; and the seconds."""

    rule: Rule
    result: Result
    reason: str
    seconds: float


class Flaws:
    """Collects what is wrong, so that a rule tells all of it at once."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, flaw: str) -> None:
        """Note a flaw."""
        self._found.append(flaw)

    def unless(self, condition: object, flaw: str) -> None:
        """Note a flaw unless the condition holds."""
        if not condition:
            self._found.append(flaw)

    def extend(self, flaws: Iterable[str]) -> None:
        """Note several."""
        self._found.extend(flaws)

    def settle(self, looked_at: str) -> str:
        """Raise `RuleBrokenError` when anything was noted; otherwise give back what was looked at."""
        if self._found:
            raise RuleBrokenError(self._found)
        return looked_at
