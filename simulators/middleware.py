"""The ASGI middleware around every simulator that serves HTTP.

It records each request, carries out the generic faults, and loses connections of writes. It requires
`simulators.server.AbortableProtocol`, because ASGI itself cannot reset a connection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulators import faults
from simulators.faults import Fault, FaultKind
from simulators.records import ReceivedRequest
from simulators.spec import SimulatorState
from simulators.write_loss import LossPoint

ABORT: Final = "simulator.abort"
SLOW_SECONDS: Final = 2.5
DRIP_SECONDS: Final = 0.5
OVERSIZED_BYTES: Final = 80_000_000
_CHUNK: Final = b" " * 65_536
_HTML: Final = [(b"content-type", b"text/html; charset=UTF-8")]
_MAINTENANCE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Pemeliharaan</title></head><body><h1>Service Unavailable</h1>"
    b"<p>Mohon maaf, sistem sedang dalam pemeliharaan.</p></body></html>\n"
)
_FAILURE: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>A PHP Error was encountered</h1>"
    b"<p>Severity: Fatal</p></body></html>\n"
)


@dataclass(slots=True)
class Answer:
    """A complete answer of the simulator that is not sent yet."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    def headers_for(self, length: int) -> list[tuple[bytes, bytes]]:
        """Return the headers with the content length `length`."""
        headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        return [*headers, (b"content-length", str(length).encode())]


