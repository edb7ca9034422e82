"""The order in which answers are processed: one in each round of the event loop, the earliest deadline first.

Answers of systems often arrive together, and each takes a millisecond or more to become records. Without an order, the
loop would process all of them before it sends the first answer to a client: every client would wait for the whole
batch. Between two of them, the loop also serves what is quick: ready answers, health, new connections.

Failures are processed in the same order: when a system is given up, all questions that wait for it fail at once.
"""

import asyncio
from heapq import heappop, heappush
from itertools import count

from gateway.ground.deadline import Deadline


class ProcessingOrder:
    """Lets one waiting task go on in each round of the event loop."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._places = count()
        self._taken = False

    async def turn(self, deadline: Deadline) -> None:
        """Return at once if no other task had this round; otherwise when no task with an earlier deadline waits."""
        loop = asyncio.get_running_loop()
        if not self._taken:
            self._taken = True
            loop.call_soon(self._next)
            return
        waiter: asyncio.Future[None] = loop.create_future()
        # Tasks with the same deadline go on in the order of their arrival.
        heappush(self._waiting, (deadline.at, next(self._places), waiter))
        await waiter

    def _next(self) -> None:
        """Wake the first task that still waits; this runs again after the task did."""
        while self._waiting:
            _, _, waiter = heappop(self._waiting)
            if not waiter.done():
                waiter.set_result(None)
                asyncio.get_running_loop().call_soon(self._next)
                return
        self._taken = False
