"""Nothing leaves but to the office's own origin, by an address that means the same to us and to the system."""

import re
from typing import Final
from urllib.parse import urlencode

from pydantic import HttpUrl
from yarl import URL

from adapters.errors import QueryRefusedError
from adapters.upstream import HttpAnswer, HttpRequest, Pairs
from gateway.upstream.request import Layer, Send, UpstreamRequest

_PATH: Final = re.compile(r"/[!-~]*")
# Dots between separators, however they are written: some servers decode first and go up a folder then, and some take
# what follows a semicolon for a parameter.
_NOT_IN_A_PATH: Final = re.compile(
    r"[?#\\]|(?:/|%2f|%5c)(?:\.|%2e){1,2}(?:/|%2f|%5c|;|%3b|$)|%(?:0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE
)
_OURS: Final = frozenset(
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
    """Scheme, host and port of an office's `base_url`, and the path below which its interface lies."""

    def __init__(self, base_url: HttpUrl) -> None:
        if base_url.username or base_url.password or base_url.query or base_url.fragment:
            raise ValueError("base_url is scheme, host, port and path; nothing secret and nothing more")
        self._base = URL(str(base_url))
        self._prefix = str(self._base).rstrip("/")

    def address(self, request: HttpRequest) -> URL:
        """Where the request goes. Raises `QueryRefusedError` for one that could be read in another way elsewhere."""
        query = _written(request.query)
        if query is None or not _PATH.fullmatch(request.path) or _NOT_IN_A_PATH.search(request.path):
            raise QueryRefusedError("the question cannot be put as an address of this system")
        address = URL(f"{self._prefix}{request.path}{query}", encoded=True)
        if (address.scheme, address.raw_host, address.port) != (
            self._base.scheme,
            self._base.raw_host,
            self._base.port,
        ):
            raise QueryRefusedError("the question would have left this system's origin")
        return address


def _written(query: Pairs) -> str | None:
    """The query as it stands in an address; None when it cannot be written in UTF-8."""
    try:
        return f"?{urlencode(query)}" if query else ""
    except UnicodeEncodeError:
        return None


def on_the_list(origin: Origin) -> Layer:
    """Refuses a request that would leave the office's origin or set a header that is the engine's own."""

    def layer(onward: Send) -> Send:
        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            for name in request.headers:
                if name.lower() in _OURS:
                    raise QueryRefusedError("the request sets a header that belongs to the connection")
            trip.address = origin.address(request)
            return await onward(request, trip)

        return send

    return layer
