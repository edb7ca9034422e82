"""What can become of a write."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """The system has it, once, under this key of its own; `looked_up` says that this was found out by looking."""

    key: str
    reference: str | None = None
    looked_up: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The system refuses it for a reason: a kebab-case word, and the system's own text."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The system certainly does not have it: it may be tried again later, as if for the first time."""

    reason: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """Nobody can say whether the system has it: it must not be sent again, and waits for an operator."""

    reason: str


Outcome = Delivered | Rejected | NotSent | OutcomeUnknown
