"""Public answers that were sent before, kept as bytes and sent again while they are true.

This layer knows requests and responses, and no records. It never makes an answer: it keeps what the application sent,
if the application stated how long that stays true (`allow_keeping`), so an answer from here is the application's own.
It also turns answers into 304 for requests that name the present tag, so that nothing else compares tags.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.request_headers import Header, RawHeaders, accepts_gzip, combined, preferred_language, with_vary
from gateway.ground.clock import Clock
from gateway.snapshots.validity import Validity
from schemas.texts import Language

Key = tuple[object, ...]

_VALIDITY: Final = "validity"
_READ_METHODS: Final = ("GET", "HEAD")
_BYPASS: Final = frozenset(
    {
        b"authorization",
        b"content-length",
        b"cookie",
        b"dpop",
        b"expect",
        b"gerbang-purpose",
        b"gerbang-request",
        b"if-match",
        b"if-modified-since",
        b"if-range",
        b"if-unmodified-since",
        b"prefer",
        b"range",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Requests with one of these are answered by the application."""
_KEY_HEADERS: Final = frozenset({b"accept", b"accept-language", b"accept-encoding"})
"""The headers that an answer may depend on to be kept; with `Vary`, it states on which it depends."""
_BODY_HEADERS: Final = frozenset({b"content-length", b"content-type", b"content-encoding"})
_REMEMBERED: Final = 256
_MOST_BYTES: Final = 32 * 1024 * 1024
_LARGEST: Final = 1024 * 1024
_OVERHEAD: Final = 2048
"""Bytes that an answer takes besides its body, roughly: headers, key, objects."""


def allow_keeping(scope: Scope, validity: Validity) -> None:
    """State that the public answer to this request may be sent again for as long as `validity` holds."""
    scope["state"][_VALIDITY] = validity


@dataclass(slots=True)
class ReadyAnswer:
    """A complete answer with status 200. `route` is the route object that made it."""

    headers: RawHeaders
    body: bytes = field(repr=False)
    tag: bytes
    validity: Validity
    route: Any
    _variants: dict[tuple[bool, bool], RawHeaders] = field(default_factory=dict, repr=False)
    _heads: dict[tuple[bool, bool], bytes] = field(default_factory=dict, repr=False)

    def is_named_by(self, if_none_match: bytes | None) -> bool:
        """Whether a request with this `If-None-Match` gets 304."""
        return if_none_match is not None and _names_tag(if_none_match, self.tag)

    def headers_for(self, always: Iterable[Header], *, by_origin: bool, unchanged: bool) -> RawHeaders:
        """Return the headers of 200 or of 304, with those of every answer; the caller copies before it changes them."""
        headers = self._variants.get((by_origin, unchanged))
        if headers is None:
            headers = without_body(self.headers) if unchanged else list(self.headers)
            present = dict(headers)
            headers += [pair for pair in always if pair[0] not in present]
            headers = with_vary(headers, b"Origin") if by_origin else headers
            self._variants[by_origin, unchanged] = headers
        return headers

    def head_for(self, always: Iterable[Header], *, by_origin: bool, unchanged: bool) -> bytes:
        """Return the same as bytes: the status line and the lines of the headers, each with its end."""
        head = self._heads.get((by_origin, unchanged))
        if head is None:
            headers = self.headers_for(always, by_origin=by_origin, unchanged=unchanged)
            lines = [b"HTTP/1.1 304 Not Modified" if unchanged else b"HTTP/1.1 200 OK"]
            lines += [b"%b: %b" % pair for pair in headers]
            head = self._heads[by_origin, unchanged] = b"\r\n".join(lines) + b"\r\n"
        return head


