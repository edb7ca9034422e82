"""Connections of callers, bounded: how long a head may be, and how long it may take to come.

uvicorn leaves both to a proxy in front of it; the gateway does not rely on there being one.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES: Final = 32_768
HEAD_SECONDS: Final = 10.0


class HeadTooLargeError(Exception):
    """The head of a request passes its bound; the parser turns this into 400, and the connection ends."""


class BoundedConnection(HttpToolsProtocol):
    """One connection of a caller. A head that is too large gets 400; one that does not come gets nothing."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own signature
        super().__init__(*given, **named)
        self._in_head = True
        self._begins = False
        self._head_bytes = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """A caller has connected: their first request must follow."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head that began earlier and is not complete yet; wait for one where none is there."""
        self._begins = False
        super().data_received(data)
        if self._in_head and not self._begins:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")
        elif self._patience is None and self._is_answered:
            # Any byte ends uvicorn's own wait for the next request, be it a line break that begins none.
            self._wait_for_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._begins, self._head_bytes = True, True, 0
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The head has come."""
        self._in_head = False
        self._stop_waiting()
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MOST_HEAD_BYTES:
            raise HeadTooLargeError
        super().on_headers_complete()

    @property
    def _is_answered(self) -> bool:
        """Whether nobody waits for an answer of ours."""
        return not (self._in_head or self.transport.is_closing()) and self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
