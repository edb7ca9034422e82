"""HTTP headers: lists over several lines, the preferred language, accepted encodings, tags, headers of a 304."""

import re
from functools import lru_cache
from typing import Final

from starlette.datastructures import Headers

from schemas.texts import Language

Header = tuple[bytes, bytes]
RawHeaders = list[Header]
"""Headers as ASGI has them: names in lower case."""

_BODY_HEADERS: Final = frozenset({b"content-length", b"content-type", b"content-encoding"})
_REMEMBERED: Final = 256
"""Values of a header that are read once. Clients send few different ones, and most of them are short."""
_ZERO_QUALITY: Final = re.compile(r"q=0(\.0*)?")


def combined_header(headers: Headers, name: str) -> str:
    """Return the value of a list header, joined from all of its lines (RFC 9110, 5.3)."""
    return ", ".join(headers.getlist(name))


def combined(headers: RawHeaders, name: bytes) -> bytes:
    """Return the value of a list header of raw headers, joined from all of its lines; empty without any."""
    return b", ".join([value for key, value in headers if key == name])


def with_vary(headers: RawHeaders, name: bytes) -> RawHeaders:
    """Return the headers with one more name in `Vary`, in one line: some caches read only one."""
    varies = [value for key, value in headers if key == b"vary"]
    return [*(pair for pair in headers if pair[0] != b"vary"), (b"vary", b", ".join([*varies, name]))]


@lru_cache(_REMEMBERED)
def preferred_language(accept_language: str) -> Language:
    """Return the supported language that the client prefers (RFC 9110); Indonesian by default."""
    best, best_quality = Language.INDONESIAN, 0.0
    for part in accept_language.split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        match = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameters)
        quality = float(match[1]) if match else (0.0 if parameters.strip() else 1.0)
        if primary in set(Language) and quality > best_quality:
            best, best_quality = Language(primary), quality
    return best


@lru_cache(_REMEMBERED)
def accepts_gzip(accept_encoding: str) -> bool:
    """Return whether the client accepts gzip."""
    for part in accept_encoding.split(","):
        coding, _, parameters = part.strip().partition(";")
        if coding.strip().lower() == "gzip":
            return _ZERO_QUALITY.fullmatch(parameters.replace(" ", "").lower()) is None
    return False


def without_body(headers: RawHeaders) -> RawHeaders:
    """Return the headers of a 304. `Content-Disposition` stays: a 304 refers to the stored file."""
    return [pair for pair in headers if pair[0] not in _BODY_HEADERS]


def names_tag(if_none_match: bytes, tag: bytes) -> bool:
    """Compare weakly (RFC 9110, 13.1.2)."""
    opaque = tag.removeprefix(b"W/")
    tags = {part.strip().removeprefix(b"W/") for part in if_none_match.split(b",")}
    return b"*" in tags or opaque in tags
