"""Request coalescing for public answers: identical requests wait for the first of them, which the application answers.

An answer is shared only by becoming a ready answer (`gateway.api.ready_answers`). Nothing is kept here after the end of
the first request.
"""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from gateway.ground.deadline import Deadline

_MOST_WAITING: Final = 10_000


class PendingEnd(Enum):
    """How a wait ended: the first request has its answer or can share none, it was cancelled, or the time is over."""

    ANSWERED = auto()
    CANCELLED = auto()
    TIMED_OUT = auto()


@dataclass(frozen=True, slots=True, eq=False)
class PendingAnswer:
    """The answer to the first of identical requests, while the application makes it."""

    key: Hashable
    end: asyncio.Future[PendingEnd]


class PendingAnswers:
    """The answers that are being made, by key. At most `most_waiting` requests wait for them at a time."""

    def __init__(self, most_waiting: int = _MOST_WAITING) -> None:
        self._most_waiting = most_waiting
        self._pending: dict[Hashable, PendingAnswer] = {}
        self.waiting = 0
        """How many requests wait now."""

    def __len__(self) -> int:
        return len(self._pending)

    def begin(self, key: Hashable) -> PendingAnswer | None:
        """Note that the answer for this key is being made; None if that is so already."""
        if key in self._pending:
            return None
        pending = self._pending[key] = PendingAnswer(key, asyncio.get_running_loop().create_future())
        return pending

    def end(self, pending: PendingAnswer, how: PendingEnd) -> None:
        """End the waits for an answer. Only the first call has an effect."""
        if not pending.end.done():
            del self._pending[pending.key]
            pending.end.set_result(how)

    async def wait(self, key: Hashable, deadline: Deadline) -> PendingEnd:
        """Wait for the end of the answer with this key, until `deadline`; return at once if too many wait already."""
        if self.waiting >= self._most_waiting:
            return PendingEnd.TIMED_OUT
        end = self._pending[key].end
        self.waiting += 1
        try:
            async with asyncio.timeout(deadline.remaining()):
                # A waiting request that is cancelled must not cancel the wait of the others.
                return await asyncio.shield(end)
        except TimeoutError:
            return PendingEnd.TIMED_OUT
        finally:
            self.waiting -= 1
