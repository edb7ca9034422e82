"""Generates HTTP answers, sound and damaged, and cuts them into pieces."""

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

MAX_BYTES = 300
"""The bound on a body with which the generated answers are read: small, so that some exceed it."""

BODIES = st.binary(max_size=80) | st.sampled_from(
    [b"", b"{}", b"\r\n\r\n", b"0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"x" * 400]
)
FIELDS = st.lists(
    st.sampled_from(
        [
            b"Connection: close",
            b"Connection: keep-alive",
            b"Content-Encoding: gzip",
            b"Content-Encoding: deflate",
            b"Content-Encoding: br",
            b"Content-Length: 5",
            b"Content-Length: 0",
            b"Content-Length: -1",
            b"Content-Length: 99999999999999999999",
            b"Content-Length: 5, 5",
            b"Set-Cookie: a=b; Path=/",
            b"Transfer-Encoding: chunked",
            b"Transfer-Encoding: gzip, chunked",
            b"Transfer-Encoding: identity",
            b"Upgrade: websocket",
            b"X-Empty:",
            b"X-Folded: a\r\n b",
            b"X-Name : a",
            b"X-Raw: \xff\xc3\xa9",
            b"X-Twice: 1",
            b"X-Twice: 2",
        ]
    ),
    max_size=4,
)
STATUS_LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 OK",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 204 No Content",
        b"HTTP/1.1 304 Not Modified",
        b"HTTP/1.1 404 ",
        b"HTTP/1.1 500",
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.1 099 Low",
        b"HTTP/2.0 200 OK",
        b"HTTP/1.1 20 OK",
        b"ICY 200 OK",
    ]
)
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"


def chunked(body: bytes, size: int, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    """The body in chunks of `size` bytes."""
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
    return chunks + b"0" + extension + b"\r\n" + trailers + b"\r\n"


@st.composite
def chunked_bodies(draw: st.DrawFn) -> bytes:
    """Bodies in chunks, with extensions and trailers."""
    extension = draw(st.sampled_from([b"", b"", b";a=b", b' ;a="b"', b" ", b";\x00", b"x"]))
    trailers = draw(st.sampled_from([b"", b"", b"X-A: b\r\n", b"X-A: b\r\nX-C: d\r\n", b"bad\r\n", b" folded\r\n"]))
    return chunked(draw(BODIES), draw(st.integers(1, 50)), extension, trailers)


@st.composite
def sound_or_nearly(draw: st.DrawFn) -> bytes:
    """One answer: mostly sound, sometimes with fields that contradict each other."""
    body, fields = draw(BODIES), draw(FIELDS)
    if draw(st.booleans()) and b"Content-Encoding: gzip" in fields:
        body = gzip.compress(body, mtime=0)
    framing = draw(st.sampled_from(["length", "length", "chunked", "chunked", "end", "none"]))
    if framing == "length":
        fields = [*fields, b"Content-Length: %d" % len(body)]
    elif framing == "chunked":
        fields, body = [*fields, b"Transfer-Encoding: chunked"], draw(chunked_bodies())
    elif framing == "none":
        body = b""
    line_end = draw(st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n"]))
    head = line_end.join([draw(STATUS_LINES), *fields, b"", b""])
    before = draw(st.sampled_from([b"", b"", b"", b"\r\n", INTERIM, INTERIM * 101]))
    return before + head + body


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An answer with a few bytes changed, removed, doubled or inserted."""
    answer = bytearray(draw(sound_or_nearly()))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(answer)))
        how = draw(st.sampled_from(["cut", "double", "insert", "remove", "replace"]))
        some = draw(
            st.binary(min_size=1, max_size=4) | st.sampled_from([b"\r\n", b"\n", b"\r", b"\0", b";", b":", b" "])
        )
        if how == "cut":
            del answer[at:]
        elif how == "double":
            answer[at:at] = answer[at : at + 20]
        elif how == "insert":
            answer[at:at] = some
        elif how == "remove":
            del answer[at : at + len(some)]
        else:
            answer[at : at + len(some)] = some
    return bytes(answer)


SURPLUS = st.sampled_from([b"", b"", b"\r\n", b"\n", b"x", b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"old"'])


@dataclass(frozen=True)
class Exchange:
    """All bytes that a system sends on one connection, and the places at which they are cut into pieces."""

    data: bytes
    cuts: tuple[int, ...]

    def pieces(self) -> Sequence[bytes]:
        """The pieces in their order; none is empty."""
        edges = [0, *sorted({cut % (len(self.data) + 1) for cut in self.cuts}), len(self.data)]
        return [self.data[start:end] for start, end in pairwise(edges) if end > start]


@st.composite
def exchanges(draw: st.DrawFn) -> Exchange:
    """An answer, perhaps with surplus bytes after it, in pieces."""
    data = draw(mutated() | sound_or_nearly()) + draw(SURPLUS)
    cuts = draw(st.lists(st.integers(0, 6000), max_size=12).map(tuple) | st.just(tuple(range(min(len(data), 2000)))))
    return Exchange(data, cuts)
