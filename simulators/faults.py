"""Faults on demand: which kinds there are, and which one is on for the next request."""

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

_SCOPE_KEY: Final = "simulator.fault"


class FaultKind(StrEnum):
    """A way of failing. The comments say what a simulator that serves HTTP does."""

    NONE = "none"
    SLOW = "slow"  # 2.5 s (or `seconds`) before the first byte, less when the fault ends, then the right answer
    HANG = "hang"  # never answers
    DRIP = "drip"  # the right answer, one byte every half second
    RESET = "reset"  # the connection is reset without an answer
    ERROR_500 = "500"  # an error page with status 500
    HTML = "html"  # a maintenance page with status 200
    LOGIN = "login"  # as the system does when it does not know who asks (carried out by the simulator)
    MALFORMED = "malformed"  # half of the right answer
    OVERSIZED = "oversized"  # a body of more than 60 MB
    RATE_LIMITED = "rate-limited"  # 429 with Retry-After
    QUOTA = "quota"  # today's quota is spent, as the system says it (carried out by the simulator)
    CLOCK_SKEW = "clock-skew"  # the system's clock is wrong (carried out by the simulator)
    SESSION_EXPIRED = "session-expired"  # every session ends at once (carried out by the simulator)
    REDIRECT = "redirect"  # 302 to another host


GENERIC: Final = frozenset(
    {
        FaultKind.SLOW,
        FaultKind.HANG,
        FaultKind.DRIP,
        FaultKind.RESET,
        FaultKind.ERROR_500,
        FaultKind.HTML,
        FaultKind.MALFORMED,
        FaultKind.OVERSIZED,
        FaultKind.RATE_LIMITED,
        FaultKind.REDIRECT,
    }
)
"""What `simulators.middleware.Carrying` can do to any simulator that serves HTTP."""


class FaultRefusedError(ValueError):
    """This fault makes no sense for this simulator; the message says why."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The fault that is on. `times`: for how many more requests (None: until told otherwise). `path`: only for
    requests whose path starts so. `seconds`: how long `slow` takes (None: as long as usual)."""

    kind: FaultKind = FaultKind.NONE
    times: int | None = None
    path: str | None = None
    seconds: float | None = None


def _ignore(_fault: Fault) -> None:
    return None


class FaultState:
    """Which fault is on, and for how long.

    `supported` are the kinds that make sense; `why_not` gives the reason for kinds that do not. `on_change` is called
    with the new fault whenever one is set (also `none`) and may raise `FaultRefusedError`: then nothing changes. A
    simulator that has to act at once (end all sessions, damage a file) assigns it in `build`.
    """

    def __init__(self, supported: frozenset[FaultKind], why_not: Mapping[FaultKind, str] | None = None) -> None:
        self.supported = supported
        self.on_change: Callable[[Fault], None] = _ignore
        self._why_not = dict(why_not or {})
        self._fault = Fault()
        self.replaced = asyncio.Event()
        """Set when another fault takes the place of the present one; each fault has an event of its own."""

    @property
    def fault(self) -> Fault:
        """The fault that is on; its kind is `none` when there is none."""
        return self._fault

    def set(self, fault: Fault) -> None:
        """Put `fault` on in place of the one before. Raises `FaultRefusedError`."""
        if fault.kind is not FaultKind.NONE and fault.kind not in self.supported:
            raise FaultRefusedError(self._why_not.get(fault.kind, f"{fault.kind} makes no sense for this system"))
        self.on_change(fault)
        self._fault = fault
        self.replaced.set()
        self.replaced = asyncio.Event()

    def take(self, path: str) -> Fault:
        """The fault for one request to `path`; counts it, so call this once for each request."""
        fault = self._fault
        if fault.kind is FaultKind.NONE or not path.startswith(fault.path or ""):
            return Fault()
        if fault.times is not None:
            self._fault = replace(fault, times=fault.times - 1) if fault.times > 1 else Fault()
        return fault


def remember(scope: MutableMapping[str, Any], kind: FaultKind) -> None:
    """Note in the ASGI scope which fault this request is under, for the simulator to carry out."""
    scope[_SCOPE_KEY] = kind


def current(scope: Mapping[str, Any]) -> FaultKind:
    """The fault that the simulator itself has to carry out for the request of this ASGI scope, or `none`.

    Only kinds in the simulator's `own_faults` occur here; the middleware carries out the others.
    """
    kind = scope.get(_SCOPE_KEY, FaultKind.NONE)
    return kind if isinstance(kind, FaultKind) else FaultKind.NONE
