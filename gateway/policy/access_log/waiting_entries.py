"""The entries of one caller of the access log, who waits until they are written or the time is over."""

import asyncio
from dataclasses import dataclass
from typing import Final

from gateway.policy.access_log.entries import AccessLogEntry, AccessLogUnavailableError

_EXPIRY_ROUNDS: Final = 4
"""After a long round of the event loop, timers fire before it learns that a thread has finished in the meantime."""


@dataclass(slots=True, eq=False)
class WaitingEntries:
    """The entries, and the future that their caller waits for. Without entries it is a probe.

    `late`: the caller has already got an error.
    """

    entries: tuple[AccessLogEntry, ...]
    written: "asyncio.Future[None]"
    late: bool = False

    def expire(self, rounds: int = _EXPIRY_ROUNDS) -> None:
        """Give the caller an error, unless a result comes within some rounds of the loop."""
        if self.written.done():
            return
        if rounds:
            asyncio.get_running_loop().call_soon(self.expire, rounds - 1)
            return
        self.late = True
        self.resolve(AccessLogUnavailableError("the access log is not written in time"))

    def resolve(self, failure: AccessLogUnavailableError | None) -> None:
        """Give the caller the result, if the caller has none yet."""
        if self.written.done():
            return
        if failure is None:
            self.written.set_result(None)
            return
        self.written.set_exception(failure)
        self.written.exception()  # retrieve the error: the waiting caller may have left
