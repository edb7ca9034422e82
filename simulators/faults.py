"""Faults on demand: their kinds, and the state of the active fault."""

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

_SCOPE_KEY: Final = "simulator.fault"


class FaultKind(StrEnum):
    """A kind of fault. The comments describe the behaviour of a simulator that serves HTTP."""

    NONE = "none"
    SLOW = "slow"  # 2.5 s (or `seconds`, or until the fault ends) before the first byte, then the right answer
    HANG = "hang"  # never answers
    DRIP = "drip"  # the right answer, one byte every half second
    RESET = "reset"  # the connection is reset without an answer
    ERROR_500 = "500"  # an error page with status 500
    HTML = "html"  # a maintenance page with status 200
    LOGIN = "login"  # the answer of the system to an unauthenticated client (carried out by the simulator)
    MALFORMED = "malformed"  # half of the right answer
    OVERSIZED = "oversized"  # a body of more than 60 MB
    RATE_LIMITED = "rate-limited"  # 429 with Retry-After
    QUOTA = "quota"  # the system's answer when the daily quota is spent (carried out by the simulator)
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
"""The faults that `simulators.middleware.FaultMiddleware` carries out for any simulator that serves HTTP."""


class FaultRefusedError(ValueError):
    """The simulator does not support this fault; the message states the reason."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The active fault.

    `times`: number of requests that it applies to (None: until it is replaced). `path`: prefix of the paths that it
    applies to. `seconds`: duration of `slow` (None: the default).
    """

    kind: FaultKind = FaultKind.NONE
    times: int | None = None
    path: str | None = None
    seconds: float | None = None


def _ignore(_fault: Fault) -> None:
    return None


class FaultState:
    """The active fault of a simulator.

    `supported`: the supported kinds; `why_not`: the reasons for the others. `on_change` is called with every new fault
    (also `none`), and may raise `FaultRefusedError`: then nothing changes. A simulator that has to act at once, for
    example to end all sessions or to damage a file, assigns it in `build`.
    """

    def __init__(self, supported: frozenset[FaultKind], why_not: Mapping[FaultKind, str] | None = None) -> None:
        self.supported = supported
        self.on_change: Callable[[Fault], None] = _ignore
        self._why_not = dict(why_not or {})
        self._fault = Fault()
        self.replaced = asyncio.Event()
        """Set when the present fault is replaced; each fault has a separate event."""

    @property
    def fault(self) -> Fault:
        """The active fault; its kind is `none` if there is none."""
        return self._fault

    def set(self, fault: Fault) -> None:
        """Replace the active fault. Raises `FaultRefusedError`."""
        if fault.kind is not FaultKind.NONE and fault.kind not in self.supported:
            raise FaultRefusedError(self._why_not.get(fault.kind, f"{fault.kind} does not apply to this system"))
        self.on_change(fault)
        self._fault = fault
        self.replaced.set()
        self.replaced = asyncio.Event()

    def take(self, path: str) -> Fault:
        """Return the fault for one request to `path`, and count the request. Call it once for each request."""
        fault = self._fault
        if fault.kind is FaultKind.NONE or not path.startswith(fault.path or ""):
            return Fault()
        if fault.times is not None:
            self._fault = replace(fault, times=fault.times - 1) if fault.times > 1 else Fault()
        return fault


def set_current(scope: MutableMapping[str, Any], kind: FaultKind) -> None:
    """Store in the ASGI scope the fault that the simulator itself has to carry out for this request."""
    scope[_SCOPE_KEY] = kind


def current(scope: Mapping[str, Any]) -> FaultKind:
    """Return the fault that the simulator has to carry out for the request of this ASGI scope, or `none`.

    Only kinds in the simulator's `own_faults` occur here; the middleware carries out the others.
    """
    kind = scope.get(_SCOPE_KEY, FaultKind.NONE)
    return kind if isinstance(kind, FaultKind) else FaultKind.NONE
