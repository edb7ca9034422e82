"""What several gateway processes must agree on, as Protocols. Keys are text, values are bytes, everything is awaited.

    Leases      one process at a time does a thing; the fence number tells a late holder from the present one
    Meters      how often a thing may be done: a rate (calls a minute) and a counter (calls a day)
    Sessions    the one session that a legacy system has given us, with its generation
    Circuits    which offices are not asked at present, and until when
    Shelf       small sealed values that live a short while

Whoever stores a value that is secret or personal seals it first: an implementation may write it to a database.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Self

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of `owner` to do the thing called `name`. `fence` grows with every lease that is given."""

    name: str
    owner: str
    fence: int


class Leases(Protocol):
    """One holder at a time."""

    async def acquire(self, name: str, owner: str, ttl: timedelta) -> Lease | None:
        """The lease for `ttl`, or None while somebody holds it (be it the same owner)."""
        ...

    async def extend(self, lease: Lease, ttl: timedelta) -> bool:
        """Hold it for `ttl` from now. False when it was lost: stop what you are doing."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give it back. A lease that was lost meanwhile is left to its present holder."""
        ...


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: `burst` at once, and one more after each `interval`."""

    interval: timedelta
    burst: int

    @classmethod
    def per_minute(cls, calls: int) -> Self:
        """A rate that never gives more than `calls` in any window of one minute, wherever the window begins.

        Half of them may go at once; the rest trickle, so that burst and trickle together fill a minute exactly.
        """
        if calls < 1:
            raise ValueError("a rate of no calls at all is no rate")
        burst = max(1, calls // 2)
        return cls(interval=_MINUTE / (calls - burst + 1), burst=burst)


@dataclass(frozen=True, slots=True)
class MeterDecision:
    """Whether a token was taken. Granted: go after `wait`. Not granted: nothing was taken, and it would take `wait`."""

    granted: bool
    wait: timedelta


class Meters(Protocol):
    """How often a thing may be done."""

    async def take(self, key: str, rate: Rate, *, patience: timedelta) -> MeterDecision:
        """Take one token now, or reserve the next one if it comes within `patience`. Turns are given in order."""
        ...

    async def count(self, key: str, *, limit: int, until: datetime) -> bool:
        """Count one up, unless `limit` is reached; False then. After `until` the counter is forgotten."""
        ...


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it is kept: sealed, and numbered. A newer generation replaces every older one."""

    generation: int
    value: bytes = field(repr=False)


class LegacySessions(Protocol):
    """Sessions of systems. Generations are above 0 and never go back, even when a session has been forgotten."""

    async def session(self, key: str) -> StoredSession | None:
        """The present session."""
        ...

    async def replace_session(self, key: str, expected: int, value: bytes, ttl: timedelta) -> StoredSession | None:
        """Put a new session in place of generation `expected` (0: there is none); None when another was put before."""
        ...


@dataclass(frozen=True, slots=True)
class Circuit:
    """An office that is not asked until `until`; `cause` is a word of `adapters.errors.Cause`."""

    until: datetime
    cause: str


class Circuits(Protocol):
    """Which offices are not asked at present."""

    async def circuit(self, key: str) -> Circuit | None:
        """What is known, be it past; None when nothing is."""
        ...

    async def set_circuit(self, key: str, circuit: Circuit | None) -> None:
        """Open it, or close it with None."""
        ...


class ShortLivedCache(Protocol):
    """Small sealed values for a short while, bounded in bytes: when it is full, the oldest fall off."""

    async def put(self, key: str, value: bytes, ttl: timedelta) -> bool:
        """Keep `value` for at most `ttl`. False when it is too large to be kept at all."""
        ...

    async def get(self, key: str) -> bytes | None:
        """The value, or None when there is none any more."""
        ...

    async def delete(self, key: str) -> None:
        """Forget it."""
        ...


class Shared(Leases, Meters, LegacySessions, Circuits, ShortLivedCache, Protocol):
    """All of it."""

    async def aclose(self) -> None:
        """Give back what the implementation holds (connections)."""
        ...
