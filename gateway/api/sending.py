"""Sends answers with the headers of every answer: security, request id, timing, and the limits of the caller."""

import time
from collections.abc import Mapping
from typing import Final

from starlette.types import Message, Scope, Send

from gateway.api.caller_limits import Admission
from gateway.api.context import RequestContext
from gateway.api.cross_origin import is_shared
from gateway.api.ready_answer_store import ReadyAnswer
from gateway.api.request_headers import RawHeaders, with_vary

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Sending:
    """Sends one answer, with the headers of every answer and those of this request."""

    __slots__ = ("_admission", "_began", "_by_origin", "_send", "context", "method", "request_id", "status")

    def __init__(
        self,
        scope: Scope,
        send: Send,
        request_id: bytes,
        began: float,
        *,
        by_origin: bool,
        admission: Admission | None = None,
    ) -> None:
        self.request_id = request_id
        self.method: str = scope["method"]
        self.status = 0
        self.context: RequestContext | None = None
        self._send = send
        self._began = began
        self._by_origin = by_origin
        self._admission = admission

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message["headers"])
            present = dict(headers)
            headers += [pair for pair in SECURITY_HEADERS if pair[0] not in present]
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
        headers = answer.headers_for(SECURITY_HEADERS, by_origin=self._by_origin, unchanged=unchanged).copy()
        self._add_own(headers)
        await self._send({"type": "http.response.start", "status": self.status, "headers": headers})
        body = b"" if unchanged or self.method == "HEAD" else answer.body
        await self._send({"type": "http.response.body", "body": body})

    def _add_own(self, headers: RawHeaders) -> None:
        """Add the headers of this request."""
        headers.append((b"x-request-id", self.request_id))
        if self._admission is not None:
            headers.extend(self._admission.headers)
        seconds = time.perf_counter() - self._began
        context = self.context
        if context is None:
            headers.append((b"server-timing", b"total;dur=%.1f" % (seconds * 1000)))
            return
        if context.applied_wait is not None:
            headers.append((b"preference-applied", b"wait=%d" % context.applied_wait))
        headers.append((b"server-timing", context.server_timing(seconds).encode()))


def varies_by_origin(scope: Scope, sent: Mapping[bytes, bytes]) -> bool:
    """Whether this layer names the origin in `Vary`: for requests with an origin, `CrossOriginLayer` does."""
    return b"origin" not in sent and is_shared(scope["path"])
