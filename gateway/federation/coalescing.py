"""Request coalescing: concurrent identical questions share one call and its answer.

A call runs as long as at least one caller waits for its answer. A caller that leaves (the client disconnected, its
deadline passed) does not affect the other callers; when the last one leaves, the call is cancelled. No answer is kept.
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

    def __len__(self) -> int:
        return len(self._questions)

    async def share(self, key: Hashable, deadline: Deadline, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Return the answer for `key`: of a running call, or of a new call of `ask`.

        Raises `TimeoutError` soon after `deadline`, and every error of `ask`.
        """
        question = self._joinable(key, deadline) or self._start(key, deadline, ask)
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
        if question is None or question.deadline.remaining() < _MIN_TIME_SHARE * deadline.remaining():
            return None
        return question

    def _start(self, key: Hashable, deadline: Deadline, ask: Callable[[], Coroutine[Any, Any, T]]) -> _RunningCall[T]:
        question = _RunningCall(deadline, asyncio.create_task(ask()))
        if len(self._questions) < self._most or key in self._questions:
            self._questions[key] = question
        question.answer.add_done_callback(lambda answer: self._finish(key, question, answer))
        return question

    def _finish(self, key: Hashable, question: _RunningCall[T], answer: "asyncio.Task[T]") -> None:
        self._forget(key, question)
        if not answer.cancelled():
            answer.exception()  # retrieve the error: every caller may have left

    def _forget(self, key: Hashable, question: _RunningCall[T]) -> None:
        if self._questions.get(key) is question:
            del self._questions[key]
