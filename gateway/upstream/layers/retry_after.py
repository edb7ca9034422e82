"""What a system says when we ask too much: 429, and when to come back."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from adapters.errors import UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.clock import Clock
from gateway.upstream.request import Layer, Send, UpstreamRequest

_TOO_MANY: Final = 429
_UNSAID: Final = timedelta(seconds=5)
_SHORTEST: Final = timedelta(seconds=1)


def apply_retry_after(clock: Clock, longest: timedelta) -> Layer:
    """Turns 429 into `UpstreamUnavailableError` with an absolute `retry_at`, at most `longest` away."""

    def layer(onward: Send) -> Send:
        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            answer = await onward(request, trip)
            if answer.status != _TOO_MANY:
                return answer
            now = clock()
            span = retry_after(answer.headers.get("retry-after", ""), now)
            retry_at = now + min(max(span, _SHORTEST), longest)
            raise UpstreamUnavailableError("the system has had too many requests", retry_at=retry_at)

        return send

    return layer


def retry_after(text: str, now: datetime) -> timedelta:
    """The span that a `Retry-After` header asks for: seconds or an HTTP date (RFC 9110); five seconds if unreadable."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 10**8))
    try:
        return parsedate_to_datetime(text) - now
    except (TypeError, ValueError, OverflowError):
        return _UNSAID
