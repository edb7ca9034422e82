"""One HTTP/1.1 connection to a system: writes one request at a time, and reads its answer."""

import asyncio
from typing import cast

from adapters.errors import AdapterError, UpstreamMalformedError, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer
from gateway.upstream.http.lean_answer import AnswerReader


class LeanConnection(asyncio.Protocol):
    """A connection with at most one request under way. Bytes that no request waits for end it.

    Every other end than a complete answer aborts the connection: a late answer can never be taken for the next one.
    `reusable`: idle, and may serve another request. `idle_since`: for the pool that keeps it.
    """

    __slots__ = ("_outcome", "_reader", "_transport", "idle_since", "reusable")

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._reader: AnswerReader | None = None
        self._outcome: asyncio.Future[HttpAnswer | AdapterError] | None = None
        self.reusable = False
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is made, over https including TLS."""
        self._transport = cast("asyncio.Transport", transport)

    @property
    def is_open(self) -> bool:
        """Whether a request can be written."""
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, max_bytes: int, seconds: float | None) -> HttpAnswer:
        """Write the request, and return the whole answer, which may take `seconds`. Raises only `AdapterError`s."""
        if self._transport is None:
            raise _lost()
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[HttpAnswer | AdapterError] = loop.create_future()
        self._outcome = outcome
        self._reader, self.reusable = AnswerReader(max_bytes), False
        timer = loop.call_later(seconds, self._time_out) if seconds is not None else None
        self._transport.write(request)
        try:
            ended = await outcome
        except BaseException:
            self.abort()
            raise
        finally:
            if timer is not None:
                timer.cancel()
        if isinstance(ended, AdapterError):
            raise ended
        return ended

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        if self._reader is None:
            self.abort()
            return
        try:
            answer = self._reader.feed(data)
        except UpstreamMalformedError as error:
            # Without its traceback, whose frames hold what was read: the error may live until garbage is collected.
            self._finish(error.with_traceback(None))
            return
        if answer is not None:
            # An answer may come before the request is written completely; the rest of it must not lead the next one.
            written = self._transport is not None and self._transport.get_write_buffer_size() == 0
            self._finish(answer, reusable=self._reader.reusable and written)

    def eof_received(self) -> None:
        """The system sends nothing more; the transport closes itself."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._transport = None
        self._end(exc)

    def abort(self) -> None:
        """End the connection at once, without waiting for bytes that are still to be written."""
        self._finish(_lost())

    def _end(self, exc: Exception | None) -> None:
        """Finish what is under way when the connection ends."""
        self.reusable = False
        if self._reader is None:
            return
        if exc is not None:
            self._finish(_lost())
            return
        try:
            ended: HttpAnswer | AdapterError = self._reader.end()
        except AdapterError as error:
            ended = error.with_traceback(None)
        self._finish(ended)

    def _time_out(self) -> None:
        self._finish(UpstreamTimeoutError("the answer took longer than this system's slowest"))

    def _finish(self, ended: HttpAnswer | AdapterError, *, reusable: bool = False) -> None:
        outcome, self._reader, self._outcome = self._outcome, None, None
        self.reusable = reusable
        if not reusable and self._transport is not None:
            self._transport.abort()
        # An error is a result here: nobody retrieves the exception of a future whose task was cancelled meanwhile.
        if outcome is not None and not outcome.done():
            outcome.set_result(ended)


def _lost() -> UpstreamUnavailableError:
    return UpstreamUnavailableError("the connection was lost")
