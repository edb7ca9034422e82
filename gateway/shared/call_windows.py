"""Calls of each key within a sliding window, counted in slices of the window, in bounded memory.

A call counts until the whole slice in which it was made has left the window, so no window of this length, wherever it
begins, ever has more calls than the limit. A caller that always uses its limit up gets at least 50 of 51 of it.

The key that was used longest ago is dropped for a new one beyond the bound, and keys without calls in the window are
dropped on the way.
"""

import math
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from gateway.shared.contract import WindowDecision

SLICES: Final = 50
"""Slices of a window. More of them let a caller that is at its limit go on sooner, and cost memory for each key."""
_MOST_KEYS: Final = 50_000
_SWEPT: Final = 2
"""Expired keys that are dropped for each new one: more than one, so that they do not accumulate."""


class _Calls:
    """The calls of one key. `slices`: the number of a slice and its count, in turn, oldest first; 16 bytes a slice."""

    __slots__ = ("slices", "total")

    def __init__(self) -> None:
        self.slices = array("Q")
        self.total = 0


class SlicedCallWindows:
    """Implements `gateway.shared.contract.CallWindows` for a single process. `monotonic` returns seconds.

    A key takes about 300 bytes, and 1.1 KB at most.
    """

    def __init__(
        self, window: timedelta, *, most_keys: int = _MOST_KEYS, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = SLICES / window.total_seconds()
        self._most_keys = most_keys
        self._monotonic = monotonic
        self._keys: OrderedDict[str, _Calls] = OrderedDict()

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, key: str, limit: int) -> WindowDecision:
        position = self._monotonic() * self._per_second
        present = int(position)
        calls = self._keys.get(key)
        if calls is None:
            calls = self._add(key, present)
        else:
            self._keys.move_to_end(key)
        slices = calls.slices
        while slices and slices[0] < present - SLICES:
            calls.total -= slices[1]
            del slices[:2]
        granted = calls.total < limit
        if granted:
            calls.total += 1
            if slices and slices[-2] == present:
                slices[-1] += 1
            else:
                slices.extend((present, 1))
        # The oldest slice leaves the window when this many more slices have begun.
        wait = (slices[0] + SLICES + 1 - position) / self._per_second if slices else 0.0
        return WindowDecision(granted, max(limit - calls.total, 0), max(math.ceil(wait), 1))

    def _add(self, key: str, present: int) -> _Calls:
        for _ in range(_SWEPT):
            if not self._keys:
                break
            oldest = next(iter(self._keys))
            slices = self._keys[oldest].slices
            if len(self._keys) < self._most_keys and slices and slices[-2] >= present - SLICES:
                break
            del self._keys[oldest]
        calls = self._keys[key] = _Calls()
        return calls
