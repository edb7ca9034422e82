"""What an adapter is handed for one question to an office reached over HTTP."""

from collections.abc import Callable
from typing import Any

from adapters.contract import Session
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.deadline import Deadline
from gateway.upstream.request import Send, UpstreamRequest


class BoundHttp:
    """The `HttpUpstream` of one question: bound to its office, its deadline, and the row's session and size.

    `wrote` says whether an unsafe request may have reached the system: while it is False, a write that failed in
    whichever way surely did not happen. `clear`: see `UpstreamRequest`.
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
        trip = UpstreamRequest(self._deadline, self._max_bytes, self._session)
        if self._clear is not None:
            trip.clear = self._clear
        try:
            return await self._send(request, trip)
        finally:
            if trip.left and not request.safe:
                self.wrote = True
