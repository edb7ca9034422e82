"""Errors for HTTP statuses, for systems that use statuses as specified."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.errors import (
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpAnswer

_LONGEST: Final = timedelta(days=1)
_REFUSE_US: Final = frozenset({401, 403, 407})
_COME_BACK: Final = frozenset({408, 425, 429})


def retry_after(answer: HttpAnswer, now: datetime) -> datetime | None:
    """Return the time in the `Retry-After` header (seconds or a date), at most a day after `now`."""
    written = answer.headers.get("retry-after", "").strip()
    try:
        at = now + timedelta(seconds=int(written)) if written.isdigit() else parsedate_to_datetime(written)
        return min(max(at, now), now + _LONGEST)
    except (ValueError, TypeError, OverflowError):
        # Not a date, a date without a zone, or a number of seconds beyond the year 9999.
        return None


def raise_for_status(answer: HttpAnswer, now: datetime) -> None:
    """Return for a 2xx status; otherwise raise the error that the status stands for."""
    status = answer.status
    if 200 <= status < 300:
        return
    if status in _REFUSE_US:
        raise CredentialsRefusedError(f"the system refuses us with status {status}")
    if status in _COME_BACK or status >= 500:
        raise UpstreamUnavailableError(f"the system answers status {status}", retry_at=retry_after(answer, now))
    if status >= 400:
        raise QueryRefusedError(f"the system refuses the request with status {status}")
    raise UpstreamMalformedError(f"the system answers status {status}, which its interface does not define")
