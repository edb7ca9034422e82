"""The implementation for a single gateway process: caches of bounded size (cachetools). Nothing survives a restart.

Nothing here waits between looking and changing, so every method is atomic within one event loop.
"""

import itertools
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from cachetools import LRUCache, TLRUCache

from gateway.ground.clock import Clock, now
from gateway.shared.contract import Circuit, Lease, MeterDecision, Rate, StoredSession

_ZERO = timedelta(0)
_OVERHEAD = 300
"""Bytes that an entry of the short-lived cache costs beside its key and value, roughly."""


class _ShortLived(NamedTuple):
    """An entry of the short-lived cache."""

    value: bytes
    cost: int
    until: float


class MemoryShared:
    """Implements `gateway.shared.contract.Shared`. `entries` bounds each kind, `cache_bytes` the short-lived cache.

    At its bound, a kind evicts the least recently used entry. Leases are evicted only when they have expired: with too
    many active leases, no new one is given.
    """

    def __init__(
        self,
        *,
        entries: int = 100_000,
        cache_bytes: int = 64_000_000,
        clock: Clock = now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._entries = entries
        self._numbers = itertools.count(1)
        self._leases: dict[str, tuple[Lease, float]] = {}
        self._arrivals: LRUCache[str, float] = LRUCache(entries)
        self._counters: LRUCache[str, tuple[int, datetime]] = LRUCache(entries)
        self._sessions: LRUCache[str, tuple[StoredSession, float]] = LRUCache(entries)
        self._circuits: LRUCache[str, Circuit] = LRUCache(entries)
        self._largest = cache_bytes // 8
        self._short_lived: TLRUCache[str, _ShortLived] = TLRUCache(
            cache_bytes,
            ttu=lambda _key, entry, _now: entry.until,
            timer=monotonic,
            getsizeof=lambda entry: entry.cost,
        )

    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        at = self._monotonic()
        held = self._leases.get(name)
        if held is not None and held[1] > at:
            return None
        if held is None and len(self._leases) >= self._entries and not self._forget_leases(at):
            return None
        lease = Lease(name, owner, next(self._numbers))
        self._leases[name] = (lease, at + ttl.total_seconds())
        return lease

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        at = self._monotonic()
        held = self._leases.get(lease.name)
        if held is None or held[0] != lease or held[1] <= at:
            return False
        self._leases[lease.name] = (lease, at + ttl.total_seconds())
        return True

    async def release(self, lease: Lease) -> None:
        held = self._leases.get(lease.name)
        if held is not None and held[0] == lease:
            del self._leases[lease.name]

    async def take(self, key: str, rate: Rate, *, patience: timedelta) -> MeterDecision:
        # GCRA: one number per key, the moment at which the bucket would be full again.
        at, interval = self._monotonic(), rate.interval.total_seconds()
        full_at = max(self._arrivals.get(key) or 0.0, at)
        wait = timedelta(seconds=max(0.0, full_at - (rate.burst - 1) * interval - at))
        if wait > max(patience, _ZERO):
            return MeterDecision(granted=False, wait=wait)
        self._arrivals[key] = full_at + interval
        return MeterDecision(granted=True, wait=wait)

    async def count(self, key: str, *, limit: int, until: datetime) -> bool:
        counted, ends = self._counters.get(key) or (0, until)
        if ends <= self._clock():
            counted, ends = 0, until
        if counted >= limit:
            return False
        self._counters[key] = (counted + 1, ends)
        return True

    async def counted(self, key: str) -> int:
        counted, ends = self._counters.get(key) or (0, self._clock())
        return counted if ends > self._clock() else 0

    async def session(self, key: str) -> StoredSession | None:
        held = self._sessions.get(key)
        return held[0] if held is not None and held[1] > self._monotonic() else None

    async def replace_session(self, key: str, expected: int, value: bytes, ttl: timedelta) -> StoredSession | None:
        present = await self.session(key)
        if (present.generation if present else 0) != expected:
            return None
        stored = StoredSession(next(self._numbers), value)
        self._sessions[key] = (stored, self._monotonic() + ttl.total_seconds())
        return stored

    async def circuit(self, key: str) -> Circuit | None:
        return self._circuits.get(key)

    async def set_circuit(self, key: str, circuit: Circuit | None) -> None:
        if circuit is None:
            self._circuits.pop(key, None)
        else:
            self._circuits[key] = circuit

    async def put(self, key: str, value: bytes, ttl: timedelta) -> bool:
        self._short_lived.pop(key, None)
        cost = len(key) + len(value) + _OVERHEAD
        if cost > self._largest:  # it would push out what many other callers still need
            return False
        self._short_lived[key] = _ShortLived(value, cost, self._monotonic() + ttl.total_seconds())
        return True

    async def get(self, key: str) -> bytes | None:
        held = self._short_lived.get(key)
        return held.value if held is not None else None

    async def delete(self, key: str) -> None:
        self._short_lived.pop(key, None)

    async def aclose(self) -> None:
        """Do nothing: there are no resources to release."""

    def _forget_leases(self, at: float) -> bool:
        self._leases = {name: held for name, held in self._leases.items() if held[1] > at}
        return len(self._leases) < self._entries
