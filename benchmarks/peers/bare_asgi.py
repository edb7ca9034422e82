"""A bare ASGI application on uvicorn, with the same event loop and parser as Gerbang: the least that Python costs.

It answers every request with the held list, or with 304. It is also the origin that nginx keeps its copy of.
"""

import sys
from typing import Any

import uvicorn

from benchmarks.peers.questions import Systems


def application(body: bytes, tag: bytes) -> Any:  # noqa: ANN401 - an ASGI application
    """The application that serves one answer."""
    kept = [(b"etag", tag), (b"cache-control", b"public, max-age=3600"), (b"content-type", b"application/json")]
    whole = [*kept, (b"content-length", str(len(body)).encode())]

    async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:  # noqa: ANN401 - as ASGI has them
        same = any(name == b"if-none-match" and value == tag for name, value in scope["headers"])
        await send({"type": "http.response.start", "status": 304 if same else 200, "headers": kept if same else whole})
        await send({"type": "http.response.body", "body": b"" if same else body})

    return app


def main() -> None:
    """Serve: `bare_asgi CONFIGURATION PORT`."""
    systems = Systems.read(sys.argv[1])
    app = application(systems.held.read_bytes(), systems.tag.encode())
    uvicorn.run(
        app,
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        server_header=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
