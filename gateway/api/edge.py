"""The edge: the layer that every request passes first, for an answer from memory as for one from the application.

It assigns the request id, removes headers that only trusted proxies may set, finds the client's address, and counts the
request for its caller, who gets 429 beyond the limit. A request for which the server has no room gets 503, and does not
count. It sends a ready answer, or begins the context of the request and
lets the application answer, with limits on the body and on the time on the database. It writes one log line per
request, without path, query or body.
"""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import count
from typing import Final

from fastapi import Request, Response
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from gateway.api.caller_limits import Admission
from gateway.api.context import RequestContext
from gateway.api.cross_origin import OVERLOADED
from gateway.api.early_refusals import EarlyRefusals, EntryRules
from gateway.api.ready_answer_store import ReadyAnswer
from gateway.api.ready_answers import ReadyAnswers
from gateway.api.request_body import limited_body
from gateway.api.request_headers import combined
from gateway.api.sending import SECURITY_HEADERS, Sending, varies_by_origin
from gateway.ground.client_address import Network, client_address
from gateway.ground.deadline import RECEIVED_AT
from gateway.observability.metrics.requests import RequestMetrics
from gateway.observability.request_log import RequestLog
from gateway.observability.settings import LogSettings
from gateway.settings import Deadlines
from gateway.storage.limits import DatabaseLimits, request_budget
from schemas.numbers import nik

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SIXTEEN_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
_STRIPPED_HEADERS: Final = re.compile(
    rb"(x-kota-.*|x-forwarded-(?!uri$).*|gerbang-identity|forwarded|remote-user|oidc_.*|x-real-ip|x-authenticated-.*)"
)
_HARMLESS_HEADERS: Final = frozenset(
    b"accept accept-encoding accept-language authorization cache-control connection cookie dpop host if-none-match "
    b"origin prefer referer user-agent x-request-id".split()
)
"""Most requests have no others, and none of these is ever removed."""
_TAKES_TURNS: Final = "/v1/"
"""Requests whose processing begins in turns. Others, such as health and sign-in, begin at once."""
_REMEMBERED: Final = 1024
_LONGEST_REMEMBERED: Final = 64

_log = logging.getLogger("gateway.request")


FaultHandler = Callable[[Request, Exception], Awaitable[Response]]
"""Returns the response for an unhandled error."""


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """The settings that concern every request. `database_limit`: its time on the database in all."""

    deadlines: Deadlines = field(default_factory=Deadlines)
    database_limit: timedelta = field(default_factory=lambda: DatabaseLimits().request)
    trusted_proxies: Collection[Network] = ()


