"""Requests to one application in two ways: with the routing layer, and with FastAPI's own router only."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from gateway.api.routing.routing_layer import RoutingLayer
from schemas.texts import Language

_CONTEXT = SimpleNamespace(request_id="a-request", language=Language.ENGLISH)
_SCOPE = ("route", "endpoint", "path_params", "router")


@dataclass
class Sent:
    """A request as raw bytes: no client repairs its path and query."""

    path: str
    query: bytes = b""
    method: str = "GET"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    scope: dict[str, Any] = field(default_factory=dict)


@dataclass
class Received:
    """What a request came to: the answer, what is in the scope at its end, and what recorded endpoints received."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    scope: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    called: list[Any] = field(default_factory=list)

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def body(self) -> Any:
        content = b"".join(message.get("body", b"") for message in self.messages)
        return json.loads(content) if content else None


class TwoWays:
    """Sends each request in both ways."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.called: list[Any] = []
        self.before_each: Callable[[], None] = self.called.clear
        self.ways: dict[str, Any] = {}

    def build(self) -> "TwoWays":
        """Build both ways, without the application's other layers. Endpoints must be replaced before."""
        layers = self.app.user_middleware
        for name, chosen in (("layer", [Middleware(RoutingLayer, application=self.app)]), ("fastapi", [])):
            self.app.user_middleware = chosen
            self.ways[name] = self.app.build_middleware_stack()
        self.app.user_middleware = layers
        return self

    def record_endpoints(self, replace: Callable[[object, str, object], None]) -> "TwoWays":
        """Replace all endpoints by functions that record what they receive."""
        for context in iter_route_contexts(self.app.routes):
            if hasattr(context, "dependant"):
                replace(context.dependant, "call", _recording_endpoint(str(context.path), self.called))
            else:
                replace(context.original_route, "app", _RecordingApp(str(context.path), self.called))
        return self

    async def send(self, sent: Sent) -> Received:
        """Return what FastAPI's own router gives, and assert that the layer gives the same."""
        expected = await self._send("fastapi", sent)
        assert await self._send("layer", sent) == expected, sent
        return expected

    def scope(self, sent: Sent) -> dict[str, Any]:
        """Return the ASGI scope of a request."""
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": sent.method,
            "scheme": "http",
            "path": sent.path,
            "raw_path": sent.path.encode(),
            "query_string": sent.query,
            "root_path": "",
            "headers": [(b"host", b"localhost:8000"), *sent.headers],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8000),
            "state": {"context": _CONTEXT},
            "app": self.app,
            **sent.scope,
        }

    async def _send(self, way: str, sent: Sent) -> Received:
        self.before_each()
        scope = self.scope(sent)
        received = Received()

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            return {"type": "http.request", "body": sent.body, "more_body": False}

        async def send(message: Any) -> None:
            received.messages.append(_comparable(message))

        try:
            await self.ways[way](scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever one way raises, the other must raise
            received.error = repr(error)
        received.scope = {key: scope.get(key) or None for key in _SCOPE}
        received.called = list(self.called)
        return received


def _comparable(message: dict[str, Any]) -> dict[str, Any]:
    """A message without what is new in each problem: the number of the instance, never its length."""
    if b'"instance":"urn:uuid:' not in message.get("body", b""):
        return message
    return {**message, "body": json.dumps(json.loads(message["body"]) | {"instance": None}).encode()}


def _recording_endpoint(name: str, called: list[Any]) -> Any:
    async def recording(**arguments: Any) -> JSONResponse:
        called.append((name, {key: _comparable_argument(value) for key, value in arguments.items()}))
        return JSONResponse({"called": name})

    return recording


class _RecordingApp:
    def __init__(self, name: str, called: list[Any]) -> None:
        self.name, self.called = name, called

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.called.append((self.name, dict(scope["path_params"])))
        await JSONResponse({"called": self.name})(scope, receive, send)


def _comparable_argument(value: Any) -> Any:
    return (value.method, value.scope["path"], dict(value.path_params)) if isinstance(value, Request) else value
