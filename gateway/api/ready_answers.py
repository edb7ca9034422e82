"""Public answers that were sent before, kept as bytes and sent again while they are true.

This layer knows requests and responses, and no records. It never makes an answer: it keeps what the application sent,
if the application stated how long that stays true (`allow_keeping`), so an answer from here is the application's own.
It also turns answers into 304 for requests that name the present tag, so that nothing else compares tags. Identical
requests to a public route wait while the application answers the first of them, and get its answer if it is kept.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.answer_keys import KEY_HEADERS, Key, answer_key
from gateway.api.caller_limits import RouteClass, route_class
from gateway.api.pending_answers import PendingAnswer, PendingAnswers, PendingEnd
from gateway.api.ready_answer_store import MOST_BYTES, ReadyAnswer, ReadyAnswerStore
from gateway.api.request_headers import RawHeaders, combined, names_tag, without_body
from gateway.ground.clock import Clock
from gateway.snapshots.validity import Validity

_VALIDITY: Final = "validity"
_LARGEST: Final = 1024 * 1024


def allow_keeping(scope: Scope, validity: Validity) -> None:
    """State that the public answer to this request may be sent again for as long as `validity` holds."""
    scope["state"][_VALIDITY] = validity


class ReadyAnswers:
    """ASGI layer in front of the application."""

    def __init__(self, app: ASGIApp, clock: Clock, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._store = ReadyAnswerStore(clock, most_bytes)
        self._pending = PendingAnswers()
        self.hits = self.misses = 0

    @property
    def count(self) -> int:
        """How many answers are kept."""
        return len(self._store)

    def find(self, scope: Scope, sent: Mapping[bytes, bytes]) -> ReadyAnswer | None:
        """Return the answer to a request with the headers `sent`; None if there is none that is still true."""
        key = answer_key(scope, sent)
        found = self._store.find(key) if key is not None else None
        self.hits += found is not None
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and keep its answer if it may be kept."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        sent = dict(scope["headers"])
        key = answer_key(scope, sent)
        pending = None
        if key is not None and route_class(scope["path"]) is RouteClass.PUBLIC:
            while (pending := self._pending.begin(key)) is None:
                end = await self._pending.wait(key, scope["state"]["context"].deadline)
                # The usual look-up: an answer that was true for the first request may not be true any more.
                ready = self.find(scope, sent)
                if ready is not None:
                    await _replay(ready, scope, send)
                    return
                if end is not PendingEnd.CANCELLED:
                    break
        await self._answer(scope, receive, send, key, pending)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, key: Key | None, pending: PendingAnswer | None
    ) -> None:
        """Let the application answer. The requests that wait for `pending` go on as soon as its outcome is known."""

        def keep(answer: ReadyAnswer) -> None:
            if key is not None:
                self._store.keep(key, answer)

        def settle(end: PendingEnd = PendingEnd.ANSWERED) -> None:
            if pending is not None:
                self._pending.end(pending, end)

        self.misses += key is not None
        sending = _Sending(scope, send, keep, settle, may_keep=key is not None)
        try:
            await self._app(scope, receive, sending)
        except asyncio.CancelledError:
            settle(PendingEnd.CANCELLED)
            raise
        finally:
            settle()


async def _replay(answer: ReadyAnswer, scope: Scope, send: Send) -> None:
    """Send a ready answer as the application would."""
    scope["route"] = answer.route
    named = combined(scope["headers"], b"if-none-match")
    unchanged = answer.is_named_by(named or None)
    headers = without_body(answer.headers) if unchanged else list(answer.headers)
    await send({"type": "http.response.start", "status": 304 if unchanged else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if unchanged else answer.body})


class _Sending:
    """Sends the messages of one answer on, as 304 where the request names its tag, and keeps those that may be kept.

    Requests that wait for this one go on before anything is sent: a client that reads slowly must not delay others.
    """

    __slots__ = ("_body", "_keep", "_kept", "_may_keep", "_scope", "_send", "_settle", "_size", "_start", "_unchanged")

    def __init__(
        self,
        scope: Scope,
        send: Send,
        keep: Callable[[ReadyAnswer], None],
        settle: Callable[[], None],
        *,
        may_keep: bool,
    ) -> None:
        self._scope = scope
        self._send = send
        self._keep = keep
        self._settle = settle
        self._may_keep = may_keep
        self._kept: ReadyAnswer | None = None
        self._start: Message | None = None
        self._unchanged = False
        self._body: list[bytes] = []
        self._size = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 200:
                message = self._begin(message)
            if self._kept is not None:
                self._start = message
                return
            self._settle()
        else:
            if self._kept is not None:
                self._note_body(self._kept, message)
                self._settle()
            if self._start is not None:
                start, self._start = self._start, None
                await self._send(start)
            if self._unchanged:
                message = {**message, "body": b""}
        await self._send(message)

    def _begin(self, message: Message) -> Message:
        headers: RawHeaders = list(message["headers"])
        tag = _value(headers, b"etag")
        if tag is None:
            return message
        validity = self._scope["state"].get(_VALIDITY) if self._may_keep else None
        if validity is not None and _is_same_for_all(headers):
            self._kept = ReadyAnswer(headers, b"", tag, validity, self._scope.get("route"))
        named = combined(self._scope["headers"], b"if-none-match")
        self._unchanged = bool(named) and names_tag(named, tag)
        return {**message, "status": 304, "headers": without_body(headers)} if self._unchanged else message

    def _note_body(self, answer: ReadyAnswer, message: Message) -> None:
        """Note a part of the body, and keep the answer with the last one, unless it is too large."""
        part = message.get("body", b"")
        self._size += len(part)
        if self._size <= _LARGEST:
            self._body.append(part)
            if not message.get("more_body", False):
                answer.body = b"".join(self._body)
                self._keep(answer)


def _is_same_for_all(headers: RawHeaders) -> bool:
    """Whether an answer is public, and depends on no header of the request that is not in its key."""
    varies = {name.strip().lower() for name in (_value(headers, b"vary") or b"").split(b",")} - {b""}
    return (_value(headers, b"cache-control") or b"").startswith(b"public") and varies <= KEY_HEADERS


def _value(headers: RawHeaders, name: bytes) -> bytes | None:
    return next((value for key, value in headers if key == name), None)
