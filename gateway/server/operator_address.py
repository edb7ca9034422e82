"""The operator's address: a second listener, which serves `GET /metrics` and nothing else.

It runs on the event loop of the gateway, with the same bounds on connections, and its own limits, so that the metrics
can be read while the public address refuses requests.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings
from gateway.observability.metrics.exposition import negotiate_exposition
from gateway.observability.metrics.families import MetricFamily, MetricKind, MetricSample
from gateway.observability.metrics.metrics import Metrics

OPERATOR_CONNECTIONS: Final = ConnectionSettings(most_requests=8, most_idle=16, most_idle_per_address=16)
_PATH: Final = "/metrics"

IN_PROGRESS: Final = MetricFamily(
    "gerbang_http_requests_in_progress", MetricKind.GAUGE, "Requests that are being processed"
)
CONNECTIONS: Final = MetricFamily("gerbang_http_connections", MetricKind.GAUGE, "Connections of callers")
IDLE: Final = MetricFamily(
    "gerbang_http_connections_idle", MetricKind.GAUGE, "Connections of callers without a request"
)
REFUSED: Final = MetricFamily(
    "gerbang_http_requests_refused_total",
    MetricKind.COUNTER,
    "Requests that were answered with 503, because too many were being processed",
)
CONNECTION_FAMILIES: Final = (IN_PROGRESS, CONNECTIONS, IDLE, REFUSED)


@dataclass(frozen=True, slots=True)
class OperatorAddress:
    """A listening socket on which the metrics are served."""

    metrics: Metrics
    sock: socket.socket

    @property
    def url(self) -> str:
        """Where the metrics are."""
        host, port = self.sock.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}{_PATH}"


class ConnectionMetrics:
    """Reads the connections and running requests of the public server."""

    def __init__(self, state: ServerState, limits: ConnectionLimits) -> None:
        self._state = state
        self._limits = limits

    def samples(self) -> Iterator[MetricSample]:
        """The present values."""
        yield MetricSample(IN_PROGRESS, (), len(self._state.tasks))
        yield MetricSample(CONNECTIONS, (), len(self._state.connections))
        yield MetricSample(IDLE, (), self._limits.idle)
        yield MetricSample(REFUSED, (), self._limits.refused)


class MetricsEndpoint:
    """ASGI application that answers `GET /metrics`, in the text format or as OpenMetrics by `Accept`."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request. The body of a request is not read."""
        if scope["path"] != _PATH:
            await _answer(send, 404, b"only /metrics is served here\n")
        elif scope["method"] != "GET":
            await _answer(send, 405, b"only GET is answered here\n", (b"allow", b"GET"))
        else:
            accepted = b",".join(value for name, value in scope["headers"] if name == b"accept").decode("latin-1")
            content_type = negotiate_exposition(accepted)
            content = await self._metrics.exposition(content_type)
            await _answer(send, 200, content, (b"vary", b"accept"), content_type=content_type)


async def _answer(
    send: Send,
    status: int,
    content: bytes,
    *headers: tuple[bytes, bytes],
    content_type: str = "text/plain; charset=utf-8",
) -> None:
    fields = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": content})
