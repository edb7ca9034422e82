"""A scripted HTTP server on a free port of loopback, and upstreams to reach it by."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from adapters.contract import AdapterSpec, Http, HttpOfficeSettings, Limits, Need
from conformance.loopback import LoopbackServer
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams
from schemas.texts import Text
from tests.gateway.ports import held


@dataclass
class Seen:
    """One request as it reached the server."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    writer: asyncio.StreamWriter = field(repr=False)

    async def reply(self, body: bytes = b"{}", status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Answer with a body of the right length, and keep the connection."""
        lines = {"Content-Length": str(len(body)), "Content-Type": "application/json"} | (headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        await self.raw(f"HTTP/1.1 {status} Yes\r\n{head}\r\n".encode() + body)

    async def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Cut the connection with RST."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    def close(self) -> None:
        """Close the connection in good order."""
        self.writer.close()


Script = Callable[[Seen], Awaitable[None]]


class Server:
    """Answers every request as `script` says; counts what came and how much at once. Its port stays its own."""

    def __init__(self) -> None:
        self.script: Script = lambda seen: seen.reply()
        self.seen: list[Seen] = []
        self.connections = self.at_once = self.most_at_once = 0
        self.port = held(self)
        self._server = LoopbackServer(self._answer, port=self.port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while not writer.is_closing():
            await self._one(reader, writer)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        seen = Seen(method, target, headers, body, writer)
        self.seen.append(seen)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.script(seen)
        finally:
            self.at_once -= 1


async def _probe(call: Any) -> None:
    """Never asked."""


@dataclass
class Reach:
    """Everything to ask the scripted server with."""

    server: Server
    upstreams: Upstreams
    shared: MemoryShared
    settings: HttpOfficeSettings
    spec: AdapterSpec[Any]

    def up(self, seconds: float = 5, **transport: Any) -> Any:
        """The upstream of one question."""
        row: Http[Any] = Http(**transport)
        deadline = Deadline.after(timedelta(seconds=seconds))
        return self.upstreams.call(self.spec, None, self.settings, row, deadline=deadline).up


def _spec(**limits: Any) -> AdapterSpec[Any]:
    return AdapterSpec(
        id="register",
        agency="disdukcapil",
        title=Text(id="Register", en="Register"),
        version="1",
        contact="-",
        settings=HttpOfficeSettings,
        limits=Limits(**({"concurrent": 8, "slowest": timedelta(seconds=10)} | limits)),
        needs=frozenset({Need.NIK}),
        probe=_probe,
        probe_transport=Http(),
        reads=(),
    )


@pytest.fixture
def make_spec() -> Callable[..., AdapterSpec[Any]]:
    return _spec


@pytest.fixture
def engine() -> str:
    """The HTTP engine, by the name in `UpstreamSettings`. Modules that compare both override this."""
    return UpstreamSettings().engine


@pytest.fixture
async def server(anyio_backend: str, sockets: None) -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def reach(server: Server, engine: str) -> AsyncIterator[Callable[..., Reach]]:
    """Makes what is needed to ask the server.

    `tuning` are settings of the stack, `granted` what this office grants, `limits` those of the system.
    """
    made: list[Upstreams] = []

    def make(
        *,
        tuning: dict[str, Any] | None = None,
        granted: dict[str, int] | None = None,
        path: str = "/api",
        clock: Any = now,
        **limits: Any,
    ) -> Reach:
        shared = MemoryShared(clock=clock)
        upstreams = Upstreams(shared, clock, UpstreamSettings(**({"engine": engine} | (tuning or {}))))
        settings = HttpOfficeSettings.model_validate({"base_url": server.url + path, **(granted or {})})
        made.append(upstreams)
        return Reach(server, upstreams, shared, settings, _spec(**limits))

    yield make
    for upstreams in made:
        await upstreams.aclose()
