"""What belongs to one request: its number, language, deadline, and the seconds that each source took.

One pure ASGI layer in front of everything: it numbers the request, bounds its body and its time on our database, takes
away headers that only our own proxies may set, times it, and writes one log line without path, query or body.
"""

import asyncio
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends, Request, Response
from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.ground.client_address import Network, client_address
from gateway.ground.deadline import Deadline
from gateway.settings import Deadlines
from gateway.storage.limits import DatabaseLimits, request_budget
from schemas.numbers import nik
from schemas.texts import Language

MOST_BODY_BYTES = 65_536
BODY_WITHIN = timedelta(seconds=10)
_DATABASE_WITHIN = DatabaseLimits().request
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SIXTEEN_DIGITS = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,4})\"?(?:$|[,;\s])", re.IGNORECASE)
_STRIPPED = re.compile(
    rb"(x-kota-.*|x-forwarded-(?!uri$).*|gerbang-identity|forwarded|remote-user|oidc_.*|x-real-ip|x-authenticated-.*)"
)
_OURS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

_IN_PATH: Final = "/-._~!$&'()*+,;=:@"
_IN_QUERY: Final = _IN_PATH + "?%"
"""What may stand in a query as it is (RFC 3986, section 3.4), and the sign of what is written another way already."""

_log = logging.getLogger("gateway.request")


class BodyTooLargeError(HTTPException):
    """The body of the request passes its bound. An HTTPException, since FastAPI takes any other for bad JSON."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyTooSlowError(HTTPException):
    """The body of the request does not come."""

    def __init__(self) -> None:
        super().__init__(400)


@dataclass(slots=True)
class RequestContext:
    """One request."""

    request_id: str
    language: Language
    deadline: Deadline
    waited_for: int | None
    seconds: dict[str, float] = field(default_factory=dict)

    def note(self, seconds: Mapping[str, float]) -> None:
        """Remember how long sources took; of one that was asked several things, the longest."""
        for name, took in seconds.items():
            self.seconds[name] = max(took, self.seconds.get(name, 0.0))


Fault = Callable[[Request, Exception], Awaitable[Response]]
"""Answers for an error that nothing else has answered for."""


class RequestLayer:
    """The outermost layer of the gateway. A fault below is answered here, so that its answer is numbered and timed."""

    def __init__(
        self,
        app: ASGIApp,
        deadlines: Deadlines,
        fault: Fault,
        trusted_proxies: Collection[Network] = (),
        *,
        database_within: timedelta = _DATABASE_WITHIN,
    ) -> None:
        self._app = app
        self._database_within = database_within
        self._deadlines = deadlines
        self._fault = fault
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        # A HEAD is a GET without the body (RFC 9110, 9.3.2). What the server handed us stays as it is.
        scope = {**scope, "method": "GET" if method == "HEAD" else method}
        context = self._begin(scope)
        scope.setdefault("state", {})["context"] = context
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._finish(MutableHeaders(raw=message["headers"]), context, time.perf_counter() - began)
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"].extend(pair for pair in _OURS if pair[0] not in present)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        try:
            with request_budget(self._database_within):
                await self._app(scope, _bounded(receive), sending)
        except Exception as error:
            said = {"request_id": context.request_id, "error": type(error).__name__, "reason": _place(error)}
            _log.error("fault", extra=said)  # without its text, which may hold what was being handled
            if status:
                raise
            await (await self._fault(Request(scope), error))(scope, receive, sending)
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
            said = combined_header(Headers(raw=scope["headers"]), "x-forwarded-for")
            scope["client"] = (client_address(peer, said, self._trusted_proxies), port)
        scope["headers"] = [pair for pair in scope["headers"] if not _STRIPPED.fullmatch(pair[0].lower())]
        headers = Headers(raw=scope["headers"])
        asked = _WAIT.search(combined_header(headers, "prefer"))
        bounds = self._deadlines
        wait = min(max(float(asked[1]), bounds.shortest), bounds.longest) if asked else bounds.default
        return RequestContext(
            request_id=_request_id(headers.get("x-request-id", "")),
            language=language_of(combined_header(headers, "accept-language")),
            deadline=Deadline.after(timedelta(seconds=wait)),
            waited_for=int(wait) if asked else None,
        )

    @staticmethod
    def _finish(headers: MutableHeaders, context: RequestContext, seconds: float) -> None:
        headers["X-Request-Id"] = context.request_id
        if context.waited_for is not None:
            headers["Preference-Applied"] = f"wait={context.waited_for}"
        timings = [f"total;dur={seconds * 1000:.1f}"]
        timings += [
            f"{re.sub(r'[^A-Za-z0-9-]', '.', name)};dur={took * 1000:.1f}" for name, took in context.seconds.items()
        ]
        headers["Server-Timing"] = ", ".join(timings)


def _request_id(given: str) -> str:
    """The caller's number of the request, unless it is none, or a person's: it stands in logs."""
    personal = any(nik.is_valid(number) for number in _SIXTEEN_DIGITS.findall(given))
    return given if _REQUEST_ID.fullmatch(given) and not personal else str(uuid.uuid4())


def combined_header(headers: Headers, name: str) -> str:
    """A header that is a list, whole: it may have been sent in several lines (RFC 9110, 5.3)."""
    return ", ".join(headers.getlist(name))


def address_of(request: Request) -> URL:
    """The path and the query, without the host, in ASCII alone.

    Not `request.url`, which fails where a query is not UTF-8. A byte that is not ASCII is the character of Latin-1, as
    it is where the parameters are read: so whoever follows a link of ours asks the same question again.
    """
    path = quote(request.scope["path"], safe=_IN_PATH, errors="replace")
    query = quote(request.scope["query_string"].decode("latin-1"), safe=_IN_QUERY)
    return URL(f"{path}?{query}" if query else path)


def _place(error: BaseException) -> str:
    """Where an error was raised: module and line."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    return f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else "nowhere"


def _bounded(receive: Receive) -> Receive:
    received, whole = 0, False
    deadline = Deadline.after(BODY_WITHIN)

    async def bounded() -> Message:
        nonlocal received, whole
        if whole:
            return await receive()
        try:
            async with asyncio.timeout(max(deadline.remaining(), 0)):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlowError from None
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > MOST_BODY_BYTES:
                raise BodyTooLargeError
        return message

    return bounded


def language_of(accept_language: str) -> Language:
    """The language that a reader prefers of those we have (RFC 9110); Indonesian when nothing decides."""
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
"""The type of a route's `context` parameter."""
