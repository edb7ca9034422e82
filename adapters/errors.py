"""What can go wrong between us and a legacy system, by intent; never an HTTP status of ours.

    AdapterError
    ├── UpstreamUnavailableError     refused, 5xx, circuit open, no free slot, quota spent (may say when to come back)
    ├── UpstreamTimeoutError         the deadline passed
    ├── CredentialsRefusedError      the system refuses *us*: stop asking, tell the operator
    ├── QueryRefusedError            the system refuses this question
    ├── UpstreamMalformedError       the payload is not what `wire.py` says
    └── NotSentError                 a write certainly did not leave     (only the upstream stack may raise this one)

    UnusableRecordError              one record cannot be normalised: it is set aside and counted, the page goes on

Not found, and refused for a reason, are return values. A reason given here is read by operators: it never contains a
payload, an address with a query, or a personal number.
"""

from datetime import datetime
from typing import ClassVar

from schemas.envelope import Cause

__all__ = [
    "AdapterError",
    "Cause",
    "CredentialsRefusedError",
    "NotSentError",
    "QueryRefusedError",
    "UnusableRecordError",
    "UpstreamMalformedError",
    "UpstreamTimeoutError",
    "UpstreamUnavailableError",
]


class AdapterError(Exception):
    """The root of the tree: something went wrong upstream."""

    cause: Cause = Cause.UNAVAILABLE

    def __init__(self, reason: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        # A time without its zone says nothing: nobody could tell how far off it is.
        self.retry_at = retry_at if retry_at is not None and retry_at.tzinfo is not None else None


class UpstreamUnavailableError(AdapterError):
    """Refused, 5xx, circuit open, no free slot, or quota spent; `retry_at` says when to come back, if that is known."""

    _CAUSES: ClassVar = frozenset(
        {Cause.UNAVAILABLE, Cause.CIRCUIT_OPEN, Cause.CONCURRENCY_LIMIT, Cause.QUOTA_SPENT, Cause.NOT_PROVEN}
    )

    def __init__(self, reason: str, *, retry_at: datetime | None = None, cause: Cause = Cause.UNAVAILABLE) -> None:
        super().__init__(reason, retry_at=retry_at)
        if cause not in self._CAUSES:
            raise ValueError(f"{cause} is not a way of being unavailable")
        self.cause = cause


class UpstreamTimeoutError(AdapterError):
    """The deadline passed before the system's answer was complete."""

    cause = Cause.TIMEOUT


class CredentialsRefusedError(AdapterError):
    """The system refuses us, the gateway: our key, password or clock is wrong."""

    cause = Cause.CREDENTIALS_REFUSED


class QueryRefusedError(AdapterError):
    """The system understood us and refuses this question."""

    cause = Cause.QUERY_REFUSED


class UpstreamMalformedError(AdapterError):
    """The answer is not what the adapter's wire models say it is."""

    cause = Cause.MALFORMED


class NotSentError(AdapterError):
    """A write certainly did not leave this machine. Raised by the upstream stack and by nobody else."""


class UnusableRecordError(ValueError):
    """One record cannot be normalised; the reason holds no personal data."""
