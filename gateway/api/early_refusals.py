"""Answers of the edge to requests that are not processed: of a caller over its limit, and of an overloaded gateway."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request, Response
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import Scope

from gateway.api.caller_limits import CallerLimits
from gateway.api.context import RequestContext
from gateway.api.request_headers import with_vary
from gateway.api.sending import SECURITY_HEADERS, varies_by_origin
from gateway.ground.turns import Turns
from gateway.settings import Deadlines

RateLimitedHandler = Callable[[Request, int], Response]
"""Returns the response to a caller over its limit, who may try again after so many seconds."""
OverloadedHandler = Callable[[Request], Response]
"""Returns the response to a request for which there is no room."""
STARTS_IN_A_ROUND: Final = 8
"""Requests of the API that begin in one round of the event loop."""


def _too_many_requests(_request: Request, seconds: int) -> Response:
    return Response(status_code=429, headers={"Retry-After": str(seconds)})


def _no_room(_request: Request) -> Response:
    return Response(status_code=503, headers={"Retry-After": "5"})


@dataclass(frozen=True, slots=True)
class EntryRules:
    """What decides whether and when a request is processed, and the answers to those that are not.

    `starts` are the turns in which requests of the API begin; their places are the times at which they were received.
    """

    starts: Turns = field(default_factory=lambda: Turns(STARTS_IN_A_ROUND))
    limits: CallerLimits | None = None
    rate_limited: RateLimitedHandler = _too_many_requests
    overloaded: OverloadedHandler = _no_room


class EarlyRefusals:
    """Builds the answers, in the language of the request and with its id."""

    def __init__(self, rules: EntryRules, application: Starlette | None, deadlines: Deadlines) -> None:
        self._rules = rules
        self._application = application
        self._deadlines = deadlines

    def overloaded(self, scope: Scope, request_id: bytes) -> Response:
        """The answer to a request for which there is no room."""
        return self._rules.overloaded(self._request(scope, request_id))

    def rate_limited(self, scope: Scope, request_id: bytes, seconds: int) -> Response:
        """The answer to a caller over its limit."""
        return self._rules.rate_limited(self._request(scope, request_id), seconds)

    def rate_limited_at_once(
        self, scope: Scope, sent: Mapping[bytes, bytes], request_id: bytes, seconds: int
    ) -> tuple[bytes, bytes]:
        """The same as bytes, head and body."""
        refusal = self.rate_limited(scope, request_id, seconds)
        headers = [*refusal.raw_headers, *SECURITY_HEADERS]
        headers = with_vary(headers, b"Origin") if varies_by_origin(scope, sent) else headers
        lines = [b"HTTP/1.1 429 Too Many Requests", *(b"%b: %b" % pair for pair in headers), b""]
        return b"\r\n".join(lines), bytes(refusal.body)

    def _request(self, scope: Scope, request_id: bytes) -> Request:
        context = RequestContext.of(request_id.decode(), Headers(raw=scope["headers"]), self._deadlines)
        return Request({**scope, "app": self._application, "state": {"context": context}})
