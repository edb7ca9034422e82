"""A stop in two steps: the gateway keeps answering until callers have left, then it finishes the requests in progress.

A proxy learns of the stop by `/readyz`, by `Connection: close` on answers, or when a connection is refused. Until then
it sends requests on connections that it keeps. One that was closed without notice loses a request that is on its way.
"""

import asyncio
from collections.abc import Collection
from typing import Any, Final

from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings

_POLL_SECONDS: Final = 0.02


class GracefulStop:
    """The state of the stop, which connections read, and the wait until callers have left."""

    __slots__ = ("_grace", "_last_arrival", "begun", "idle_seconds")

    def __init__(self, settings: ConnectionSettings) -> None:
        self.begun = False
        self.idle_seconds = settings.stop_idle.total_seconds()
        """How long a connection may be idle once the stop has begun."""
        self._grace = settings.stop_grace.total_seconds()
        self._last_arrival = float("-inf")

    def note_arrival(self, now: float) -> None:
        """A connection, or a request after the stop has begun, has arrived."""
        self._last_arrival = now

    async def wait(self, connections: Collection[Any], limits: ConnectionLimits) -> None:
        """Begin the stop. Return when no caller is connected without a request and none has come for a while.

        At most for the grace period. Requests in progress are not waited for.
        """
        self.begun = True
        loop = asyncio.get_running_loop()
        end = loop.time() + self._grace
        for connection in list(connections):
            connection.shutdown()
        # Arrivals have no end that an event could announce.
        while (now := loop.time()) < end and (limits.idle or now - self._last_arrival < self.idle_seconds):  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)
