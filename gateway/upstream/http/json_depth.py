"""Computes the nesting depth of a JSON body without parsing it, with fast bytes operations."""

import re
from typing import Final

from adapters.errors import UpstreamMalformedError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import Layer, Send, UpstreamRequest

_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'"[]{}'))
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_TEXT: Final = re.compile(rb'"[^"]*"')
_OPENERS: Final = re.compile(rb"\[*")
_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*[\[{]")


def check_depth(content: bytes, limit: int) -> None:
    """Raise `UpstreamMalformedError` when a JSON body nests deeper than `limit`; other bodies pass.

    For valid JSON the depth is exact. For broken JSON it is at least the depth that a parser would reach before it
    fails. Strings are removed first, then innermost pairs layer by layer; each removal is one level.
    """
    if not _START.match(content) or content.count(b"[") + content.count(b"{") <= limit:
        return
    # A backslash occurs only within a string, where it escapes the following character: pairs first, then quotes.
    plain = content.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = _TEXT.sub(b"", plain.translate(None, _NOT_STRUCTURE).replace(b'""', b""))
    if _levels(brackets.translate(_ONE_KIND, b'"'), limit) > limit:
        raise UpstreamMalformedError("the answer nests deeper than allowed")


def _levels(brackets: bytes, limit: int) -> int:
    for level in range(limit + 1):
        if not brackets:
            return level
        inner = brackets.replace(b"[]", b"")
        if len(inner) == len(brackets):
            # The rest cannot be paired: a parser gets no further than the openers at its start.
            openers = _OPENERS.match(brackets)
            return level + (len(openers[0]) if openers else 0)
        brackets = inner
    return limit + 1


def limit_json_depth(limit: int) -> Layer:
    """Refuses answers whose JSON nests deeper than `limit`."""

    def layer(call_next: Send) -> Send:
        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            answer = await call_next(request, call_state)
            check_depth(answer.content, limit)
            return answer

        return send

    return layer
