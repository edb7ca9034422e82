"""Per-request context: request id, language, deadline, and the seconds that each source took.

`RequestLayer` is a pure ASGI middleware. It assigns the request id, limits the size and duration of the body and the
time on the database, removes headers that only trusted proxies may set, and writes one log line per request, without
path, query or body.
"""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.ground.client_address import Network, client_address
from gateway.ground.deadline import Deadline
from gateway.settings import Deadlines
from gateway.storage.limits import DatabaseLimits, request_budget
from schemas.numbers import nik
from schemas.texts import Language

MAX_BODY_BYTES = 65_536
BODY_TIMEOUT = timedelta(seconds=10)
_DATABASE_LIMIT = DatabaseLimits().request
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SIXTEEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,4})\"?(?:$|[,;\s])", re.IGNORECASE)
_STRIPPED_HEADERS = re.compile(
    rb"(x-kota-.*|x-forwarded-(?!uri$).*|gerbang-identity|forwarded|remote-user|oidc_.*|x-real-ip|x-authenticated-.*)"
)
_SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

_log = logging.getLogger("gateway.request")


class BodyTooLargeError(HTTPException):
    """The request body exceeds its limit. An HTTPException, since FastAPI reports any other error as invalid JSON."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyTooSlowError(HTTPException):
    """The request body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__(400)


@dataclass(slots=True)
class RequestContext:
    """Context of one request. `applied_wait` is the deadline in seconds that `Prefer: wait` set."""

    request_id: str
    language: Language
    deadline: Deadline
    applied_wait: int | None
    seconds: dict[str, float] = field(default_factory=dict)

    def add_timings(self, seconds: Mapping[str, float]) -> None:
        """Record the seconds that each source took; the maximum for a source with several calls."""
        for name, duration in seconds.items():
            self.seconds[name] = max(duration, self.seconds.get(name, 0.0))


FaultHandler = Callable[[Request, Exception], Awaitable[Response]]
"""Returns the response for an unhandled error."""


class RequestLayer:
    """Outer ASGI layer of the gateway. Answers unhandled errors, so that these answers have a request id too."""

    def __init__(
        self,
        app: ASGIApp,
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one HTTP request; pass other events on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        # A HEAD is a GET without the body (RFC 9110, 9.3.2). The server's own scope is not changed.
        scope = {**scope, "method": "GET" if method == "HEAD" else method}
        context = self._begin(scope)
        scope.setdefault("state", {})["context"] = context
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._finish(MutableHeaders(raw=message["headers"]), context, time.perf_counter() - began)
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"].extend(pair for pair in _SECURITY_HEADERS if pair[0] not in present)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            with request_budget(self._database_limit):
                await self._app(scope, _limited_body(receive), send_with_headers)
        except Exception as error:
            fields = {"request_id": context.request_id, "error": type(error).__name__, "reason": _raised_at(error)}
            _log.error("fault", extra=fields)  # without the message, which may contain request data
            if status:
                raise
            await (await self._fault(Request(scope), error))(scope, receive, send_with_headers)
        finally:
            route = scope.get("route")
            _log.info(
                "request",
                extra={
                    "request_id": context.request_id,
                    "method": method,
                    "route": getattr(route, "path", "-"),
                    "status": status,
                    "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                },
            )

    def _begin(self, scope: Scope) -> RequestContext:
        if scope.get("client"):
            peer, port = scope["client"]
            forwarded_for = combined_header(Headers(raw=scope["headers"]), "x-forwarded-for")
            scope["client"] = (client_address(peer, forwarded_for, self._trusted_proxies), port)
        scope["headers"] = [pair for pair in scope["headers"] if not _STRIPPED_HEADERS.fullmatch(pair[0].lower())]
        headers = Headers(raw=scope["headers"])
        preference = _WAIT.search(combined_header(headers, "prefer"))
        bounds = self._deadlines
        wait = min(max(float(preference[1]), bounds.shortest), bounds.longest) if preference else bounds.default
        return RequestContext(
            request_id=_request_id(headers.get("x-request-id", "")),
            language=preferred_language(combined_header(headers, "accept-language")),
            deadline=Deadline.after(timedelta(seconds=wait)),
            applied_wait=int(wait) if preference else None,
        )

    @staticmethod
    def _finish(headers: MutableHeaders, context: RequestContext, seconds: float) -> None:
        headers["X-Request-Id"] = context.request_id
        if context.applied_wait is not None:
            headers["Preference-Applied"] = f"wait={context.applied_wait}"
        timings = [f"total;dur={seconds * 1000:.1f}"]
        timings += [
            f"{re.sub(r'[^A-Za-z0-9-]', '.', name)};dur={secs * 1000:.1f}" for name, secs in context.seconds.items()
        ]
        headers["Server-Timing"] = ", ".join(timings)


def _request_id(sent: str) -> str:
    """Return the caller's request id, or a new one if it is malformed or contains a NIK: the id is logged."""
    personal = any(nik.is_valid(number) for number in _SIXTEEN_DIGITS.findall(sent))
    return sent if _REQUEST_ID.fullmatch(sent) and not personal else str(uuid.uuid4())


def combined_header(headers: Headers, name: str) -> str:
    """Return the value of a list header, joined from all of its lines (RFC 9110, 5.3)."""
    return ", ".join(headers.getlist(name))


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


def preferred_language(accept_language: str) -> Language:
    """Return the supported language that the client prefers (RFC 9110); Indonesian by default."""
    best, best_quality = Language.INDONESIAN, 0.0
    for part in accept_language.split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        match = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameters)
        quality = float(match[1]) if match else (0.0 if parameters.strip() else 1.0)
        if primary in set(Language) and quality > best_quality:
            best, best_quality = Language(primary), quality
    return best


async def _context(request: Request) -> RequestContext:
    context: RequestContext = request.state.context
    return context


ContextDep = Annotated[RequestContext, Depends(_context)]
