"""Collects the body of one answer within its bounds, and decompresses `gzip` and `deflate`.

No more bytes are decompressed than the row of the adapter allows.
"""

import zlib
from typing import Final, Protocol

from adapters.errors import UpstreamMalformedError

_GZIP: Final = 16 + zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS
_MOST_MEMBERS: Final = 64
_MOST_LENGTH_DIGITS: Final = 18


class BodyCollector(Protocol):
    """Collects the pieces of a body."""

    def feed(self, piece: bytes) -> None:
        """Add one piece as received. Raises `UpstreamMalformedError` over the bound, or for damaged compression."""
        ...

    def decoded(self) -> bytes:
        """The decoded body. Raises `UpstreamMalformedError` when the compressed bytes end too early."""
        ...


def too_large() -> UpstreamMalformedError:
    """The error for an answer over its bound."""
    return UpstreamMalformedError("the answer is larger than allowed")


class PlainBody:
    """A body without compression."""

    def __init__(self, max_bytes: int) -> None:
        self._bytes_left = max_bytes
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        self._bytes_left -= len(piece)
        if self._bytes_left < 0:
            self._pieces.clear()  # the error keeps this object alive through its traceback, but not megabytes
            raise too_large()
        self._pieces.append(piece)

    def decoded(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class CompressedBody:
    """A compressed body, bounded in its compressed and in its decoded size. Members of gzip may follow each other."""

    def __init__(self, max_bytes: int, encoding: str) -> None:
        self._plain = PlainBody(max_bytes)
        self._bytes_left = self._decoded_left = max_bytes
        self._encoding = encoding
        self._current: zlib._Decompress | None = None
        self._members = 0

    def feed(self, piece: bytes) -> None:
        self._bytes_left -= len(piece)
        if self._bytes_left < 0:
            raise too_large()
        while piece:
            decompressor = self._current or self._decompressor(piece[0])
            self._current = decompressor
            try:
                made = decompressor.decompress(piece, self._decoded_left + 1)
            except zlib.error:
                made = None
            if made is None:
                raise UpstreamMalformedError("the answer's compression is damaged")
            self._decoded_left -= len(made)
            self._plain.feed(made)
            piece = decompressor.unconsumed_tail
            if decompressor.eof:
                piece, self._current = decompressor.unused_data.lstrip(b"\0"), None

    def decoded(self) -> bytes:
        if self._current is not None:
            raise UpstreamMalformedError("the answer's compression ends too early")
        return self._plain.decoded()

    def _decompressor(self, first: int) -> "zlib._Decompress":
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise UpstreamMalformedError("the answer is compressed in too many parts")
        if self._encoding == "gzip":
            return zlib.decompressobj(_GZIP)
        # RFC 9110 defines deflate as the zlib format; some systems send the raw stream, whose first byte is never 0x?8.
        return zlib.decompressobj(zlib.MAX_WBITS if first & 0x0F == 8 else _RAW)


def collector_for(encoding: str, max_bytes: int) -> BodyCollector:
    """Return the collector for this `Content-Encoding`. Raises `UpstreamMalformedError` for an unsupported one."""
    name = encoding.strip().lower().removeprefix("x-")
    if name in {"", "identity"}:
        return PlainBody(max_bytes)
    if name in {"gzip", "deflate"}:
        return CompressedBody(max_bytes, name)
    raise UpstreamMalformedError("the answer is compressed in a way that was not accepted")


def check_declared_length(content_length: str, max_bytes: int) -> None:
    """Raise `UpstreamMalformedError` for an answer whose `Content-Length` exceeds the bound."""
    if content_length.isdigit() and (len(content_length) > _MOST_LENGTH_DIGITS or int(content_length) > max_bytes):
        raise too_large()
