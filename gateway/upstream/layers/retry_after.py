"""Handles 429 answers and `Retry-After`."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.errors import UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.clock import Clock
from gateway.upstream.request import Layer, Send, UpstreamRequest

_TOO_MANY_REQUESTS: Final = 429
_DEFAULT: Final = timedelta(seconds=5)
_SHORTEST: Final = timedelta(seconds=1)


def apply_retry_after(clock: Clock, longest: timedelta) -> Layer:
    """Turns 429 into `UpstreamUnavailableError` with an absolute `retry_at`, at most `longest` away."""

    def layer(call_next: Send) -> Send:
        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            answer = await call_next(request, call_state)
            if answer.status != _TOO_MANY_REQUESTS:
                return answer
            now = clock()
            span = retry_after(answer.headers.get("retry-after", ""), now)
            retry_at = now + min(max(span, _SHORTEST), longest)
            raise UpstreamUnavailableError("the system reported too many requests", retry_at=retry_at)

        return send

    return layer


def retry_after(text: str, now: datetime) -> timedelta:
    """The span in a `Retry-After` header: seconds or an HTTP date (RFC 9110); five seconds if unreadable."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        return parsedate_to_datetime(text) - now
    except (TypeError, ValueError, OverflowError):
        return _DEFAULT
