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
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from functools import lru_cache
from itertools import count
from typing import Final

from fastapi import Request, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from gateway.api.context import RequestContext
from gateway.api.ready_answers import ReadyAnswer, ReadyAnswers, combined, key_of, without_body
from gateway.ground.client_address import Network, client_address
from gateway.ground.deadline import Deadline
from gateway.settings import Deadlines
from gateway.storage.limits import DatabaseLimits, request_budget
from schemas.numbers import nik

MAX_BODY_BYTES = 65_536
BODY_TIMEOUT = timedelta(seconds=10)
_DATABASE_LIMIT = DatabaseLimits().request
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SIXTEEN_DIGITS: Final = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
_STRIPPED_HEADERS: Final = re.compile(
    rb"(x-kota-.*|x-forwarded-(?!uri$).*|gerbang-identity|forwarded|remote-user|oidc_.*|x-real-ip|x-authenticated-.*)"
)
_SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
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


class Edge:
    """ASGI layer in front of everything. Answers unhandled errors, so that these answers have a request id too."""

    def __init__(
        self,
        app: ReadyAnswers,
        deadlines: Deadlines,
        fault: FaultHandler,
        trusted_proxies: Collection[Network] = (),
        *,
        database_limit: timedelta = _DATABASE_LIMIT,
    ) -> None:
        self._app = app
        self._database_limit = database_limit
        self._deadlines = deadlines
        self._fault = fault
        self._trusted_proxies = trusted_proxies
        self._address_of = lru_cache(_REMEMBERED)(self._client_address)
        self._seed = secrets.token_hex(8).encode()
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request; pass other events on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        # A HEAD is a GET without the body (RFC 9110, 9.3.2). The server's own scope is not changed.
        scope = {**scope, "method": "GET" if method == "HEAD" else method}
        self._remove_forgeries(scope)
        request_id = self._request_id(combined(scope["headers"], b"x-request-id"))
        sending = _Sending(send, request_id, began, with_body=method != "HEAD")
        ready = self._app.find(key_of(scope))
        try:
            if ready is not None:
                await sending.send_ready(ready, combined(scope["headers"], b"if-none-match"))
            else:
                await self._answer(scope, receive, sending)
        finally:
            route = ready.route if ready is not None else scope.get("route")
            _log.info(
                "request",
                extra={
                    "request_id": request_id.decode(),
                    "method": method,
                    "route": getattr(route, "path", "-"),
                    "status": sending.status,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                },
            )

    async def _answer(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        """Let the application answer."""
        context = RequestContext.of(sending.request_id.decode(), Headers(raw=scope["headers"]), self._deadlines)
        scope.setdefault("state", {})["context"] = sending.context = context
        try:
            with request_budget(self._database_limit):
                await self._app(scope, _limited_body(receive), sending)
        except Exception as error:
            fields = {"request_id": context.request_id, "error": type(error).__name__, "reason": _raised_at(error)}
            _log.error("fault", extra=fields)  # without the message, which may contain request data
            if sending.status:
                raise
            await (await self._fault(Request(scope), error))(scope, receive, sending)

    def _remove_forgeries(self, scope: Scope) -> None:
        """Set the client's address, and remove headers that only trusted proxies may set."""
        headers = scope["headers"]
        if scope.get("client"):
            peer, port = scope["client"]
            forwarded_for = combined(headers, b"x-forwarded-for") or b""
            known = len(forwarded_for) <= _LONGEST_REMEMBERED
            scope["client"] = ((self._address_of if known else self._client_address)(peer, forwarded_for), port)
        scope["headers"] = [pair for pair in headers if not _is_stripped(pair[0])]

    def _client_address(self, peer: str, forwarded_for: bytes) -> str:
        return client_address(peer, forwarded_for.decode("latin-1"), self._trusted_proxies)

    def _request_id(self, sent: bytes | None) -> bytes:
        """Return the caller's request id, or a new one if it is malformed or contains a NIK: the id is logged."""
        if sent is not None and _REQUEST_ID.fullmatch(sent):
            numbers = _SIXTEEN_DIGITS.findall(sent.decode())
            if not any(nik.is_valid(number) for number in numbers):
                return sent
        return b"%b-%x" % (self._seed, next(self._numbers))


class _Sending:
    """Sends one answer, with the headers of every answer and those of this request."""

    __slots__ = ("_began", "_send", "_with_body", "context", "request_id", "status")

    def __init__(self, send: Send, request_id: bytes, began: float, *, with_body: bool) -> None:
        self.request_id = request_id
        self.status = 0
        self.context: RequestContext | None = None
        self._send = send
        self._began = began
        self._with_body = with_body

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(list(message["headers"]))}
        elif not self._with_body:
            message = {**message, "body": b""}
        await self._send(message)

    async def send_ready(self, answer: ReadyAnswer, if_none_match: bytes | None) -> None:
        """Send an answer from memory, or 304 if the caller has it."""
        unchanged = answer.is_named_by(if_none_match)
        self.status = 304 if unchanged else 200
        headers = without_body(answer.headers) if unchanged else list(answer.headers)
        await self._send({"type": "http.response.start", "status": self.status, "headers": self._headers(headers)})
        body = b"" if unchanged or not self._with_body else answer.body
        await self._send({"type": "http.response.body", "body": body})

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Add the headers of every answer that these do not set themselves, and those of this request."""
        present = dict(headers)
        headers += [pair for pair in _SECURITY_HEADERS if pair[0] not in present]
        headers.append((b"x-request-id", self.request_id))
        seconds = time.perf_counter() - self._began
        context = self.context
        if context is None:
            headers.append((b"server-timing", b"total;dur=%.1f" % (seconds * 1000)))
            return headers
        if context.applied_wait is not None:
            headers.append((b"preference-applied", b"wait=%d" % context.applied_wait))
        headers.append((b"server-timing", context.server_timing(seconds).encode()))
        return headers


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
