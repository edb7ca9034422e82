"""The possible outcomes of a write."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """The system has the write once, under its own key; `looked_up`: a look-up confirmed this."""

    key: str
    reference: str | None = None
    looked_up: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The system refuses the write for a reason: a kebab-case word, and the system's own text."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The system certainly does not have the write: it may be sent later, as if for the first time."""

    reason: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutcomeUnknown:
    """It is unknown whether the system has the write: it must not be sent again, and waits for an operator."""

    reason: str


Outcome = Delivered | Rejected | NotSent | OutcomeUnknown
