"""The bulkhead: limits the concurrent requests to one office; further requests wait in order of arrival."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.errors import Cause, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest


class ConcurrencySlots:
    """The slots of one office in this process: how many there are, how many are used, and how many requests wait."""

    def __init__(self, slots: int, most_waiting: int) -> None:
        self.slots = slots
        self.used = 0
        self._free = asyncio.Semaphore(slots)
        self._most_waiting = most_waiting
        self.waiting = 0

    @property
    def taken(self) -> bool:
        """Whether a new request has to wait."""
        return self._free.locked()

    async def acquire(self) -> None:
        """Wait for a slot. Raises `UpstreamUnavailableError` when too many requests wait already."""
        if self.waiting >= self._most_waiting:
            raise UpstreamUnavailableError("too many requests wait for a slot", cause=Cause.CONCURRENCY_LIMIT)
        self.waiting += 1
        try:
            await self._free.acquire()
            self.used += 1
        finally:
            self.waiting -= 1

    def release(self) -> None:
        """Pass the slot to the request that has waited longest."""
        self.used -= 1
        self._free.release()


def with_slot(slots: ConcurrencySlots, after_a_wait: Callable[[UpstreamRequest], None]) -> Layer:
    """Lets a request pass when it has a slot. `after_a_wait` is called for a request that waited; it may raise."""

    def layer(call_next: Send) -> Send:
        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            # As `take_slot`, without the cost of a context manager.
            waits, call_state.stage = slots.taken, RequestStage.SLOT
            await slots.acquire()
            try:
                if waits:
                    after_a_wait(call_state)
                return await call_next(request, call_state)
            finally:
                slots.release()

        return send

    return layer


@asynccontextmanager
async def take_slot(
    slots: ConcurrencySlots, call_state: UpstreamRequest, after_a_wait: Callable[[UpstreamRequest], None]
) -> AsyncIterator[None]:
    """Hold one slot within the context. `after_a_wait`: see `with_slot`."""
    waits, call_state.stage = slots.taken, RequestStage.SLOT
    await slots.acquire()
    try:
        if waits:
            after_a_wait(call_state)
        yield
    finally:
        slots.release()
