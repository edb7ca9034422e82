"""A timer whose time is often set again: it changes a number, and wakes up at most once before it is due.

A timer of the event loop costs about a microsecond to begin and to cancel. A kept connection needs a new time limit
after each answer.
"""

import asyncio
from collections.abc import Callable
from typing import Final

_RESOLUTION: Final = 0.001
"""Seconds by which the event loop's clock may be late."""


class ResettableTimer:
    """Calls `expire` once when the time that was set last is over."""

    __slots__ = ("_due", "_expire", "_handle", "_loop", "_wakes")

    def __init__(self, loop: asyncio.AbstractEventLoop, expire: Callable[[], None]) -> None:
        self._loop = loop
        self._expire = expire
        self._due: float | None = None
        self._wakes = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        """Call `expire` after this time, instead of at an earlier set time."""
        self._due = due = self._loop.time() + seconds
        if self._handle is not None:
            if self._wakes <= due:
                return
            self._handle.cancel()
        self._wake_at(due)

    def stop(self) -> None:
        """Do not call `expire`."""
        self._due = None

    def close(self) -> None:
        """Do not call `expire`, and give up the timer of the event loop."""
        self._due = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _wake(self) -> None:
        self._handle = None
        if self._due is None:
            return
        if self._due - self._loop.time() > _RESOLUTION:
            self._wake_at(self._due)
        else:
            self._due = None
            self._expire()

    def _wake_at(self, due: float) -> None:
        self._wakes = due
        self._handle = self._loop.call_at(due, self._wake)
