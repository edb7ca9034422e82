"""Keys of public answers: two requests with the same key get the same answer while nothing changes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from starlette.types import Scope

from gateway.api.request_headers import accepts_gzip, preferred_language
from schemas.texts import Language

Key = tuple[object, ...]

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
KEY_HEADERS: Final = frozenset({b"accept", b"accept-language", b"accept-encoding"})
"""The headers that an answer may depend on to be kept; with `Vary`, it states on which it depends."""
_REMEMBERED: Final = 256


def answer_key(scope: Scope, sent: Mapping[bytes, bytes]) -> Key | None:
    """Return what a public answer depends on; None for a request that only the application answers.

    The headers in it are those of `KEY_HEADERS`, as far as their values make a difference.
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
