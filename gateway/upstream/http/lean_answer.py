"""Reads one answer from the bytes of a connection, within bounds; does no input or output itself.

The result depends only on the bytes, not on the pieces in which they arrive.
"""

import re
from typing import Final

from adapters.errors import UpstreamMalformedError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer
from gateway.upstream.http.body import BodyCollector, check_declared_length, collector_for
from gateway.upstream.http.lean_chunks import ChunkDecoder, framing_error
from gateway.upstream.http.lean_head import AnswerHead, parse_head

MOST_HEAD_BYTES: Final = 32_768
MOST_INTERIM: Final = 100
"""Interim answers (1xx) before the answer itself."""

_START: Final = b"HTTP/1."
_HEAD_END: Final = re.compile(rb"\n\r?\n")
_FIRST_FINAL_STATUS: Final = 200


class AnswerReader:
    """Reads one answer whose body has at most `max_bytes`, compressed and decompressed.

    `reusable`: the connection may serve another request, as far as this answer tells. `feed` and `end` raise
    `UpstreamMalformedError` as soon as a bound is exceeded or the answer is not valid.
    """

    __slots__ = ("_body", "_chunks", "_content_left", "_head", "_interim", "_max_bytes", "_unparsed", "reusable")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._unparsed = b""
        self._interim = 0
        self._head: AnswerHead | None = None
        self._body: BodyCollector | None = None
        self._chunks: ChunkDecoder | None = None
        self._content_left = 0
        self.reusable = False

    def feed(self, data: bytes) -> HttpAnswer | None:
        """Read one piece as received. Returns the answer when it is complete; nothing may be fed after that."""
        if self._head is None or self._body is None:
            return self._feed_head(data)
        return self._feed_body(self._head, self._body, data)

    def end(self) -> HttpAnswer:
        """The system has closed the connection: the answer, if this is how it ends.

        Raises `UpstreamUnavailableError` if the head is not complete.
        """
        if self._head is None or self._body is None:
            raise UpstreamUnavailableError("the connection was lost")
        if self._chunks is not None or self._head.length is not None:
            raise framing_error()
        return self._answer(self._head, self._body)

    def _feed_head(self, data: bytes) -> HttpAnswer | None:
        searched = max(0, len(self._unparsed) - 2)
        unparsed = self._unparsed + data
        while True:
            unparsed = unparsed.lstrip(b"\r\n")
            if unparsed[: len(_START)] != _START[: len(unparsed)]:
                raise UpstreamMalformedError("the answer is not valid HTTP")
            found = _HEAD_END.search(unparsed, searched)
            if (found.end() if found else len(unparsed)) > MOST_HEAD_BYTES:
                raise UpstreamMalformedError("the answer is not valid HTTP")
            if found is None:
                self._unparsed = unparsed
                return None
            head = parse_head(unparsed[: found.end()])
            unparsed, searched = unparsed[found.end() :], 0
            if head.status >= _FIRST_FINAL_STATUS:
                return self._begin_body(head, unparsed)
            self._interim += 1
            if self._interim > MOST_INTERIM:
                raise UpstreamMalformedError("the answer is not valid HTTP")

    def _begin_body(self, head: AnswerHead, data: bytes) -> HttpAnswer | None:
        check_declared_length(head.headers.get("content-length", ""), self._max_bytes)
        body = collector_for(head.headers.get("content-encoding", ""), self._max_bytes)
        self._head, self._body, self._unparsed = head, body, b""
        if head.chunked:
            self._chunks = ChunkDecoder(body.feed)
        self._content_left = head.length or 0
        return self._feed_body(head, body, data)

    def _feed_body(self, head: AnswerHead, body: BodyCollector, data: bytes) -> HttpAnswer | None:
        if self._chunks is not None:
            used = self._chunks.feed(data)
            if used is None:
                return None
        elif head.length is None:
            body.feed(data)
            return None
        else:
            used = min(self._content_left, len(data))
            body.feed(data[:used])
            self._content_left -= used
            if self._content_left:
                return None
        self.reusable = head.keeps_alive and used == len(data)
        return self._answer(head, body)

    def _answer(self, head: AnswerHead, body: BodyCollector) -> HttpAnswer:
        return HttpAnswer(head.status, head.headers, body.decoded(), head.cookies)
