"""Decodes the chunked transfer coding (RFC 9112, 7.1) strictly, and reports exactly where the answer ends.

llhttp bounds neither extensions, trailers nor the number of chunks, and httptools does not report the position at which
a message ends. Both matter here: bytes after an answer must not be taken for the next one.
"""

import re
from collections.abc import Callable
from typing import Final

from adapters.errors import UpstreamMalformedError

MOST_CHUNKS: Final = 100_000
MOST_LINE_BYTES: Final = 8192
MOST_EXTRA_BYTES: Final = 32_768
"""Bytes of chunk extensions and trailers."""

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;[\t\x20-\x7e\x80-\xff]*)?\r\n")
_TRAILER: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n")


class ChunkDecoder:
    """Decodes one body. `collect` receives its content, piece by piece; trailers are dropped."""

    def __init__(self, collect: Callable[[bytes], None]) -> None:
        self._collect = collect
        self._content_left = 0
        self._line = b""
        # Plain functions: a bound method would make this object hold itself, and the body, until garbage is collected.
        self._read_line = ChunkDecoder._size_line
        self._chunks = self._extra_bytes = 0
        self._complete = False

    def feed(self, data: bytes) -> int | None:
        """Decode one piece as received.

        Returns the number of its bytes that belong to the body when the body is complete, else None. Raises
        `UpstreamMalformedError` for bad framing and for more than a bound, and what `collect` raises.
        """
        position = 0
        while position < len(data):
            if self._content_left:
                piece = data[position : position + self._content_left]
                position += len(piece)
                self._content_left -= len(piece)
                self._collect(piece)
                continue
            end = data.find(b"\n", position) + 1
            self._line += data[position : end or len(data)]
            if len(self._line) > MOST_LINE_BYTES:
                raise framing_error()
            if not end:
                return None
            line, self._line, position = self._line, b"", end
            self._read_line(self, line)
            if self._complete:
                return position
        return None

    def _size_line(self, line: bytes) -> None:
        found = _SIZE.fullmatch(line)
        self._chunks += 1
        if found is None or self._chunks > MOST_CHUNKS:
            raise framing_error()
        self._count_extra(found[2] or b"")
        self._content_left = int(found[1], 16)
        self._read_line = ChunkDecoder._content_end if self._content_left else ChunkDecoder._trailer_line

    def _content_end(self, line: bytes) -> None:
        """The line break after the content of a chunk."""
        if line != b"\r\n":
            raise framing_error()
        self._read_line = ChunkDecoder._size_line

    def _trailer_line(self, line: bytes) -> None:
        if line == b"\r\n":
            self._complete = True
            return
        self._count_extra(line)
        if not _TRAILER.fullmatch(line):
            raise framing_error()

    def _count_extra(self, extra: bytes) -> None:
        self._extra_bytes += len(extra)
        if self._extra_bytes > MOST_EXTRA_BYTES:
            raise framing_error()


def framing_error() -> UpstreamMalformedError:
    """The error for a body that is not delimited as its head says."""
    return UpstreamMalformedError("the length or framing of the answer is wrong")
