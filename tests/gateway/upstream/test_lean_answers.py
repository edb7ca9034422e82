"""Our engine reads each answer in the same way, however it is cut, and never takes surplus bytes for an answer."""

import httptools
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.errors import AdapterError, UpstreamMalformedError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer
from gateway.upstream.http import lean_answer, lean_chunks
from gateway.upstream.http.lean_answer import AnswerReader
from gateway.upstream.http.lean_chunks import ChunkDecoder
from gateway.upstream.http.lean_head import parse_head
from tests.gateway.upstream.hostile_answers import MAX_BYTES, Exchange, chunked, chunked_bodies, exchanges, mutated
from tests.loops import examples

MANY = settings(max_examples=examples(1200), deadline=None, suppress_health_check=[HealthCheck.too_slow])

HEAD = b"HTTP/1.1 200 OK\r\n"


def read(pieces, max_bytes=MAX_BYTES):
    """The answer or the kind of error, whether the connection may be used again, and the number of bytes read."""
    reader, used = AnswerReader(max_bytes), 0
    try:
        for piece in pieces:
            used += len(piece)
            answer = reader.feed(piece)
            if answer is not None:
                return answer, reader.reusable, used
        return reader.end(), False, used
    except (UpstreamMalformedError, UpstreamUnavailableError) as error:
        return type(error), False, used


@MANY
@given(exchanges())
@example(Exchange(HEAD + b"Content-Length: 5\r\n\r\nabcde\r\n", ()))
@example(Exchange(b"HTT\r\n", (3,)))
def test_the_result_does_not_depend_on_how_the_bytes_are_cut(exchange):
    whole, whole_reusable, _ = read([exchange.data])
    cut, cut_reusable, used = read(exchange.pieces())
    assert cut == whole
    if isinstance(whole, HttpAnswer):
        # In one piece, surplus bytes are seen with the answer; when they come later, the idle connection sees them.
        assert whole_reusable <= cut_reusable
        if cut_reusable and not whole_reusable:
            assert used < len(exchange.data)


@MANY
@given(exchanges())
def test_an_answer_that_lets_the_connection_be_used_again_was_followed_by_nothing(exchange):
    answer, reusable, used = read(exchange.pieces())
    if reusable:
        # One byte less is no answer yet: the answer ends exactly where the read bytes end.
        again, _, _ = read([exchange.data[: used - 1]])
        assert isinstance(answer, HttpAnswer)
        assert not isinstance(again, HttpAnswer)


@MANY
@given(mutated())
def test_a_head_is_complete_at_its_blank_line_and_not_before(data):
    found = lean_answer._HEAD_END.search(data)
    head = data[: found.end()] if found else data
    for end in range(len(head)):
        with pytest.raises(AdapterError):
            parse_head(head[:end])


class Peer:
    """llhttp, reading the same chunked body after a head."""

    def __init__(self):
        self.body, self.complete = b"", False
        self.parser = httptools.HttpResponseParser(self)
        self.parser.set_dangerous_leniencies(lenient_spaces_after_chunk_size=True)
        self.parser.feed_data(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        self.complete = True


@MANY
@given(chunked_bodies() | st.tuples(chunked_bodies(), chunked_bodies()).map(b"".join), st.integers(0, 200))
def test_a_chunked_body_ends_where_llhttp_says_and_has_the_same_content(data, cut):
    content = []
    decoder = ChunkDecoder(content.append)
    try:
        first = decoder.feed(data[:cut])
        second = decoder.feed(data[cut:]) if first is None else None
    except UpstreamMalformedError:
        return
    if first is None and second is None:
        return
    used = first if first is not None else cut + second
    peer = Peer()
    peer.parser.feed_data(data[: used - 1])
    assert not peer.complete
    peer.parser.feed_data(data[used - 1 : used])
    assert peer.complete
    assert peer.body == b"".join(content)


@pytest.mark.parametrize(
    "body",
    [
        b"g\r\n",
        b"\r\n",
        b"-1\r\n",
        b"+1\r\na\r\n",
        b"0x1\r\na\r\n",
        b"1_0\r\n",
        b" 1\r\na\r\n",
        b"1\na\r\n",
        b"1\r\nab\r\n",
        b"1\r\na\n0\r\n\r\n",
        b"1;\0\r\na\r\n",
        b"1;\r\r\na\r\n",
        b"1" * 16 + b"\r\n",
        b"0\r\n X: folded\r\n\r\n",
        b"0\r\nno colon\r\n\r\n",
        b"0\r\nX : a\r\n\r\n",
        b"0\r\nX: a\0\r\n\r\n",
        b"0\r\nX: a\n\r\n",
    ],
)
def test_wrong_framing_of_chunks_is_refused(body):
    with pytest.raises(UpstreamMalformedError, match="length or framing"):
        ChunkDecoder([].append).feed(body)


FIVE = b"Content-Length: 5\r\n"


@pytest.mark.parametrize(
    "fields",
    [
        FIVE + FIVE,
        FIVE + b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\n" + FIVE,
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: \r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: \r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 5 5\r\n",
        b"Content-Length : 5\r\n",
        b"X-A: b\r\n c\r\n",
        b"X-A: b\0\r\n",
        b"X-A: b\x01\r\n",
        b"X-A: b\r\r\n",
        b"X A: b\r\n",
        b": b\r\n",
        b"X-A\r\n",
    ],
)
def test_a_head_that_could_be_read_in_two_ways_is_refused(fields):
    assert read([HEAD + fields + b"\r\nabcde"])[0] is UpstreamMalformedError


def framed(count):
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"x" * count, 1)


