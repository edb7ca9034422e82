"""The `HttpUpstream` that an adapter gets for one call."""

from collections.abc import Callable
from typing import Any

from adapters.contract import Session
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.deadline import Deadline
from gateway.upstream.request import Send, UpstreamRequest


class BoundHttp:
    """The `HttpUpstream` of one call: bound to its office, its deadline, and the row's session and size.

    `wrote`: whether an unsafe request may have reached the system. While it is False, a write that failed for any
    reason certainly did not happen. `clear`: see `UpstreamRequest`.
    """

    __slots__ = ("_clear", "_deadline", "_max_bytes", "_send", "_session", "wrote")

    def __init__(
        self,
        send: Send,
        deadline: Deadline,
        max_bytes: int,
        session: Session[Any] | None,
        clear: Callable[[HttpAnswer], bool] | None = None,
    ) -> None:
        self._send = send
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._session = session
        self._clear = clear
        self.wrote = False

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """See `adapters.upstream.HttpUpstream.send`."""
        call_state = UpstreamRequest(self._deadline, self._max_bytes, self._session)
        if self._clear is not None:
            call_state.clear = self._clear
        try:
            return await self._send(request, call_state)
        finally:
            if call_state.maybe_sent and not request.safe:
                self.wrote = True
