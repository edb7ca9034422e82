"""Bounded client connections: sizes of request heads, trailers and chunks; seconds to send a head and read an answer.

uvicorn leaves these bounds to a proxy in front of it; the gateway does not rely on one.

Trailers are read and dropped. They come after the head has been processed, so a field such as `Authorization` in them
must not count as a header (RFC 9110, 6.5.1). uvicorn would append them to the headers of the request.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, cast
from urllib.parse import unquote

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gateway.ground.connection_limits import ConnectionLimits
from gateway.ground.deadline import RECEIVED_AT
from gateway.server.graceful_stop import GracefulStop
from gateway.server.message_bounds import MessageBounds
from gateway.server.ready_answer_writer import ReadyAnswerWriter
from gateway.server.resettable_timer import ResettableTimer

HEAD_SECONDS: Final = 10.0
UNREAD_SECONDS: Final = 60.0
"""How long a client may leave an answer unread while more of it waits to be sent."""
_READ_METHODS: Final = {b"GET": "GET", b"HEAD": "HEAD"}
AnswerAtOnce = Callable[[Scope], tuple[bytes, bytes] | None]
"""Returns a ready answer as bytes, its head without the empty line and its body; None if there is none."""


class BoundedConnection(HttpToolsProtocol):
    """One client connection. An oversized head or trailer section gets 400; a head that never arrives gets no answer.

    `_timer` ends the connection if a head, or the next request after an answer, does not arrive in time.
    """

    def __init__(self, *args: Any, limits: ConnectionLimits, stop: GracefulStop, **kwargs: Any) -> None:  # noqa: ANN401 - as uvicorn's
        super().__init__(*args, **kwargs)
        self._limits = limits
        self._stop = stop
        self._keep_alive_seconds = limits.settings.keep_alive.total_seconds()
        # uvicorn's own limit counts idle connections, and refuses health checks: see load_shedding.
        self.limit_concurrency = None
        self._group = ""
        self._bounds = MessageBounds()
        self._timer = ResettableTimer(self.loop, self._give_up)
        self._unread_timer = ResettableTimer(self.loop, self.drop)
        self._waits_for_head = False
        self._in_head = True
        self._begins_request = False
        self._in_body = False
        self._at_once: AnswerAtOnce | None = getattr(self.config.loaded_app, "answer_at_once", None)
        self._is_answered_at_once = False
        self._writer = ReadyAnswerWriter(self.server_state)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """A client has connected: its first request must follow."""
        super().connection_made(transport)
        self._stop.note_arrival(self.loop.time())
        self._wait_for_head()
        if self._stop.begun:
            self._timer.start(self._stop.idle_seconds)
        self._group = self._limits.group_of(self.client[0] if self.client else None)
        self._limits.add_idle(self, self._group)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has disconnected."""
        self._timer.close()
        self._limits.remove_idle(self)
        self._unread_timer.close()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection at once, without waiting until the client has read the sent data."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Count bytes of a head or body that began earlier and is not complete; else wait for the next head."""
        self._begins_request = False
        self._bounds.begin_data()
        in_body = self._in_body
        super().data_received(data)
        if self._begins_request:
            if self._in_head:
                self._wait_for_head()
        elif self._in_head:
            if not self._bounds.is_head_allowed(len(data)):
                self._refuse("The head of the request is too large.")
        else:
            if in_body and self._in_body and not self._bounds.is_framing_allowed(len(data)):
                self._refuse("The chunk extensions or trailers of the request are too large.")
            if not self._waits_for_head and self._is_answered:
                # Any byte ends the wait for the next request, even a line break that begins none.
                self._wait_for_head()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = self._begins_request = True
        self._is_answered_at_once = False
        self._bounds.begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field is complete: a header, or a trailer, which is counted and dropped."""
        if self._in_head:
            super().on_header(name, value)
        else:
            self._bounds.count_trailer(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._timer.stop()
        self._waits_for_head = False
        self._bounds.check_head(self.url, self.headers)
        self._in_head, self._in_body = False, True
        if self._answers_at_once():
            return
        self._limits.remove_idle(self)
        cast("Scope", self.scope)[RECEIVED_AT] = time.monotonic()
        super().on_headers_complete()
        if self._stop.begun:
            self._stop.note_arrival(self.loop.time())
            self.cycle.keep_alive = False  # its answer has not begun: uvicorn adds `Connection: close`

    def on_chunk_header(self) -> None:
        """The line with the size of a chunk is complete."""
        self._bounds.count_chunk()

    def on_body(self, body: bytes) -> None:
        """Content has arrived."""
        self._bounds.count_content(len(body))
        if not self._is_answered_at_once:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._in_body = False
        if not self._is_answered_at_once:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """An answer has been sent; the next request may be waiting already."""
        # As uvicorn does it, but with our timer.
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
            elif not self._in_head:
                self._timer.start(self._stop.idle_seconds if self._stop.begun else self._keep_alive_seconds)
        if self._has_answered:
            self._limits.add_idle(self, self._group)

    def shutdown(self) -> None:
        """The gateway stops: let the last request that has arrived, or one more, end the connection by its answer."""
        if not self._has_answered:
            if not self.cycle.response_started:
                self.cycle.keep_alive = False
        elif self._is_between_requests:
            self._timer.start(self._stop.idle_seconds)

    def pause_writing(self) -> None:
        """The client does not read the answer: wait for a limited time."""
        super().pause_writing()
        self._unread_timer.start(UNREAD_SECONDS)

    def resume_writing(self) -> None:
        """The client continues to read."""
        self._unread_timer.stop()
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
        method = _READ_METHODS.get(self.parser.get_method())
        if self._at_once is None or method is None or b"#" in self.url or not self._is_free:
            return False
        # uvicorn sets these as well. A target in another form, such as an absolute address, finds no ready answer.
        raw_path, _, query = self.url.partition(b"?")
        path = raw_path.decode("latin-1")
        scope = cast("Scope", self.scope)  # uvicorn declares a typed dictionary; applications get this one
        scope["method"], scope["path"], scope["query_string"] = method, unquote(path) if "%" in path else path, query
        answer = self._at_once(scope)
        if answer is None:
            return False
        self._writer.write(self.transport, *answer)
        self._is_answered_at_once = True
        self.server_state.total_requests += 1
        self._timer.start(self._keep_alive_seconds)
        self._limits.renew_idle(self, self._group)
        return True

    @property
    def _is_free(self) -> bool:
        """Whether an answer may be written now, and the connection kept."""
        return (
            self._has_answered
            and not self._stop.begun
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
    def _is_between_requests(self) -> bool:
        """Whether no request has begun to arrive after the last answer, or since the connection began."""
        return not self._in_head or self.scope is None

    def _refuse(self, reason: str) -> None:
        if not self.transport.is_closing():
            self.send_400_response(reason)

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
        self._timer.start(HEAD_SECONDS)
        self._waits_for_head = True

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
