"""Identical questions share one answer: whoever asks the very same while it is under way waits with the others.

A question lives as long as somebody waits for its answer: one who leaves (the client hung up, their deadline passed)
takes nothing from the others, and with the last one the question itself ends. Nothing is kept once it is answered.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from gateway.ground.deadline import Deadline

T = TypeVar("T")

_MOST: Final = 10_000
GRACE_SECONDS: Final = 0.25
"""Seconds beyond a deadline: what keeps the deadline itself (the upstream stack) speaks first."""
_LEAST_OF_PATIENCE: Final = 0.75
"""A question is joined only if it has at least this part of the time that the newcomer has."""


@dataclass(slots=True, eq=False)
class _Question(Generic[T]):
    deadline: Deadline
    answer: "asyncio.Task[T]"
    waiting: int = 0


class SharedQuestions(Generic[T]):
    """The questions under way, by their key. At most `most` can be joined; any beyond are asked all the same."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._questions: dict[Hashable, _Question[T]] = {}

    def __len__(self) -> int:
        return len(self._questions)

    async def share(self, key: Hashable, deadline: Deadline, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer to the question called `key`, from whoever asks it already, or by `ask`.

        Raises `TimeoutError` soon after `deadline`, and what `ask` raised.
        """
        question = self._joinable(key, deadline) or self._asked(key, deadline, ask)
        question.waiting += 1
        try:
            async with asyncio.timeout(max(deadline.remaining(), 0) + GRACE_SECONDS):
                return await asyncio.shield(question.answer)
        finally:
            question.waiting -= 1
            if not question.waiting and not question.answer.done():
                self._forget(key, question)
                question.answer.cancel()

    def _joinable(self, key: Hashable, deadline: Deadline) -> _Question[T] | None:
        question = self._questions.get(key)
        if question is None or question.deadline.remaining() < _LEAST_OF_PATIENCE * deadline.remaining():
            return None
        return question

    def _asked(self, key: Hashable, deadline: Deadline, ask: Callable[[], Coroutine[Any, Any, T]]) -> _Question[T]:
        question = _Question(deadline, asyncio.create_task(ask()))
        if len(self._questions) < self._most or key in self._questions:
            self._questions[key] = question
        question.answer.add_done_callback(lambda answer: self._answered(key, question, answer))
        return question

    def _answered(self, key: Hashable, question: _Question[T], answer: "asyncio.Task[T]") -> None:
        self._forget(key, question)
        if not answer.cancelled():
            answer.exception()  # everybody who waited may be gone; then nobody else reads it

    def _forget(self, key: Hashable, question: _Question[T]) -> None:
        if self._questions.get(key) is question:
            del self._questions[key]
