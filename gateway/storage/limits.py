"""Time limits of the gateway's own database, at the start and in service: the settings, and a request's budget."""

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import timedelta
from time import monotonic
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

_POSITIVE: Final = timedelta(0)


def milliseconds(limit: timedelta) -> int:
    """A limit as the databases take it; at least 1, since 0 means none there."""
    return max(1, int(limit.total_seconds() * 1000))


class DatabaseLimits(BaseModel):
    """How long the gateway waits for its own database."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: timedelta = Field(
        default=timedelta(seconds=3),
        gt=_POSITIVE,
        description="Longest time to make a connection, or for its answer",
    )
    pool: timedelta = Field(
        default=timedelta(seconds=5),
        gt=_POSITIVE,
        description="Longest wait for a free connection of the pool",
    )
    lock: timedelta = Field(
        default=timedelta(seconds=5), gt=_POSITIVE, description="Longest wait of a statement for a lock"
    )
    statement: timedelta = Field(
        default=timedelta(seconds=8), gt=_POSITIVE, description="Longest time for one statement on PostgreSQL"
    )
    request: timedelta = Field(
        default=timedelta(seconds=10),
        gt=_POSITIVE,
        description="Longest time that one request may spend on the database in all",
    )
    background: timedelta = Field(
        default=timedelta(seconds=30),
        gt=_POSITIVE,
        description="Longest time for a transaction that no request waits for",
    )
    migration: timedelta = Field(
        default=timedelta(minutes=10), gt=_POSITIVE, description="Longest time for `gerbang migrate`"
    )
    start: timedelta = Field(
        default=timedelta(seconds=30),
        ge=_POSITIVE,
        description="Longest wait of a start for the database, and for the process that is using it to end",
    )


class Budget:
    """The seconds that one request may spend on the database; they pass while a transaction is open."""

    def __init__(self, seconds: float) -> None:
        self._remaining = seconds
        self._open = 0
        self._started = 0.0
        self._ended = False
        self._lock = threading.Lock()

    def remaining(self) -> float | None:
        """The remaining seconds; None when the request has ended and only its background tasks continue."""
        with self._lock:
            if self._ended:
                return None
            return self._remaining - (monotonic() - self._started if self._open else 0.0)

    @contextlib.contextmanager
    def spending(self) -> Iterator[None]:
        """Count down while the block runs."""
        with self._lock:
            if not self._open:
                self._started = monotonic()
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1
                if not self._open:
                    self._remaining -= monotonic() - self._started

    def end(self) -> None:
        """Lift the limit: tasks that outlive the request keep its context."""
        with self._lock:
            self._ended = True


_budget: ContextVar[Budget | None] = ContextVar("database_budget", default=None)
_limit: ContextVar[float | None] = ContextVar("database_limit", default=None)


@contextlib.contextmanager
def request_budget(limit: timedelta) -> Iterator[None]:
    """Limit the database time of one request: of this task, and of tasks and threads that it starts."""
    budget = Budget(limit.total_seconds())
    token = _budget.set(budget)
    try:
        yield
    finally:
        budget.end()
        _budget.reset(token)


@contextlib.contextmanager
def limited_to(limit: timedelta) -> Iterator[None]:
    """Limit every transaction of the block, in place of the limit for background work."""
    token = _limit.set(limit.total_seconds())
    try:
        yield
    finally:
        _limit.reset(token)


@contextlib.contextmanager
def spending() -> Iterator[None]:
    """Charge the block to the current request, if there is one."""
    budget = _budget.get()
    with budget.spending() if budget else contextlib.nullcontext():
        yield


def seconds_allowed(default: timedelta) -> float:
    """The seconds for which a connection may be held: the limit of `limited_to`, else `default`; at most the budget.

    Zero or less when the request has spent its budget.
    """
    seconds = _limit.get()
    seconds = default.total_seconds() if seconds is None else seconds
    budget = _budget.get()
    remaining = budget.remaining() if budget else None
    return seconds if remaining is None else min(seconds, remaining)
