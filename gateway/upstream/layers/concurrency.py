"""The bulkhead: how many requests may be under way to one office; the others wait in the order they came."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.errors import Cause, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest


class ConcurrencySlots:
    """The slots of one office in this process."""

    def __init__(self, slots: int, most_waiting: int) -> None:
        self._free = asyncio.Semaphore(slots)
        self._most_waiting = most_waiting
        self.waiting = 0

    @property
    def taken(self) -> bool:
        """Whether a newcomer has to wait."""
        return self._free.locked()

    async def acquire(self) -> None:
        """Wait for a slot. Raises `UpstreamUnavailableError` when too many wait already."""
        if self.waiting >= self._most_waiting:
            raise UpstreamUnavailableError("too many requests wait for a slot", cause=Cause.CONCURRENCY_LIMIT)
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1

    def release(self) -> None:
        """Give the slot to whoever waits longest."""
        self._free.release()


def with_slot(slots: ConcurrencySlots, after_a_wait: Callable[[UpstreamRequest], None]) -> Layer:
    """Lets a request through when it has a slot. `after_a_wait` is asked again before one that waited; it may raise."""

    def layer(onward: Send) -> Send:
        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            async with take_slot(slots, trip, after_a_wait):
                return await onward(request, trip)

        return send

    return layer


@asynccontextmanager
async def take_slot(
    slots: ConcurrencySlots, trip: UpstreamRequest, after_a_wait: Callable[[UpstreamRequest], None]
) -> AsyncIterator[None]:
    """One slot for as long as it is needed. `after_a_wait`: see `with_slot`."""
    waits, trip.stage = slots.taken, RequestStage.SLOT
    await slots.acquire()
    try:
        if waits:
            after_a_wait(trip)
        yield
    finally:
        slots.release()
