"""The head of one answer: status, headers, and how its body is delimited. llhttp, by httptools, parses it."""

from dataclasses import dataclass
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from adapters.errors import UpstreamMalformedError
from gateway.upstream.http.answer_fields import collect_fields

_VERSIONS: Final = frozenset({"1.0", "1.1"})
_LOWEST_STATUS: Final = 100
_SWITCHING_PROTOCOLS: Final = 101
_WITHOUT_BODY: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class AnswerHead:
    """The head of an answer.

    `length`: bytes of the body; None when it is `chunked`, or ends with the connection. `keeps_alive`: the system lets
    the connection be used again.
    """

    status: int
    headers: dict[str, str]
    cookies: dict[str, str]
    length: int | None
    chunked: bool
    keeps_alive: bool


class _Callbacks:
    """Receives the fields of one head from the parser."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, str]] = []
        self.complete = self.keeps_alive = False
        self.parser = HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.decode("ascii"), value.rstrip(b" \t").decode("utf-8", "surrogateescape")))

    def on_headers_complete(self) -> None:
        # The parser forgets whether to keep the connection as soon as an answer without a body is complete.
        self.complete, self.keeps_alive = True, self.parser.should_keep_alive()


def parse_head(raw: bytes) -> AnswerHead:
    """Parse one complete head, with its blank line. Raises `UpstreamMalformedError`.

    Lines may end with LF alone, which old systems send; nothing else that llhttp calls lenient is accepted.
    """
    found = _Callbacks()
    found.parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)
    valid = True
    try:
        found.parser.feed_data(raw)
    except (HttpParserError, HttpParserUpgrade):
        valid = False
    status = found.parser.get_status_code()
    if found.complete and status == _SWITCHING_PROTOCOLS:
        raise UpstreamMalformedError("the system asked to switch protocols")
    if not valid or not found.complete or status < _LOWEST_STATUS or found.parser.get_http_version() not in _VERSIONS:
        raise UpstreamMalformedError("the answer is not valid HTTP")
    headers, cookies = collect_fields(found.fields)
    length, chunked = _framing(status, headers)
    return AnswerHead(status, headers, cookies, length, chunked, found.keeps_alive)


def _framing(status: int, headers: dict[str, str]) -> tuple[int | None, bool]:
    """The length of the body, if it is known, and whether it is chunked (RFC 9112, 6.3)."""
    if status in _WITHOUT_BODY:
        return 0, False
    coding, length = headers.get("transfer-encoding"), headers.get("content-length")
    if coding is not None and (length is not None or coding.lower() != "chunked"):
        raise UpstreamMalformedError("the length or framing of the answer is wrong")
    # llhttp has checked that the length is one number in digits.
    return (int(length) if length is not None else None), coding is not None
