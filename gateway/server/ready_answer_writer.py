"""Writes a ready answer to a connection, with the headers that uvicorn adds to every answer."""

import asyncio
from typing import Final

from uvicorn.server import ServerState

_LARGE_BODY_BYTES: Final = 65_536
"""A larger body is passed on as it is, which takes longer to begin than to copy a smaller one behind its head."""


class ReadyAnswerWriter:
    """Keeps the lines of uvicorn's headers until they change."""

    __slots__ = ("_headers", "_lines", "_state")

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._headers: list[tuple[bytes, bytes]] | None = None
        self._lines = b""

    def write(self, transport: asyncio.Transport, head: bytes, body: bytes) -> None:
        """Write an answer. `head` ends with its last header line."""
        if self._headers is not self._state.default_headers:  # uvicorn makes them anew each second
            self._headers = self._state.default_headers
            self._lines = b"".join([b"%b: %b\r\n" % pair for pair in self._headers])
        if len(body) < _LARGE_BODY_BYTES:
            transport.write(b"".join((head, self._lines, b"\r\n", body)))
        else:
            transport.writelines((b"".join((head, self._lines, b"\r\n")), body))
