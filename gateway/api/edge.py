"""The edge: the layer that every request passes first, for an answer from memory as for one from the application.

It assigns the request id, removes headers that only trusted proxies may set, and finds the client's address. It sends a
ready answer, or begins the context of the request and lets the application answer, with limits on the body and on the
time on the database. It writes one log line per request, without path, query or body.
"""

import asyncio
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
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from gateway.api.context import RequestContext
from gateway.api.cross_origin import is_shared
from gateway.api.ready_answers import ReadyAnswer, ReadyAnswers
from gateway.api.request_headers import RawHeaders, combined, with_vary
from gateway.ground.client_address import Network, client_address
from gateway.ground.deadline import Deadline
from gateway.observability.metrics.requests import RequestMetrics
from gateway.observability.request_log import RequestLog
from gateway.observability.settings import LogSettings
from gateway.settings import Deadlines
from gateway.storage.limits import DatabaseLimits, request_budget
from schemas.numbers import nik

MAX_BODY_BYTES = 65_536
BODY_TIMEOUT = timedelta(seconds=10)
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SIXTEEN_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
_STRIPPED_HEADERS: Final = re.compile(
    rb"(x-kota-.*|x-forwarded-(?!uri$).*|gerbang-identity|forwarded|remote-user|oidc_.*|x-real-ip|x-authenticated-.*)"
)
_SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_HARMLESS_HEADERS: Final = frozenset(
    b"accept accept-encoding accept-language authorization cache-control connection cookie dpop host if-none-match "
    b"origin prefer referer user-agent x-request-id".split()
)
"""Most requests have no others, and none of these is ever removed."""
_REMEMBERED: Final = 1024
_LONGEST_REMEMBERED: Final = 64

_log = logging.getLogger("gateway.request")


