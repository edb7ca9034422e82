"""Request coalescing: identical questions of requests that arrived before the answer share one call and its answer.

A call runs as long as at least one caller waits for its answer. A caller that leaves (the client disconnected, its
deadline passed) does not affect the other callers; when the last one leaves, the call is cancelled.

A request that was received before the answer may reach its question after it, since its task waited for the event
loop. So an answer can still be joined for a short time, but only by requests that were received before it: no request
gets an answer that came before it. Errors are not joined.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from math import inf
from typing import Any, Final, Generic, TypeVar

from gateway.ground.deadline import Deadline
from gateway.ground.turns import Turns

T = TypeVar("T")

_MAX_SHARED: Final = 10_000
GRACE_SECONDS: Final = 0.25
"""Seconds beyond a deadline, so that the upstream stack, which enforces the deadline, raises its error first."""
_MIN_TIME_SHARE: Final = 0.75
"""A caller joins a call only if the call has at least this part of the caller's remaining time."""
LATE_SECONDS: Final = 0.04
LATE_STEPS: Final = 8
"""An answer can be joined for `LATE_SECONDS`, or for as many rounds of the event loop if they take longer: a loop that
is late runs the timer of one step in each of its rounds."""
MOST_LATE: Final = 100
"""Answers that are kept for longer than that, while requests that were received before them have not begun."""


@dataclass(slots=True, eq=False)
class _RunningCall(Generic[T]):
    deadline: Deadline
    answer: "asyncio.Task[T]"
    waiting: int = 0
    answered_at: float = inf
    """When the answer came, on the monotonic clock. The task is done one round before this is known."""


class SharedQuestions(Generic[T]):
    """The running calls by key. At most `most` can be joined; calls beyond that run without sharing.

    `starts` are the turns in which requests begin; their places are the times at which the requests were received.
    """

    def __init__(self, starts: Turns, most: int = _MAX_SHARED) -> None:
        self._starts = starts
        self._most = most
        self._questions: dict[Hashable, _RunningCall[T]] = {}
        self._answered: deque[tuple[int, Hashable, _RunningCall[T]]] = deque()
        self._steps = 0
        self.asked = 0
        """Questions for which a call was made, since the start."""
        self.joined = 0
        """Questions that shared the call of another one, since the start."""

    def __len__(self) -> int:
        return len(self._questions)

    async def share(self, key: Hashable, deadline: Deadline, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the answer for `key`: of a running call, or of a new call of `ask`.

        Raises `TimeoutError` soon after `deadline`, and every error of `ask`.
        """
        question = self._joinable(key, deadline)
        if question is None:
            self.asked += 1
            question = self._start(key, deadline, ask)
        else:
            self.joined += 1
            if question.answer.done():
                return question.answer.result()
        question.waiting += 1
        try:
            async with asyncio.timeout(max(deadline.remaining(), 0) + GRACE_SECONDS):
                return await asyncio.shield(question.answer)
        finally:
            question.waiting -= 1
            if not question.waiting and not question.answer.done():
                self._forget(key, question)
                question.answer.cancel()

    def _joinable(self, key: Hashable, deadline: Deadline) -> _RunningCall[T] | None:
        question = self._questions.get(key)
        if question is None:
            return None
        if question.answer.done():
            return question if deadline.received <= question.answered_at else None
        if question.deadline.remaining() < _MIN_TIME_SHARE * deadline.remaining():
            return None
        return question

    def _start(self, key: Hashable, deadline: Deadline, ask: Callable[[], Coroutine[Any, Any, T]]) -> _RunningCall[T]:
        question = _RunningCall(deadline, asyncio.create_task(ask()))
        if len(self._questions) < self._most or key in self._questions:
            self._questions[key] = question
        question.answer.add_done_callback(lambda answer: self._finish(key, question, answer))
        return question

    def _finish(self, key: Hashable, question: _RunningCall[T], answer: "asyncio.Task[T]") -> None:
        # The error is retrieved in any case: every caller may have left.
        if answer.cancelled() or answer.exception() is not None:
            self._forget(key, question)
        else:
            question.answered_at = time.monotonic()
            self._answered.append((self._steps, key, question))
            if len(self._answered) == 1:
                self._wait_a_step()

    def _wait_a_step(self) -> None:
        asyncio.get_running_loop().call_later(LATE_SECONDS / LATE_STEPS, self._drop_answers)

    def _drop_answers(self) -> None:
        """Drop the answers that no request is expected to join any more; this runs again while there are others."""
        self._steps += 1
        while self._answered:
            step, key, question = self._answered[0]
            if len(self._answered) <= MOST_LATE and self._is_awaited(question):
                self._answered[0] = (self._steps, key, question)
                break
            if self._steps - step <= LATE_STEPS:
                break
            self._answered.popleft()
            self._forget(key, question)
        if self._answered:
            self._wait_a_step()

    def _is_awaited(self, question: _RunningCall[T]) -> bool:
        """Whether a request that was received before the answer has not begun."""
        received = self._starts.first_place
        return received is not None and received <= question.answered_at

    def _forget(self, key: Hashable, question: _RunningCall[T]) -> None:
        if self._questions.get(key) is question:
            del self._questions[key]
