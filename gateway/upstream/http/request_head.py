"""Writes an HTTP/1.1 request, and refuses anything in it that could end a line or change the connection."""

import re
from typing import Final

from adapters.errors import QueryRefusedError
from adapters.upstream import HttpRequest
from gateway.upstream.http.egress import RESERVED_HEADERS

USER_AGENT: Final = "Gerbang"

_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})
_TARGET: Final = re.compile(r"/[!-~]*")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_A_VALUE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DEFAULTS: Final = {"accept": "Accept: */*\r\n", "user-agent": f"User-Agent: {USER_AGENT}\r\n"}
"""Headers that are sent unless the adapter sets them."""


def request_bytes(request: HttpRequest, target: str, host: str) -> bytes:
    """The request to `target` (path and query, percent-encoded), with the header `Host: host`.

    The content is in memory, so its length is known and sent. An unsafe request asks the system to close the
    connection, which is not used again. Raises `QueryRefusedError`.
    """
    if request.method not in _METHODS or not _TARGET.fullmatch(target):
        raise _refusal()
    head = f"{request.method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip, deflate\r\n"
    defaults = _DEFAULTS
    for name, value in request.headers.items():
        key = name.lower()
        if key in RESERVED_HEADERS or not _NAME.fullmatch(name) or _NOT_IN_A_VALUE.search(value):
            raise _refusal()
        if key in defaults:
            defaults = {default: line for default, line in defaults.items() if default != key}
        head += f"{name}: {value}\r\n"
    head += "".join(defaults.values())
    content = request.content or b""
    if content or request.method != "GET":
        head += f"Content-Length: {len(content)}\r\n"
    if not request.safe:
        head += "Connection: close\r\n"
    try:
        return f"{head}\r\n".encode() + content
    except UnicodeEncodeError:
        pass
    raise _refusal()


def _refusal() -> QueryRefusedError:
    return QueryRefusedError("the question cannot be put as a request")
