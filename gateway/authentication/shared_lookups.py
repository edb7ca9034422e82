"""Concurrent requests with the same token share one look-up of its caller."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from gateway.policy.principal import MachinePrincipal, Principal


@dataclass(frozen=True, slots=True)
class _RunningLookup:
    """A look-up. `began`: seconds since 1970; `changes`: of the tables that principals are built from, at that time."""

    caller: "asyncio.Task[Principal | MachinePrincipal]"
    began: float
    changes: int


class SharedLookups:
    """The running look-ups by the hash of the token.

    A request joins a look-up that began at most `hold_seconds` before, unless this process has changed an account,
    client, grant or revocation since. So what this process has ended is refused, and what another process has ended
    is accepted for no longer than from the cache.
    """

    def __init__(self, hold_seconds: float) -> None:
        self._hold_seconds = hold_seconds
        self._lookups: dict[bytes, _RunningLookup] = {}

    def __len__(self) -> int:
        return len(self._lookups)

    async def share(
        self,
        digest: bytes,
        moment: float,
        changes: int,
        look_up: Callable[[], Coroutine[Any, Any, Principal | MachinePrincipal]],
    ) -> Principal | MachinePrincipal:
        """Return the caller: of a running look-up, or of a new one. Raises every error of `look_up`."""
        lookup = self._lookups.get(digest)
        if lookup is None or lookup.changes != changes or not 0 <= moment - lookup.began <= self._hold_seconds:
            lookup = self._start(digest, _RunningLookup(asyncio.create_task(look_up()), moment, changes))
        # The others need the caller, even if the request that began the look-up is cancelled.
        return await asyncio.shield(lookup.caller)

    def _start(self, digest: bytes, lookup: _RunningLookup) -> _RunningLookup:
        def end(_task: object) -> None:
            if self._lookups.get(digest) is lookup:
                del self._lookups[digest]
            if not lookup.caller.cancelled():
                lookup.caller.exception()  # retrieve the error: every request may have left

        self._lookups[digest] = lookup
        lookup.caller.add_done_callback(end)
        return lookup