def padded(size):
    """A head of this size, and an empty body."""
    rest = len(HEAD + b"Content-Length: 0\r\nX-A: \r\n\r\n")
    return HEAD + b"Content-Length: 0\r\nX-A: " + b"x" * (size - rest) + b"\r\n\r\n"


def extended(size):
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n0;" + b"x" * (size - 1) + b"\r\n\r\n"


def trailed(size):
    line = b"X-A: " + b"x" * 1017 + b"\r\n"
    assert len(line) == 1024
    assert size % 1024 in {0, 1}
    last = line if size % 1024 == 0 else line.replace(b": ", b":  ")
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + line * (size // 1024 - 1) + last + b"\r\n"


def interim(count):
    return b"HTTP/1.1 100 Continue\r\n\r\n" * count + HEAD + b"Content-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (padded, lean_answer.MOST_HEAD_BYTES),
        (interim, lean_answer.MOST_INTERIM),
        (extended, lean_chunks.MOST_LINE_BYTES - 3),
        (trailed, lean_chunks.MOST_EXTRA_BYTES),
        (framed, lean_chunks.MOST_CHUNKS - 1),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_bound_is_exact(make, most):
    assert read([make(most)], 1_000_000)[0].status == 200
    excessive = make(most + 1)
    for size in (1000, len(excessive)):
        pieces = (excessive[at : at + size] for at in range(0, len(excessive), size))
        assert read(pieces, 1_000_000)[0] is UpstreamMalformedError


def test_a_greeting_of_another_protocol_is_refused_at_its_first_bytes():
    with pytest.raises(UpstreamMalformedError, match="not valid HTTP"):
        AnswerReader(100).feed(b"SSH")


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_fields_are_joined_and_cookies_kept_apart(line_end):
    lines = [
        b"HTTP/1.1 200",
        b"X-A:  1 \t",
        b"x-a: 2",
        b"X-Empty:",
        b"Set-Cookie: ci=a=b; Path=/",
        b"Set-Cookie: other",
        b"X-Raw: \xc3\xa9\xff",
        b"Content-Length: 2",
        b"",
        b"{}",
    ]
    answer, reusable, _ = read([line_end.join(lines)])
    assert answer == HttpAnswer(
        200,
        {"x-a": "1, 2", "x-empty": "", "x-raw": "é\udcff", "content-length": "2"},
        b"{}",
        {"ci": "a=b", "other": ""},
    )
    assert reusable


@pytest.mark.parametrize(
    ("data", "content", "reusable"),
    [
        (b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n", b"", True),
        (b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n", b"", True),
        (HEAD + b"Connection: close\r\n" + FIVE + b"\r\nabcde", b"abcde", False),
        (b"HTTP/1.0 200 OK\r\n" + FIVE + b"\r\nabcde", b"abcde", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + FIVE + b"\r\nabcde", b"abcde", True),
        (HEAD + b"\r\nabcde", b"abcde", False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(b"abcde", 2, b";a=b", b"X-A: b\r\n"), b"abcde", True),
        (HEAD + FIVE + b"\r\nabcde\r\n", b"abcde", False),
        (b"\r\n" + HEAD + FIVE + b"\r\nabcde", b"abcde", True),
    ],
)
def test_the_body_ends_where_the_head_says(data, content, reusable):
    answer, may_be_used_again, _ = read([data])
    assert (answer.content, may_be_used_again) == (content, reusable)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UpstreamUnavailableError),
        (HEAD, UpstreamUnavailableError),
        (b"HTTP/1.1 100 Continue\r\n\r\n", UpstreamUnavailableError),
        (HEAD + FIVE + b"\r\nabcd", UpstreamMalformedError),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", UpstreamMalformedError),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n", UpstreamMalformedError),
    ],
)
def test_an_end_that_is_too_early_is_no_answer(data, error):
    assert read([data])[0] is error