@dataclass(slots=True)
class Exchange:
    """One request, read completely, and the callables to answer it."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    body: bytes = b""
    fault: Fault = field(default_factory=Fault)
    replaced: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> None:
        """Read the whole request."""
        chunks = []
        more = True
        while more:
            message = await self.receive()
            chunks.append(message.get("body", b""))
            more = message["type"] == "http.request" and message.get("more_body", False)
        self.body = b"".join(chunks)

    def received_request(self) -> ReceivedRequest:
        """Return the request as `GET /received` shows it."""
        return ReceivedRequest(
            method=self.scope["method"],
            path=self.scope["path"],
            query=self.scope["query_string"].decode("latin1"),
            headers=tuple((name.decode("latin1"), value.decode("latin1")) for name, value in self.scope["headers"]),
            body=self.body.decode("latin1"),
        )

    async def handle(self, send: Send | None = None) -> None:
        """Pass the request to the simulator."""
        await self.app(self.scope, self._replay_body(), send or self.send)

    async def answer(self) -> Answer:
        """Return the simulator's complete answer without sending it."""
        answer = Answer()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message.get("headers", ()))
            else:
                answer.body += message.get("body", b"")

        await self.handle(keep)
        return answer

    async def reply(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send a complete answer."""
        sized = [*headers, (b"content-length", str(len(body)).encode())]
        await self.start(status, sized)
        await self.send({"type": "http.response.body", "body": body})

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send status and headers."""
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def send_part(self, body: bytes) -> None:
        """Send a part of the body; more follows."""
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def abort(self) -> None:
        """Reset the connection, and wait until the server has noticed."""
        abort: Callable[[], None] = self.scope["extensions"][ABORT][ABORT]
        abort()
        await self.wait_for_disconnect()

    async def wait_for_disconnect(self) -> None:
        """Wait until the client disconnects."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def disconnects_within(self, seconds: float) -> bool:
        """Whether the client disconnects within this time."""
        try:
            await asyncio.wait_for(self.wait_for_disconnect(), seconds)
        except TimeoutError:
            return False
        return True

    def _replay_body(self) -> Receive:
        pending = [self.body]

        async def receive() -> Message:
            if pending:
                return {"type": "http.request", "body": pending.pop(), "more_body": False}
            return await self.receive()

        return receive


async def _slow(exchange: Exchange) -> None:
    disconnecting, replaced = (
        asyncio.ensure_future(exchange.wait_for_disconnect()),
        asyncio.ensure_future(exchange.replaced.wait()),
    )
    try:
        seconds = exchange.fault.seconds or SLOW_SECONDS
        await asyncio.wait((disconnecting, replaced), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        wait_for_disconnect = disconnecting.done()
    finally:
        disconnecting.cancel()
        replaced.cancel()
    if not wait_for_disconnect:
        await exchange.handle()


async def _drip(exchange: Exchange) -> None:
    answer = await exchange.answer()
    await exchange.start(answer.status, answer.headers_for(len(answer.body)))
    for byte in answer.body[:-1]:
        await exchange.send_part(bytes((byte,)))
        if await exchange.disconnects_within(DRIP_SECONDS):
            return
    await exchange.send({"type": "http.response.body", "body": bytes(answer.body[-1:])})


async def _malformed(exchange: Exchange) -> None:
    answer = await exchange.answer()
    body = bytes(answer.body[: len(answer.body) // 2])
    await exchange.start(answer.status, answer.headers_for(len(body)))
    await exchange.send({"type": "http.response.body", "body": body})


async def _oversized(exchange: Exchange) -> None:
    answer = await exchange.answer()
    headers = [(name, value) for name, value in answer.headers if name.lower() != b"content-length"]
    await exchange.start(answer.status, headers)
    await exchange.send_part(bytes(answer.body[:1]))
    for _ in range(OVERSIZED_BYTES // len(_CHUNK)):
        await exchange.send_part(_CHUNK)
        await asyncio.sleep(0)
    await exchange.send({"type": "http.response.body", "body": bytes(answer.body[1:])})


async def _rate_limited(exchange: Exchange) -> None:
    await exchange.reply(429, [(b"content-type", b"text/plain"), (b"retry-after", b"2")], b"Too Many Requests\n")


async def _redirect(exchange: Exchange) -> None:
    await exchange.reply(302, [*_HTML, (b"location", b"http://elsewhere.invalid/masuk")], b"")


_FAULT_HANDLERS: Final[Mapping[FaultKind, Callable[[Exchange], Awaitable[None]]]] = {
    FaultKind.SLOW: _slow,
    FaultKind.HANG: Exchange.wait_for_disconnect,
    FaultKind.DRIP: _drip,
    FaultKind.RESET: Exchange.abort,
    FaultKind.ERROR_500: lambda exchange: exchange.reply(500, _HTML, _FAILURE),
    FaultKind.HTML: lambda exchange: exchange.reply(200, _HTML, _MAINTENANCE),
    FaultKind.MALFORMED: _malformed,
    FaultKind.OVERSIZED: _oversized,
    FaultKind.RATE_LIMITED: _rate_limited,
    FaultKind.REDIRECT: _redirect,
}


async def _lose_connection(exchange: Exchange, at: LossPoint) -> None:
    if at is not LossPoint.BEFORE:
        answer = await exchange.answer()
        if at is LossPoint.DURING:
            await exchange.start(answer.status, answer.headers_for(len(answer.body) + 1))
            await exchange.send_part(bytes(answer.body[: len(answer.body) // 2]))
            await asyncio.sleep(0.05)  # lets the client receive the half answer before the reset
    await exchange.abort()


class FaultMiddleware:
    """The middleware; `app` is the simulator's ASGI application."""

    def __init__(self, app: ASGIApp, state: SimulatorState) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        exchange = Exchange(self._app, scope, receive, send)
        await exchange.read()
        state = self._state
        state.received.add(exchange.received_request())
        with state.count_request():
            exchange.replaced = state.faults.replaced
            exchange.fault = state.faults.take(scope["path"])
            await self._handle(exchange)

    async def _handle(self, exchange: Exchange) -> None:
        scope, state, kind = exchange.scope, self._state, exchange.fault.kind
        if kind in state.spec.own_faults:
            faults.set_current(scope, kind)
        elif kind in _FAULT_HANDLERS:
            await _FAULT_HANDLERS[kind](exchange)
            return
        at = state.write_loss.take() if self._is_write(scope) else LossPoint.NONE
        await (exchange.handle() if at is LossPoint.NONE else _lose_connection(exchange, at))

    def _is_write(self, scope: Mapping[str, Any]) -> bool:
        return self._state.spec.is_write(scope["method"], scope["path"])
