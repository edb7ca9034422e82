"""Bounded client connections: sizes of request heads, trailers and chunks; seconds to send a head and read an answer.

uvicorn leaves these bounds to a proxy in front of it; the gateway does not rely on one.

Trailers are read and dropped. They come after the head has been processed, so a field such as `Authorization` in them
must not count as a header (RFC 9110, 6.5.1). uvicorn would append them to the headers of the request.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote

import httptools
from starlette.types import Scope
from uvicorn.protocols.http.flow_control import service_unavailable
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.ground.connection_limits import ConnectionLimits

MOST_HEAD_BYTES: Final = 32_768
HEAD_SECONDS: Final = 10.0
UNREAD_SECONDS: Final = 60.0
"""How long a client may leave an answer unread while more of it waits to be sent."""
HEALTH_PATHS: Final = frozenset({b"/livez", b"/readyz"})
"""Answered regardless of the number of requests: an orchestrator restarts a gateway that does not answer here."""
MOST_TRAILERS: Final = 64
MOST_TRAILER_BYTES: Final = 8192
MOST_FRAMING_BYTES: Final = 32_768
"""Bytes of a chunked body besides content and plain size lines: chunk extensions and trailers."""
_READ_METHODS: Final = (b"GET", b"HEAD")
AnswerAtOnce = Callable[[Scope], tuple[bytes, bytes] | None]
"""Returns a ready answer as bytes, its head without the empty line and its body; None if there is none."""
_PLAIN_CHUNK_BYTES: Final = 20
"""Framing that every chunk may have: a size in hexadecimal digits and two line breaks."""


class HeadTooLargeError(Exception):
    """The head of a request exceeds its bound. The parser turns this into 400, and the connection ends."""


class TrailersTooLargeError(Exception):
    """The trailers of a request exceed their bound. The parser turns this into 400, and the connection ends."""


class BoundedConnection(HttpToolsProtocol):
    """One client connection. An oversized head or trailer section gets 400; a head that never arrives gets no answer.

    The parser reports a field only when it is complete, so the bytes of incomplete fields are counted as they arrive.
    """

    def __init__(self, *args: Any, limits: ConnectionLimits, **kwargs: Any) -> None:  # noqa: ANN401 - as uvicorn's
        super().__init__(*args, **kwargs)
        self._limits = limits
        self.timeout_keep_alive = limits.settings.keep_alive.total_seconds()  # type: ignore[assignment]  # any number
        self.limit_concurrency = None  # uvicorn's own limit counts idle connections, and refuses health checks
        self._group = ""
        self._unread: asyncio.TimerHandle | None = None
        self._in_head = True
        self._begins_request = False
        self._head_bytes = 0
        self._in_body = False
        self._framing_bytes = 0
        self._plain_bytes = 0
        self._trailers = 0
        self._trailer_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._at_once: AnswerAtOnce | None = getattr(self.config.loaded_app, "answer_at_once", None)
        self._is_answered_at_once = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """A client has connected: its first request must follow."""
        super().connection_made(transport)
        self._wait_for_head()
        self._group = self._limits.group_of(self.client[0] if self.client else None)
        self._limits.add_idle(self, self._group)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has disconnected."""
        self._stop_waiting()
        self._limits.remove_idle(self)
        self._stop_unread_timer()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection at once, without waiting until the client has read the sent data."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Count bytes of a head or body that began earlier and is not complete; else wait for the next head."""
        self._begins_request, self._plain_bytes = False, 0
        in_body = self._in_body
        super().data_received(data)
        if self._in_head and not self._begins_request:
            self._count_head(len(data))
        elif in_body and self._in_body and not self._begins_request:
            self._count_framing(len(data) - self._plain_bytes)
        if self._in_head and self._begins_request:
            self._wait_for_head()
        if not (self._in_head or self._begins_request) and self._head_timer is None and self._is_answered:
            # Any byte ends uvicorn's own wait for the next request, even a line break that begins none.
            self._wait_for_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head, self._begins_request, self._head_bytes = True, True, 0
        self._is_answered_at_once = False
        self._framing_bytes = self._trailers = self._trailer_bytes = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field is complete: a header, or a trailer, which is counted and dropped."""
        if self._in_head:
            super().on_header(name, value)
            return
        self._trailers += 1
        self._trailer_bytes += len(name) + len(value) + 4
        if self._trailers > MOST_TRAILERS or self._trailer_bytes > MOST_TRAILER_BYTES:
            raise TrailersTooLargeError

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._stop_waiting()
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MOST_HEAD_BYTES:
            raise HeadTooLargeError
        self._in_head, self._in_body = False, True
        self._limits.remove_idle(self)
        if self._answers_at_once():
            return
        self.app = self.config.loaded_app if self._is_admitted else service_unavailable
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """The line with the size of a chunk is complete."""
        self._plain_bytes += _PLAIN_CHUNK_BYTES

    def on_body(self, body: bytes) -> None:
        """Content has arrived."""
        self._plain_bytes += len(body)
        if not self._is_answered_at_once:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._in_body = False
        if not self._is_answered_at_once:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer has been sent; the next request may be waiting already."""
        super().on_response_complete()
        if self._has_answered:
            self._limits.add_idle(self, self._group)

    def pause_writing(self) -> None:
        """The client does not read the answer: wait for a limited time."""
        super().pause_writing()
        self._stop_unread_timer()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self.drop)

    def resume_writing(self) -> None:
        """The client continues to read."""
        self._stop_unread_timer()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Close the connection, with an answer only where it cannot be taken for the answer to another request."""
        if self._may_refuse:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def _answers_at_once(self) -> bool:
        """Answer a request whose answer is ready, without a task; return whether that was done.

        Only on a connection where nothing else waits to be sent, so that no answer overtakes another, and a client that
        does not read is waited for.
        """
        method = self.parser.get_method()
        if self._at_once is None or method not in _READ_METHODS or not self._is_free:
            return False
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        answer = self._at_once(
            {
                **self.scope,
                "method": method.decode("ascii"),
                "path": unquote(path) if "%" in path else path,
                "query_string": url.query or b"",
            }
        )
        if answer is None:
            return False
        head, body = answer
        own = b"".join([b"%b: %b\r\n" % pair for pair in self.server_state.default_headers])
        self.transport.write(b"".join((head, own, b"\r\n", body)))
        self._is_answered_at_once = True
        self.on_response_complete()
        return True

    @property
    def _is_free(self) -> bool:
        """Whether an answer may be written now, and the connection kept."""
        return (
            self._has_answered
            and not self.pipeline
            and not self.flow.write_paused
            and not self.transport.is_closing()
            and not self.parser.should_upgrade()
            and self.parser.should_keep_alive()
            and self.parser.get_http_version() == "1.1"
        )

    @property
    def _has_answered(self) -> bool:
        """Whether no request before this one waits for its answer."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request that a task answers
        return cycle is None or bool(cycle.response_complete)

    @property
    def _is_admitted(self) -> bool:
        """Whether one more request may be processed."""
        if len(self.tasks) < self._limits.settings.most_requests or self.url.partition(b"?")[0] in HEALTH_PATHS:
            return True
        self._limits.refused += 1
        self.logger.warning("Exceeded concurrency limit.")
        return False

    def _stop_unread_timer(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _count_head(self, received: int) -> None:
        self._head_bytes += received
        if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def _count_framing(self, excess: int) -> None:
        # Never below zero: small chunks must not allow larger extensions later.
        self._framing_bytes = max(0, self._framing_bytes + excess)
        if self._framing_bytes > MOST_FRAMING_BYTES and not self.transport.is_closing():
            self.send_400_response("The chunk extensions or trailers of the request are too large.")

    @property
    def _may_refuse(self) -> bool:
        if self._in_head or self.cycle is None:  # the cycle is that of the previous request
            return self._has_answered
        return not (self.cycle.response_started or self.pipeline)

    @property
    def _is_answered(self) -> bool:
        """Whether no request is waiting for an answer."""
        return not (self._in_head or self.transport.is_closing()) and self._has_answered

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
