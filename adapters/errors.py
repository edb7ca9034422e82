"""Errors between the gateway and a legacy system, named by their meaning, not by an HTTP status of ours.

    AdapterError
    ├── UpstreamUnavailableError     refused, 5xx, circuit open, no free slot, quota spent (`retry_at` if it is known)
    ├── UpstreamTimeoutError         the deadline passed
    ├── CredentialsRefusedError      the system refuses *us*: stop sending requests, alert the operator
    ├── QueryRefusedError            the system refuses this request
    ├── UpstreamMalformedError       the payload does not match `wire.py`
    └── NotSentError                 a write certainly did not leave     (raised by the upstream stack only)

    UnusableRecordError              one record cannot be normalised: it is set aside and counted, the others are kept

Not found, and refused for a reason, are return values. Operators read the reason of an error: it never contains a
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
    """The root of the tree: a request to a system failed. `retry_at` is when to try again, if that is known."""

    cause: Cause = Cause.UNAVAILABLE

    def __init__(self, reason: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        # A time without a zone is dropped: the wait until then cannot be computed.
        self.retry_at = retry_at if retry_at is not None and retry_at.tzinfo is not None else None


class UpstreamUnavailableError(AdapterError):
    """Refused, 5xx, circuit open, no free slot, or quota spent; `retry_at` is when to try again, if that is known."""

    _CAUSES: ClassVar = frozenset(
        {Cause.UNAVAILABLE, Cause.CIRCUIT_OPEN, Cause.CONCURRENCY_LIMIT, Cause.QUOTA_SPENT, Cause.NOT_PROVEN}
    )

    def __init__(self, reason: str, *, retry_at: datetime | None = None, cause: Cause = Cause.UNAVAILABLE) -> None:
        super().__init__(reason, retry_at=retry_at)
        if cause not in self._CAUSES:
            raise ValueError(f"{cause} is not a cause of unavailability")
        self.cause = cause


class UpstreamTimeoutError(AdapterError):
    """The deadline passed before the system's answer was complete."""

    cause = Cause.TIMEOUT


class CredentialsRefusedError(AdapterError):
    """The system refuses the gateway itself: our key, password or clock is wrong."""

    cause = Cause.CREDENTIALS_REFUSED


class QueryRefusedError(AdapterError):
    """The system understood the request and refuses it."""

    cause = Cause.QUERY_REFUSED


class UpstreamMalformedError(AdapterError):
    """The answer does not match the adapter's wire models."""

    cause = Cause.MALFORMED


class NotSentError(AdapterError):
    """A write certainly did not leave this machine. Raised only by the upstream stack."""


class UnusableRecordError(ValueError):
    """One record cannot be normalised. The reason contains no personal data."""
