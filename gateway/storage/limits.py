"""Time limits of our own database: the settings, and the budget of one request."""

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import timedelta
from time import monotonic
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

_POSITIVE: Final = timedelta(0)


class DatabaseLimits(BaseModel):
    """How long the gateway waits for its own database."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect: timedelta = Field(
        default=timedelta(seconds=3),
        gt=_POSITIVE,
        description="How long a connection may take to be made, or to answer",
    )
    pool: timedelta = Field(
        default=timedelta(seconds=5),
        gt=_POSITIVE,
        description="How long to wait for a connection that others are using",
    )
    lock: timedelta = Field(
        default=timedelta(seconds=5), gt=_POSITIVE, description="How long a statement waits for a lock"
    )
    statement: timedelta = Field(
        default=timedelta(seconds=8), gt=_POSITIVE, description="How long PostgreSQL works on one statement"
    )
    request: timedelta = Field(
        default=timedelta(seconds=10), gt=_POSITIVE, description="How long one request may spend on the database in all"
    )
    background: timedelta = Field(
        default=timedelta(seconds=30),
        gt=_POSITIVE,
        description="How long one transaction may take that no request waits for",
    )
    migration: timedelta = Field(
        default=timedelta(minutes=10), gt=_POSITIVE, description="How long `gerbang migrate` may take"
    )
    start: timedelta = Field(
        default=timedelta(seconds=30),
        ge=_POSITIVE,
        description="How long a start waits for the database, and for the process that is using it to end",
    )


class Budget:
    """The seconds that one request may spend on the database: they pass while at least one transaction is open."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._open = 0
        self._since = 0.0
        self._ended = False
        self._lock = threading.Lock()

    def remaining(self) -> float | None:
        """The seconds that are left; None when the request has ended and only its background work goes on."""
        with self._lock:
            if self._ended:
                return None
            return self._left - (monotonic() - self._since if self._open else 0.0)

    @contextlib.contextmanager
    def spending(self) -> Iterator[None]:
        """Let time pass while the block runs."""
        with self._lock:
            if not self._open:
                self._since = monotonic()
            self._open += 1
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1
                if not self._open:
                    self._left -= monotonic() - self._since

    def end(self) -> None:
        """Bind nothing any more: tasks that outlive the request keep its context."""
        with self._lock:
            self._ended = True


_budget: ContextVar[Budget | None] = ContextVar("database_budget", default=None)
_limit: ContextVar[float | None] = ContextVar("database_limit", default=None)


@contextlib.contextmanager
def request_budget(limit: timedelta) -> Iterator[None]:
    """Bound the database work of one request: of this task, and of tasks and threads that it starts."""
    budget = Budget(limit.total_seconds())
    token = _budget.set(budget)
    try:
        yield
    finally:
        budget.end()
        _budget.reset(token)


@contextlib.contextmanager
def limited_to(limit: timedelta) -> Iterator[None]:
    """Bound every transaction of the block, in place of the limit for background work."""
    token = _limit.set(limit.total_seconds())
    try:
        yield
    finally:
        _limit.reset(token)


@contextlib.contextmanager
def spending() -> Iterator[None]:
    """Charge the block to the request on whose behalf it runs, if there is one."""
    budget = _budget.get()
    with budget.spending() if budget else contextlib.nullcontext():
        yield


def seconds_allowed(otherwise: timedelta) -> float:
    """How long a connection may be held from now on: what `limited_to` says, else `otherwise`; never over the budget.

    Zero or less when the request has spent its budget.
    """
    seconds = _limit.get()
    seconds = otherwise.total_seconds() if seconds is None else seconds
    budget = _budget.get()
    left = budget.remaining() if budget else None
    return seconds if left is None else min(seconds, left)
