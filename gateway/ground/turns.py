"""Turns: of the tasks that wait, the event loop lets only a few go on in each of its rounds.

The loop runs everything that is ready before it looks for new input. Many requests that arrive together, or many
answers of systems, would all be processed before any client got an answer, and what is quick (ready answers, health,
new connections) would wait for all of them.
"""

import asyncio
from heapq import heappop, heappush
from itertools import count


class Turns:
    """Lets at most `most` tasks go on in each round of the event loop."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._arrivals = count()

    @property
    def first_place(self) -> float | None:
        """The place of the task that goes on next; None if no task waits."""
        return self._waiting[0][0] if self._waiting else None

    def take_at_once(self) -> bool:
        """Take a turn of this round, if one is left; return whether that was so."""
        if not self._left:
            return False
        if self._left == self._most:
            asyncio.get_running_loop().call_soon(self._begin_round)
        self._left -= 1
        return True

    async def wait(self, place: float) -> None:
        """Wait for a turn: until no task with a smaller place waits. Equal ones go on in the order of their arrival."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (place, next(self._arrivals), waiter))
        await waiter

    async def take(self, place: float) -> None:
        """Take a turn of this round, or wait for one."""
        if not self.take_at_once():
            await self.wait(place)

    def _begin_round(self) -> None:
        """Let the first tasks go on; this runs again after they did."""
        self._left = self._most
        while self._waiting and self._left:
            _, _, waiter = heappop(self._waiting)
            if not waiter.done():  # its task was not cancelled
                waiter.set_result(None)
                self._left -= 1
        if self._left < self._most:
            asyncio.get_running_loop().call_soon(self._begin_round)