class BodyTooLargeError(HTTPException):
    """The request body exceeds its limit. An HTTPException, since FastAPI reports any other error as invalid JSON."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyTooSlowError(HTTPException):
    """The request body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__(400)


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
    ) -> None:
        self._app = app
        self._application = application
        self._log = request_log or RequestLog(LogSettings())
        self._settings = settings
        self._fault = fault
        self._metrics = metrics or RequestMetrics()
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
        sending = _Sending(scope, send, request_id, began, by_origin=_varies_by_origin(scope, sent))
        ready = self._app.find(scope, sent)
        try:
            if ready is not None:
                await sending.send_ready(ready, sent.get(b"if-none-match"))
            else:
                # A HEAD is a GET without the body (RFC 9110, 9.3.2). The server's own scope is not changed.
                method = "GET" if scope["method"] == "HEAD" else scope["method"]
                scope = {**scope, "method": method, "app": self._application}
                await self._answer(scope, receive, sending)
        finally:
            route = ready.route if ready is not None else scope.get("route")
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
        unchanged = ready.is_named_by(sent.get(b"if-none-match"))
        head = ready.head_for(_SECURITY_HEADERS, by_origin=_varies_by_origin(scope, sent), unchanged=unchanged)
        body = b"" if unchanged or scope["method"] == "HEAD" else ready.body
        seconds = time.perf_counter() - began
        self._record(request_id, scope["method"], ready.route, 304 if unchanged else 200, seconds)
        own = b"x-request-id: %b\r\nserver-timing: total;dur=%.1f\r\n" % (request_id, seconds * 1000)
        return head + own, body

    def _record(self, request_id: bytes, method: str, route: object, status: int, seconds: float) -> None:
        """Count a request that has been answered, and write its line."""
        self._metrics.observe(route, method, status, seconds)
        self._log.add(request_id.decode(), method, getattr(route, "path", "-"), status, seconds * 1000)

    async def _answer(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        """Let the application answer."""
        context = RequestContext.of(
            sending.request_id.decode(), Headers(raw=scope["headers"]), self._settings.deadlines
        )
        scope.setdefault("state", {})["context"] = sending.context = context
        try:
            with request_budget(self._settings.database_limit):
                await self._app(scope, _limited_body(receive), sending)
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
            forwarded_for = combined(scope["headers"], b"x-forwarded-for") if self._settings.trusted_proxies else b""
            known = len(forwarded_for) <= _LONGEST_REMEMBERED
            scope["client"] = ((self._address_of if known else self._client_address)(peer, forwarded_for), port)
        if not sent.keys() <= _HARMLESS_HEADERS:
            scope["headers"] = [pair for pair in scope["headers"] if not _is_stripped(pair[0])]

    def _client_address(self, peer: str, forwarded_for: bytes) -> str:
        return client_address(peer, forwarded_for.decode("latin-1"), self._settings.trusted_proxies)

    def _request_id(self, sent: bytes | None) -> bytes:
        """Return the caller's request id, or a new one if it is malformed or contains a NIK: the id is logged."""
        if sent is not None and _REQUEST_ID.fullmatch(sent):
            numbers = _SIXTEEN_DIGITS.findall(sent.decode())
            if not any(nik.is_valid(number) for number in numbers):
                return sent
        return b"%b-%08x" % (self._seed, next(self._numbers))


class _Sending:
    """Sends one answer, with the headers of every answer and those of this request."""

    __slots__ = ("_began", "_by_origin", "_send", "context", "method", "request_id", "status")

    def __init__(self, scope: Scope, send: Send, request_id: bytes, began: float, *, by_origin: bool) -> None:
        self.request_id = request_id
        self.method: str = scope["method"]
        self.status = 0
        self.context: RequestContext | None = None
        self._send = send
        self._began = began
        self._by_origin = by_origin

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message["headers"])
            present = dict(headers)
            headers += [pair for pair in _SECURITY_HEADERS if pair[0] not in present]
            if self._by_origin:
                headers = with_vary(headers, b"Origin")
            self._add_own(headers)
            message = {**message, "headers": headers}
        elif self.method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    async def send_ready(self, answer: ReadyAnswer, if_none_match: bytes | None) -> None:
        """Send an answer from memory, or 304 if the caller has it."""
        unchanged = answer.is_named_by(if_none_match)
        self.status = 304 if unchanged else 200
        headers = answer.headers_for(_SECURITY_HEADERS, by_origin=self._by_origin, unchanged=unchanged).copy()
        self._add_own(headers)
        await self._send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"" if unchanged or self.method == "HEAD" else answer.body
        await self._send({"type": "http.response.body", "body": body})

    def _add_own(self, headers: RawHeaders) -> None:
        """Add the headers of this request."""
        headers.append((b"x-request-id", self.request_id))
        seconds = time.perf_counter() - self._began
        context = self.context
        if context is None:
            headers.append((b"server-timing", b"total;dur=%.1f" % (seconds * 1000)))
            return
        if context.applied_wait is not None:
            headers.append((b"preference-applied", b"wait=%d" % context.applied_wait))
        headers.append((b"server-timing", context.server_timing(seconds).encode()))


def _varies_by_origin(scope: Scope, sent: Mapping[bytes, bytes]) -> bool:
    """Whether this layer names the origin in `Vary`: for requests with an origin, `CrossOriginLayer` does."""
    return b"origin" not in sent and is_shared(scope["path"])


@lru_cache(_REMEMBERED)
def _is_stripped(name: bytes) -> bool:
    return _STRIPPED_HEADERS.fullmatch(name.lower()) is not None


def _raised_at(error: BaseException) -> str:
    """Return the module and line that raised an error."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    return f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else "nowhere"


def _limited_body(receive: Receive) -> Receive:
    """Wrap `receive` to raise when the body exceeds `MAX_BODY_BYTES` or takes longer than `BODY_TIMEOUT`."""
    received, complete = 0, False
    deadline = Deadline.after(BODY_TIMEOUT)

    async def limited_receive() -> Message:
        nonlocal received, complete
        if complete:
            return await receive()
        try:
            async with asyncio.timeout(max(deadline.remaining(), 0)):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlowError from None
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > MAX_BODY_BYTES:
                raise BodyTooLargeError
        return message

    return limited_receive
