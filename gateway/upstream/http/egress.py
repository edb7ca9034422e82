"""Restricts requests to the office's own origin, with addresses that every server parses in the same way."""

import re
from typing import Final
from urllib.parse import urlencode

from pydantic import HttpUrl
from yarl import URL

from adapters.errors import QueryRefusedError
from adapters.upstream import HttpAnswer, HttpRequest, Pairs
from gateway.upstream.request import Layer, Send, UpstreamRequest

_PATH: Final = re.compile(r"/[!-~]*")
# Dot segments between separators, in every encoding: some servers decode the path before they resolve dot segments, and
# some treat the text after a semicolon as a parameter.
_AMBIGUOUS_PATH: Final = re.compile(
    r"[?#\\]|(?:/|%2f|%5c)(?:\.|%2e){1,2}(?:/|%2f|%5c|;|%3b|$)|%(?:0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE
)
RESERVED_HEADERS: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)


class Origin:
    """Scheme, host and port of an office's `base_url`, and the path prefix of its interface."""

    def __init__(self, base_url: HttpUrl) -> None:
        if base_url.username or base_url.password or base_url.query or base_url.fragment:
            raise ValueError("base_url must be scheme, host, port and path, without credentials, query or fragment")
        self._base = URL(str(base_url))
        self._prefix = str(self._base).rstrip("/")

    def address(self, request: HttpRequest) -> URL:
        """The URL of the request. Raises `QueryRefusedError` for a path or query that is ambiguous."""
        query = _query_string(request.query)
        if query is None or not _PATH.fullmatch(request.path) or _AMBIGUOUS_PATH.search(request.path):
            raise QueryRefusedError("the question cannot be put as an address of this system")
        address = URL(f"{self._prefix}{request.path}{query}", encoded=True)
        if (address.scheme, address.raw_host, address.port) != (
            self._base.scheme,
            self._base.raw_host,
            self._base.port,
        ):
            raise QueryRefusedError("the request would leave the origin of this office")
        return address


def _query_string(query: Pairs) -> str | None:
    """The query string; None when it cannot be encoded in UTF-8."""
    try:
        return f"?{urlencode(query)}" if query else ""
    except UnicodeEncodeError:
        return None


def restrict_egress(origin: Origin) -> Layer:
    """Refuses a request that would leave the office's origin or set a header that only the engine may set."""

    def layer(call_next: Send) -> Send:
        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            for name in request.headers:
                if name.lower() in RESERVED_HEADERS:
                    raise QueryRefusedError("the request sets a header that belongs to the connection")
            call_state.address = origin.address(request)
            return await call_next(request, call_state)

        return send

    return layer
