"""Protocols for state that several gateway processes share. Keys are text, values are bytes.

    Leases             one process at a time does a task; the fence number identifies the present holder
    Meters             limits of calls: a rate (calls a minute) and a counter (calls a day)
    CallWindows        limits of callers: how many calls each of them made within the last seconds
    LegacySessions     the one session of a legacy system, with its generation
    Circuits           offices that are not called at present, and until when
    ShortLivedCache    small sealed values that live a short while

All methods are async, except that of `CallWindows`: every request is counted before anything else, so an implementation
for several processes counts in its own memory too and exchanges the counts behind that.

The caller seals a secret or personal value before storing it: an implementation may write it to a database.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, Self

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of `owner` to do the task `name`. `fence` increases with every lease of this name."""

    name: str
    owner: str
    fence: int


class Leases(Protocol):
    """Leases with one holder at a time."""

    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        """Acquire the lease for `ttl`; None while it is held (even by the same owner)."""
        ...

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        """Extend the lease to `ttl` from now. False when it was lost: the holder must stop its task."""
        ...

    async def release(self, lease: Lease) -> None:
        """Release the lease. A lease that was lost meanwhile is left to its present holder."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` tokens at once, and one more after each `interval`."""

    interval: timedelta
    burst: int

    @classmethod
    def per_minute(cls, calls: int) -> Self:
        """A rate that never allows more than `calls` in any window of one minute, wherever the window begins.

        Half of them may be taken at once; the rest are refilled so that burst and refill together are exactly one
        minute's calls.
        """
        if calls < 1:
            raise ValueError("a rate of no calls at all is no rate")
        burst = max(1, calls // 2)
        return cls(interval=_MINUTE / (calls - burst + 1), burst=burst)


@dataclass(frozen=True, slots=True)
class MeterDecision:
    """Whether a token was taken. If granted, proceed after `wait`; if not, one is free after `wait`."""

    granted: bool
    wait: timedelta


class Meters(Protocol):
    """Limits how often an action may be done."""

    async def take(self, key: str, rate: Rate, *, patience: timedelta) -> MeterDecision:
        """Take one token now, or reserve the next one if it comes within `patience`. Callers are served in order."""
        ...

    async def count(self, key: str, *, limit: int, until: datetime) -> bool:
        """Increment the counter and return True, unless `limit` is reached. The counter expires at `until`."""
        ...

    async def counted(self, key: str) -> int:
        """The present value of the counter; 0 if it has none or has expired."""
        ...


class WindowDecision(NamedTuple):
    """Whether a call was counted. `remaining`: calls that are left; `wait`: whole seconds until the next are free."""

    granted: bool
    remaining: int
    wait: int


class CallWindows(Protocol):
    """Counts the calls of each key within a sliding window of time."""

    def take(self, key: str, limit: int) -> WindowDecision:
        """Count one call, unless the key has made `limit` calls within the window. Refused calls are not counted."""
        ...


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A stored session: sealed, with its generation. A newer generation replaces every older one."""

    generation: int
    value: bytes = field(repr=False)


class LegacySessions(Protocol):
    """Sessions of systems. Generations are above 0 and never decrease, even after a session has expired."""

    async def session(self, key: str) -> StoredSession | None:
        """The present session; None if there is none."""
        ...

    async def replace_session(self, key: str, expected: int, value: bytes, ttl: timedelta) -> StoredSession | None:
        """Replace generation `expected` (0: none) by a new session; None when another one was stored first."""
        ...


@dataclass(frozen=True, slots=True)
class Circuit:
    """An office that is not called until `until`; `cause` is a word of `adapters.errors.Cause`."""

    until: datetime
    cause: str


class Circuits(Protocol):
    """The open circuits of offices."""

    async def circuit(self, key: str) -> Circuit | None:
        """The stored circuit, even if it has expired; None when none is stored."""
        ...

    async def set_circuit(self, key: str, circuit: Circuit | None) -> None:
        """Open the circuit, or close it with None."""
        ...


class ShortLivedCache(Protocol):
    """Small sealed values for a short time, bounded in bytes: a full cache evicts the least recently used."""

    async def put(self, key: str, value: bytes, ttl: timedelta) -> bool:
        """Store `value` for at most `ttl`. False when it is too large."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The value; None when it is missing or expired."""
        ...

    async def delete(self, key: str) -> None:
        """Delete the value."""
        ...


class Shared(Leases, Meters, LegacySessions, Circuits, ShortLivedCache, Protocol):
    """All shared state."""

    async def aclose(self) -> None:
        """Release the resources of the implementation (connections)."""
        ...
