"""Connections of callers, bounded: the size of a request's head, of its trailers and chunk framing, and the waiting.

uvicorn leaves these bounds to a proxy in front of it; the gateway does not rely on there being one.

Trailers are read and dropped. They come after the head has been acted upon, so a field such as `Authorization` in them
must not count as a header (RFC 9110, 6.5.1). uvicorn would append them to the headers of the request.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.flow_control import service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.ground.connection_limits import ConnectionLimits

MOST_HEAD_BYTES: Final = 32_768
HEAD_SECONDS: Final = 10.0
UNREAD_SECONDS: Final = 60.0
"""How long a caller may leave an answer unread while more of it waits to be sent."""
HEALTH_PATHS: Final = frozenset({b"/livez", b"/readyz"})
"""Answered however many requests there are: an orchestrator restarts a gateway that does not answer here."""
MOST_TRAILERS: Final = 64
MOST_TRAILER_BYTES: Final = 8192
MOST_FRAMING_BYTES: Final = 32_768
"""Bytes of a chunked body that are neither content nor the plain size lines: extensions of chunks, and trailers."""
_PLAIN_CHUNK_BYTES: Final = 20
"""Framing that every chunk may have: a size in hexadecimal digits and two line breaks."""


class HeadTooLargeError(Exception):
    """The head of a request passes its bound; the parser turns this into 400, and the connection ends."""


class TrailersTooLargeError(Exception):
    """The trailers of a request pass their bound; the parser turns this into 400, and the connection ends."""


class BoundedConnection(HttpToolsProtocol):
    """One connection of a caller. A head or trailers that are too large get 400; a head that never comes gets nothing.

    The parser hands over a field only when it is whole, so fields that are still coming are counted as bytes come in.
    """

    def __init__(self, *given: Any, limits: ConnectionLimits, **named: Any) -> None:  # noqa: ANN401 - as uvicorn's
        super().__init__(*given, **named)
        self._limits = limits
        self.timeout_keep_alive = limits.settings.keep_alive.total_seconds()  # type: ignore[assignment]  # any number
        self.limit_concurrency = None  # uvicorn's own limit counts idle connections, and refuses health checks
        self._group = ""
        self._unread: asyncio.TimerHandle | None = None
        self._in_head = True
        self._begins = False
        self._head_bytes = 0
        self._in_body = False
        self._framing_bytes = 0
        self._plain_bytes = 0
        self._trailers = 0
        self._trailer_bytes = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """A caller has connected: their first request must follow."""
        super().connection_made(transport)
        self._wait_for_head()
        self._group = self._limits.group_of(self.client[0] if self.client else None)
        self._limits.became_idle(self, self._group)

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller has gone."""
        self._stop_waiting()
        self._limits.not_idle(self)
        self._was_read()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection at once, without waiting until the caller has read what was sent."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head or body that began earlier and is not complete; else wait for the next head."""
        self._begins, self._plain_bytes = False, 0
        in_body = self._in_body
        super().data_received(data)
        if self._in_head and not self._begins:
            self._count_head(len(data))
        elif in_body and self._in_body and not self._begins:
            self._count_framing(len(data) - self._plain_bytes)
        if not self._in_head and self._patience is None and self._is_answered:
            # Any byte ends uvicorn's own wait for the next request, be it a line break that begins none.
            self._wait_for_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._begins, self._head_bytes = True, True, 0
        self._framing_bytes = self._trailers = self._trailer_bytes = 0
        self._wait_for_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field has come: of the head, or a trailer, which is counted and dropped."""
        if self._in_head:
            super().on_header(name, value)
            return
        self._trailers += 1
        self._trailer_bytes += len(name) + len(value) + 4
        if self._trailers > MOST_TRAILERS or self._trailer_bytes > MOST_TRAILER_BYTES:
            raise TrailersTooLargeError

    def on_headers_complete(self) -> None:
        """The head has come."""
        self._stop_waiting()
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MOST_HEAD_BYTES:
            raise HeadTooLargeError
        self.app = self.config.loaded_app if self._is_admitted else service_unavailable
        super().on_headers_complete()
        self._in_head, self._in_body = False, True
        self._limits.not_idle(self)

    def on_chunk_header(self) -> None:
        """The line with the size of a chunk has come."""
        self._plain_bytes += _PLAIN_CHUNK_BYTES

    def on_body(self, body: bytes) -> None:
        """Content has come."""
        self._plain_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer has been sent; the next request may be waiting already."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self._limits.became_idle(self, self._group)

    def pause_writing(self) -> None:
        """The caller does not read the answer: wait for them, but not for ever."""
        super().pause_writing()
        self._was_read()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self.drop)

    def resume_writing(self) -> None:
        """The caller has read on."""
        self._was_read()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Close the connection, with an answer only where it cannot be taken for that of another request."""
        if self._may_refuse:
            super().send_400_response(msg)
        else:
            self.transport.close()

    @property
    def _is_admitted(self) -> bool:
        """Whether there is room for one more request."""
        if len(self.tasks) < self._limits.settings.most_requests or self.url.partition(b"?")[0] in HEALTH_PATHS:
            return True
        self.logger.warning("Exceeded concurrency limit.")
        return False

    def _was_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _count_head(self, received: int) -> None:
        self._head_bytes += received
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def _count_framing(self, excess: int) -> None:
        # Never below nothing: small chunks save up no room for large extensions.
        self._framing_bytes = max(0, self._framing_bytes + excess)
        if self._framing_bytes > MOST_FRAMING_BYTES and not self.transport.is_closing():
            self.send_400_response("The chunk extensions or trailers of the request are too large.")

    @property
    def _may_refuse(self) -> bool:
        if self.cycle is None:
            return True
        if self._in_head:  # the cycle is that of the request before
            return bool(self.cycle.response_complete)
        return not (self.cycle.response_started or self.pipeline)

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
