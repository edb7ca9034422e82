"""Forward requests to a separate local server, byte for byte, behind a simulator's faults and control API.

The remote adapter is a server, not an ASGI application, so the simulator's ASGI application only forwards to it.
"""

import asyncio
import http.client
from collections.abc import Callable, Sequence
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

_SECONDS: Final = 20.0
_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "server", "date"})

Headers = Sequence[tuple[str, str]]


def forwarding(port_for: Callable[[Scope], int]) -> ASGIApp:
    """Return an application that forwards each request to the loopback port that `port_for` returns."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive()).get("body", b"")  # `FaultMiddleware` passes complete requests
        headers = [(name.decode("latin1"), value.decode("latin1")) for name, value in scope["headers"]]
        path = scope["raw_path"].decode("ascii") + ("?" if scope["query_string"] else "")
        target = path + scope["query_string"].decode("latin1")
        status, response_headers, content = await asyncio.to_thread(
            _forward, port_for(scope), (scope["method"], target, headers, body)
        )
        raw_headers = [(name.encode("latin1"), value.encode("latin1")) for name, value in response_headers]
        raw_headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw_headers})
        await send({"type": "http.response.body", "body": content})

    return app


def _forward(port: int, request: tuple[str, str, Headers, bytes]) -> tuple[int, Headers, bytes]:
    method, target, headers, body = request
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers:
            if name.lower() not in _HOP:
                connection.putheader(name, value)
        if body or method == "POST":
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, [pair for pair in answer.getheaders() if pair[0].lower() not in _HOP], content
    finally:
        connection.close()