class ReadyAnswers:
    """ASGI layer in front of the application. The answers that were used longest ago make room for others."""

    def __init__(self, app: ASGIApp, clock: Clock, most_bytes: int = _MOST_BYTES) -> None:
        self._app = app
        self._clock = clock
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Key, ReadyAnswer] = OrderedDict()
        self.hits = self.misses = 0

    @property
    def count(self) -> int:
        """How many answers are kept."""
        return len(self._answers)

    def find(self, scope: Scope, sent: Mapping[bytes, bytes]) -> ReadyAnswer | None:
        """Return the answer to a request with the headers `sent`; None if there is none that is still true."""
        key = _key_of(scope, sent)
        found = self._answers.get(key) if key is not None else None
        if key is None or found is None:
            return None
        if not found.validity.holds(self._clock()):
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        self.hits += 1
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and keep its answer if it may be kept."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        key = _key_of(scope, dict(scope["headers"]))
        self.misses += key is not None
        sending = _Sending(scope, send, may_keep=key is not None)
        await self._app(scope, receive, sending)
        answer = sending.complete_answer()
        if key is not None and answer is not None and answer.validity.holds(self._clock()):
            self._keep(key, answer)

    def _keep(self, key: Key, answer: ReadyAnswer) -> None:
        self._drop(key)
        self._answers[key] = answer
        self._bytes += len(answer.body) + _OVERHEAD
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: Key) -> None:
        dropped = self._answers.pop(key, None)
        if dropped is not None:
            self._bytes -= len(dropped.body) + _OVERHEAD


class _Sending:
    """Sends the messages of one answer on, as 304 where the request names its tag, and notes those that may be kept."""

    __slots__ = ("_body", "_complete", "_kept", "_may_keep", "_scope", "_send", "_size", "_unchanged")

    def __init__(self, scope: Scope, send: Send, *, may_keep: bool) -> None:
        self._scope = scope
        self._send = send
        self._may_keep = may_keep
        self._kept: ReadyAnswer | None = None
        self._unchanged = False
        self._body: list[bytes] = []
        self._size = 0
        self._complete = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 200:
                message = self._begin(message)
        else:
            if self._kept is not None:
                self._note_body(message)
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
        self._unchanged = bool(named) and _names_tag(named, tag)
        return {**message, "status": 304, "headers": without_body(headers)} if self._unchanged else message

    def _note_body(self, message: Message) -> None:
        part = message.get("body", b"")
        self._size += len(part)
        self._complete = not message.get("more_body", False)
        if self._size <= _LARGEST:
            self._body.append(part)

    def complete_answer(self) -> ReadyAnswer | None:
        """The answer, if it may be kept, was sent in full, and is not too large."""
        if self._kept is None or not self._complete or self._size > _LARGEST:
            return None
        self._kept.body = b"".join(self._body)
        return self._kept


def _is_same_for_all(headers: RawHeaders) -> bool:
    """Whether an answer is public, and depends on no header of the request that is not in its key."""
    varies = {name.strip().lower() for name in (_value(headers, b"vary") or b"").split(b",")} - {b""}
    return (_value(headers, b"cache-control") or b"").startswith(b"public") and varies <= _KEY_HEADERS


def _key_of(scope: Scope, sent: Mapping[bytes, bytes]) -> Key | None:
    """Return what a public answer depends on; None for a request that only the application answers.

    The headers in it are those of `_KEY_HEADERS`, as far as their values make a difference.
    """
    if scope["method"] not in _READ_METHODS or len(sent) != len(scope["headers"]) or not _BYPASS.isdisjoint(sent):
        return None
    return (
        scope["path"],
        scope["query_string"],
        sent.get(b"accept"),
        _language(sent.get(b"accept-language", b"")),
        _accepts_gzip(sent.get(b"accept-encoding", b"")),
    )


@lru_cache(_REMEMBERED)
def _language(accept_language: bytes) -> Language:
    return preferred_language(accept_language.decode("latin-1"))


@lru_cache(_REMEMBERED)
def _accepts_gzip(accept_encoding: bytes) -> bool:
    return accepts_gzip(accept_encoding.decode("latin-1"))


def without_body(headers: RawHeaders) -> RawHeaders:
    """Return the headers of a 304. `Content-Disposition` stays: a 304 refers to the stored file."""
    return [pair for pair in headers if pair[0] not in _BODY_HEADERS]


def _value(headers: RawHeaders, name: bytes) -> bytes | None:
    return next((value for key, value in headers if key == name), None)


def _names_tag(if_none_match: bytes, tag: bytes) -> bool:
    """Compare weakly (RFC 9110, 13.1.2)."""
    opaque = tag.removeprefix(b"W/")
    tags = {part.strip().removeprefix(b"W/") for part in if_none_match.split(b",")}
    return b"*" in tags or opaque in tags
