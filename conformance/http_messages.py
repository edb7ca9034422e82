"""HTTP/1.1 messages, as the proxy between an adapter and its simulator reads and writes them."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field, replace
from typing import Final

_RESET: Final = struct.pack("ii", 1, 0)
_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host", "accept-encoding"})

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RawRequest:
    """One request of the adapter. `target` is path and query as received."""

    method: str
    target: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        """The target without the query."""
        return self.target.partition("?")[0]

    @property
    def forwarded_headers(self) -> Headers:
        """The headers that are forwarded to the simulator."""
        return tuple((name, value) for name, value in self.headers if name.lower() not in _HOP)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A complete answer, of the simulator or made up."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def media_type(self) -> str:
        """The media type in the Content-Type header, in lower case and without parameters."""
        claimed = next((value for name, value in self.headers if name.lower() == "content-type"), "")
        return claimed.partition(";")[0].strip().lower()

    def with_body(self, body: bytes) -> "RawAnswer":
        """Return the same answer with another body."""
        return replace(self, body=body)

    def head(self, *more: tuple[str, str]) -> bytes:
        """Return the status line and headers; `more` replaces the headers of the framing."""
        own_headers = [pair for pair in self.headers if pair[0].lower() not in _HOP]
        lines = [f"HTTP/1.1 {self.status} -", *(f"{name}: {value}" for name, value in (*own_headers, *more))]
        return "\r\n".join((*lines, "", "")).encode("latin-1")


class AdapterConnection:
    """The connection to the adapter, of which the next request is not answered yet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> RawRequest:
        """Read the next request. Raises `asyncio.IncompleteReadError` when the adapter has disconnected."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        return RawRequest(method, target, headers, await self._reader.readexactly(length))

    async def send(self, data: bytes) -> None:
        """Send raw bytes. Raises `ConnectionError` when the adapter has disconnected."""
        self._writer.write(data)
        await self._writer.drain()

    async def reply(self, answer: RawAnswer) -> None:
        """Send a complete answer and keep the connection open."""
        await self.send(answer.head(("Content-Length", str(len(answer.body)))) + answer.body)

    async def wait_for_disconnect(self) -> None:
        """Wait until the adapter disconnects."""
        while await self._reader.read(65_536):
            pass

    def close(self) -> None:
        """Close the connection normally."""
        self._writer.close()

    def reset(self) -> None:
        """Reset the connection (TCP RST)."""
        raw: socket.socket = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._writer.transport.abort()