class Edge:
    """ASGI layer in front of everything. Answers unhandled errors, so that these answers have a request id too.

    `application` is what a route finds as `request.app`.
    """

    def __init__(
        self,
        app: ReadyAnswers,
        settings: EdgeSettings,
        fault: FaultHandler,
        *,
        application: Starlette | None = None,
        request_log: RequestLog | None = None,
        metrics: RequestMetrics | None = None,
        rules: EntryRules | None = None,
    ) -> None:
        self._app = app
        self._application = application
        self._log = request_log or RequestLog(LogSettings())
        self._settings = settings
        self._fault = fault
        self._metrics = metrics or RequestMetrics()
        rules = rules or EntryRules()
        self._starts = rules.starts
        self._limits = rules.limits
        self._refusals = EarlyRefusals(rules, application, settings.deadlines)
        self._address_of = lru_cache(_REMEMBERED)(self._client_address)
        self._seed = secrets.token_hex(8).encode()
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request; pass other events on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        sent = dict(scope["headers"])
        self._remove_forgeries(scope, sent)
        request_id = self._request_id(sent.get(b"x-request-id"))
        client = scope.get("client")
        overloaded = OVERLOADED in scope
        admission = None if overloaded else self._admit(scope["path"], sent, client[0] if client else None)
        by_origin = varies_by_origin(scope, sent)
        sending = Sending(scope, send, request_id, began, by_origin=by_origin, admission=admission)
        route = None
        try:
            if overloaded:
                await self._refusals.overloaded(scope, request_id)(scope, receive, sending)
            elif admission is not None and admission.retry_after is not None:
                refusal = self._refusals.rate_limited(scope, request_id, admission.retry_after)
                await refusal(scope, receive, sending)
            elif (ready := self._app.find(scope, sent) or await self._take_turn(scope, sent)) is not None:
                route = ready.route
                await sending.send_ready(ready, sent.get(b"if-none-match"))
            else:
                # A HEAD is a GET without the body (RFC 9110, 9.3.2). The server's own scope is not changed.
                method = "GET" if scope["method"] == "HEAD" else scope["method"]
                scope = {**scope, "method": method, "app": self._application}
                await self._answer(scope, receive, sending)
        finally:
            route = route or scope.get("route")
            self._record(request_id, sending.method, route, sending.status, time.perf_counter() - began)

    def answer_at_once(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """Return a ready answer as bytes, head and body, without going through ASGI; None if there is none.

        The head ends with its last header line. The server adds its own headers and the empty line.
        """
        began = time.perf_counter()
        sent = dict(scope["headers"])
        ready = self._app.find(scope, sent)
        if ready is None:
            return None
        request_id = self._request_id(sent.get(b"x-request-id"))
        client = scope.get("client")
        admission = self._admit(scope["path"], sent, self._address(client[0], scope) if client else None)
        status, route = 200, ready.route
        if admission is not None and admission.retry_after is not None:
            status, route = 429, None
            head, body = self._refusals.rate_limited_at_once(scope, sent, request_id, admission.retry_after)
        else:
            unchanged = ready.is_named_by(sent.get(b"if-none-match"))
            status, body = (304, b"") if unchanged else (200, ready.body)
            head = ready.head_for(SECURITY_HEADERS, by_origin=varies_by_origin(scope, sent), unchanged=unchanged)
        seconds = time.perf_counter() - began
        self._record(request_id, scope["method"], route, status, seconds)
        own = b"x-request-id: %b\r\n%bserver-timing: total;dur=%.1f\r\n" % (
            request_id,
            b"" if admission is None else admission.lines,
            seconds * 1000,
        )
        return head + own, b"" if scope["method"] == "HEAD" else body

    def _admit(self, path: str, sent: Mapping[bytes, bytes], address: str | None) -> Admission | None:
        """Count a request for its caller; None if no limit applies to it."""
        return None if self._limits is None else self._limits.admit(path, sent, address)

    def _record(self, request_id: bytes, method: str, route: object, status: int, seconds: float) -> None:
        """Count a request that has been answered, and write its line."""
        self._metrics.observe(route, method, status, seconds)
        self._log.add(request_id.decode(), method, getattr(route, "path", "-"), status, seconds * 1000)

    async def _take_turn(self, scope: Scope, sent: Mapping[bytes, bytes]) -> ReadyAnswer | None:
        """Wait until the request may begin; return its ready answer if there is one by then."""
        if not scope["path"].startswith(_TAKES_TURNS) or self._starts.take_at_once():
            return None
        await self._starts.wait(scope.get(RECEIVED_AT, time.monotonic()))
        return self._app.find(scope, sent)

    async def _answer(self, scope: Scope, receive: Receive, sending: Sending) -> None:
        """Let the application answer."""
        received = scope.get(RECEIVED_AT)
        headers = Headers(raw=scope["headers"])
        context = RequestContext.of(sending.request_id.decode(), headers, self._settings.deadlines, received)
        scope.setdefault("state", {})["context"] = sending.context = context
        try:
            with request_budget(self._settings.database_limit):
                await self._app(scope, limited_body(receive), sending)
        except Exception as error:
            fields = {"request_id": context.request_id, "error": type(error).__name__, "reason": _raised_at(error)}
            _log.error("fault", extra=fields)  # without the message, which may contain request data
            if sending.status:
                raise
            await (await self._fault(Request(scope), error))(scope, receive, sending)

    def _remove_forgeries(self, scope: Scope, sent: Mapping[bytes, bytes]) -> None:
        """Set the client's address, and remove headers that only trusted proxies may set."""
        if scope.get("client"):
            peer, port = scope["client"]
            scope["client"] = (self._address(peer, scope), port)
        if not sent.keys() <= _HARMLESS_HEADERS:
            scope["headers"] = [pair for pair in scope["headers"] if not _is_stripped(pair[0])]

    def _address(self, peer: str, scope: Scope) -> str:
        """The address of the client behind the connection from `peer`."""
        forwarded_for = combined(scope["headers"], b"x-forwarded-for") if self._settings.trusted_proxies else b""
        known = len(forwarded_for) <= _LONGEST_REMEMBERED
        return (self._address_of if known else self._client_address)(peer, forwarded_for)

    def _client_address(self, peer: str, forwarded_for: bytes) -> str:
        return client_address(peer, forwarded_for.decode("latin-1"), self._settings.trusted_proxies)

    def _request_id(self, sent: bytes | None) -> bytes:
        """Return the caller's request id, or a new one if it is malformed or contains a NIK: the id is logged."""
        if sent is not None and _REQUEST_ID.fullmatch(sent):
            numbers = _SIXTEEN_DIGITS.findall(sent.decode())
            if not any(nik.is_valid(number) for number in numbers):
                return sent
        return b"%b-%08x" % (self._seed, next(self._numbers))


@lru_cache(_REMEMBERED)
def _is_stripped(name: bytes) -> bool:
    return _STRIPPED_HEADERS.fullmatch(name.lower()) is not None


def _raised_at(error: BaseException) -> str:
    """Return the module and line that raised an error."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    return f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else "nowhere"
