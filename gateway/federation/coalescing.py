"""Request coalescing: identical questions of requests that arrived before the answer share one call and its answer.

A call runs as long as at least one caller waits for its answer. A caller that leaves (the client disconnected, its
deadline passed) does not affect the other callers; when the last one leaves, the call is cancelled.

A request that was received before the answer may reach its question after it: its bytes waited for the event loop, or
its task did. So an answer can be joined until the next round of the loop. Then it is
dropped: no answer is kept for requests that arrive later. Errors are not joined.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from gateway.ground.deadline import Deadline

T = TypeVar("T")

_MAX_SHARED: Final = 10_000
GRACE_SECONDS: Final = 0.25
"""Seconds beyond a deadline, so that the upstream stack, which enforces the deadline, raises its error first."""
_MIN_TIME_SHARE: Final = 0.75
"""A caller joins a call only if the call has at least this part of the caller's remaining time."""
LATE_ROUNDS: Final = 1
"""Rounds of the event loop for which an answer can be joined. With more, a request that was sent after the caller had
its answer could join it too."""


@dataclass(slots=True, eq=False)
class _RunningCall(Generic[T]):
    deadline: Deadline
    answer: "asyncio.Task[T]"
    waiting: int = 0


class SharedQuestions(Generic[T]):
    """The running calls by key. At most `most` can be joined; calls beyond that run without sharing."""

    def __init__(self, most: int = _MAX_SHARED) -> None:
        self._most = most
        self._questions: dict[Hashable, _RunningCall[T]] = {}
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
        if question is None or question.answer.done():
            return question
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
            self._forget_after(LATE_ROUNDS, key, question)

    def _forget_after(self, rounds: int, key: Hashable, question: _RunningCall[T]) -> None:
        if rounds == 0:
            self._forget(key, question)
        else:
            asyncio.get_running_loop().call_soon(self._forget_after, rounds - 1, key, question)

    def _forget(self, key: Hashable, question: _RunningCall[T]) -> None:
        if self._questions.get(key) is question:
            del self._questions[key]
