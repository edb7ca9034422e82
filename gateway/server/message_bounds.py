"""Bounds on the sizes of a request's head, of its trailers, and of the framing of its chunks.

The parser reports a field only when it is complete, so the bytes of incomplete fields are counted as they arrive.
"""

from collections.abc import Iterable
from typing import Final

MOST_HEAD_BYTES: Final = 32_768
MOST_TRAILERS: Final = 64
MOST_TRAILER_BYTES: Final = 8192
MOST_FRAMING_BYTES: Final = 32_768
"""Bytes of a chunked body besides content and plain size lines: chunk extensions and trailers."""
_PLAIN_CHUNK_BYTES: Final = 20
"""Framing that every chunk may have: a size in hexadecimal digits and two line breaks."""
_FIELD_BYTES: Final = 4
"""Bytes of a field besides its name and value: a colon, a space and a line break."""


class HeadTooLargeError(Exception):
    """The head of a request exceeds its bound. The parser turns this into 400, and the connection ends."""


class TrailersTooLargeError(Exception):
    """The trailers of a request exceed their bound. The parser turns this into 400, and the connection ends."""


class MessageBounds:
    """Counts what arrived of one request. `begin` starts with the next one."""

    __slots__ = ("_framing", "_head", "_plain", "_trailer_bytes", "_trailers")

    def __init__(self) -> None:
        self._plain = 0
        self.begin()

    def begin(self) -> None:
        """A request begins."""
        self._head = self._framing = self._trailers = self._trailer_bytes = 0

    def begin_data(self) -> None:
        """More bytes arrived from the client."""
        self._plain = 0

    def is_head_allowed(self, received: int) -> bool:
        """Count bytes of a head that began earlier and is not complete; whether it may go on."""
        self._head += received
        return self._head <= MOST_HEAD_BYTES

    def check_head(self, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Check a complete head. Raises `HeadTooLargeError`."""
        size = len(target)
        for name, value in headers:
            size += len(name) + len(value) + _FIELD_BYTES
        if size > MOST_HEAD_BYTES:
            raise HeadTooLargeError

    def count_trailer(self, name: bytes, value: bytes) -> None:
        """Count a trailer. Raises `TrailersTooLargeError`."""
        self._trailers += 1
        self._trailer_bytes += len(name) + len(value) + _FIELD_BYTES
        if self._trailers > MOST_TRAILERS or self._trailer_bytes > MOST_TRAILER_BYTES:
            raise TrailersTooLargeError

    def count_chunk(self) -> None:
        """Count the line with the size of a chunk."""
        self._plain += _PLAIN_CHUNK_BYTES

    def count_content(self, size: int) -> None:
        """Count content of the body."""
        self._plain += size

    def is_framing_allowed(self, received: int) -> bool:
        """Count what is neither content nor plain framing among the bytes received; whether the body may go on."""
        # Never below zero: small chunks must not allow larger extensions later.
        self._framing = max(0, self._framing + received - self._plain)
        return self._framing <= MOST_FRAMING_BYTES
