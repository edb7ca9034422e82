"""Dictionaries that cannot grow without end: one bounded in entries, one in bytes and time."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

V = TypeVar("V")

_OVERHEAD = 300
"""Bytes that an entry costs beside its key and value, roughly."""


class BoundedDict(Generic[V]):
    """Keeps the `limit` entries that were used last."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str) -> V | None:
        """The value, which counts as a use."""
        value = self._kept.get(key)
        if value is not None:
            self._kept.move_to_end(key)
        return value

    def put(self, key: str, value: V) -> None:
        """Keep the value; the entry that was used longest ago makes room."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget the entry."""
        self._kept.pop(key, None)


class ByteCache:
    """Keeps values until their time is over, at most `limit` bytes in all; when it is full the oldest fall off.

    A value larger than an eighth of the shelf is not kept: it would push off what many others still need.
    """

    def __init__(self, limit: int, monotonic: Callable[[], float]) -> None:
        self._limit = limit
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self.size = 0

    def put(self, key: str, value: bytes, ttl: timedelta) -> bool:
        """Keep `value` for `ttl`; False when it is too large."""
        self.drop(key)
        cost = self._cost(key, value)
        if cost > self._limit // 8:
            return False
        self._kept[key] = (value, self._monotonic() + ttl.total_seconds())
        self.size += cost
        while self.size > self._limit:
            self.drop(next(iter(self._kept)))
        return True

    def get(self, key: str) -> bytes | None:
        """The value, unless its time is over."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept[1] <= self._monotonic():
            self.drop(key)
            return None
        return kept[0]

    def drop(self, key: str) -> None:
        """Forget the value."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.size -= self._cost(key, kept[0])

    @staticmethod
    def _cost(key: str, value: bytes) -> int:
        return len(key) + len(value) + _OVERHEAD
