"""Carries out one write so that the system has it once: send, and whenever that is in doubt, look before sending again.

send ──Stored──▶ Delivered          doubt ──look──▶ Stored ──▶ Delivered
  ├──Refused──▶ Rejected              │               ├ Refused ─▶ Rejected
  ├──Pending──▶ doubt                 │               ├ Absent ─▶ send again, a few times; then NotSent
  │                                   │               └ Pending ─▶ look again, a few times; then OutcomeUnknown
  ├──not sent───────▶ send again,     ├──look fails──▶ look again, a few times; then OutcomeUnknown
  │    a few times; then NotSent      └──cannot look──▶ send again if idempotent; otherwise OutcomeUnknown
  └──anything else──▶ doubt
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar, runtime_checkable

import anyio
from pydantic import BaseModel

from adapters.contract import Absent, Call, Pending, Refused, Stored, Writes
from adapters.errors import AdapterError, Cause, NotSentError
from gateway.delivery.outcomes import Delivered, NotSent, Outcome, OutcomeUnknown, Rejected

C = TypeVar("C", bound=BaseModel)

Sleep = Callable[[float], Awaitable[None]]
CallFactory = Callable[[], Call[Any, Any]]

ATTEMPTS: Final = 3
LOOKS: Final = 3
_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 5.0
_PENDING_REASON: Final = "the system reports the outcome later"
_PERMANENT_CAUSES: Final = frozenset({Cause.CREDENTIALS_REFUSED, Cause.QUERY_REFUSED})

_log = logging.getLogger(__name__)


@runtime_checkable
class _ReportsWrites(Protocol):
    """An upstream that reports whether an unsafe request may have been sent."""

    @property
    def wrote(self) -> bool:
        """Whether an unsafe request may have been sent."""
        ...


@dataclass(frozen=True, slots=True)
class _Unsent:
    """The system certainly does not have the write. `pause`: seconds until the next send; None: not now."""

    outcome: NotSent
    pause: float | None = _PAUSE


@dataclass(frozen=True, slots=True)
class _Doubt:
    """The system may have the write. `abandoned`: the caller has cancelled, so it will not be sent again."""

    reason: str
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class _Delivery(Generic[C]):
    """One write with everything that its delivery needs."""

    write: Writes[Any, Any, C]
    call_factory: CallFactory
    command: C
    code: str
    sleep: Sleep

    async def attempt(self) -> Outcome | _Unsent | _Doubt:
        """Send the write once, and resolve the outcome if it is in doubt."""
        step = await self.send()
        return await self.resolve(step) if isinstance(step, _Doubt) else step

    async def send(self) -> Delivered | Rejected | _Unsent | _Doubt:
        """Send the write once. Any result that is neither a clear answer nor certainly unsent is a doubt."""
        call = self.call_factory()
        try:
            answer = await self.write.send(call, self.command, self.code)
        except AdapterError as error:
            unsent = isinstance(error, NotSentError) or not _may_have_left(call)
            return _unsent(error, call.now) if unsent else _Doubt(error.reason)
        except asyncio.CancelledError:
            if not _may_have_left(call):
                raise
            return _Doubt("the caller cancelled the request", abandoned=True)
        except Exception as fault:  # noqa: BLE001 - a fault of the adapter is no evidence of what was stored
            self._log_fault(fault)
            return _Doubt("the adapter failed")
        if isinstance(answer, Pending):
            return _Doubt(_PENDING_REASON)
        return Rejected(answer.code, answer.reason) if isinstance(answer, Refused) else _delivered(answer)

    async def look(self) -> Delivered | Rejected | Absent | OutcomeUnknown:
        """Look the write up once the system has settled, and again when the look-up fails."""
        if self.write.look is None:
            return OutcomeUnknown("it cannot be looked up")
        reason, pause = "", self.write.settle.total_seconds()
        for attempt in range(LOOKS):
            await self.sleep(pause + _PAUSE * attempt)
            try:
                found = await self.write.look(self.call_factory(), self.command, self.code)
            except AdapterError as error:
                reason, pause = error.reason, _PAUSE
                continue
            except Exception as fault:  # noqa: BLE001 - as above
                self._log_fault(fault)
                return OutcomeUnknown("the adapter failed")
            if not isinstance(found, Pending):
                return _found(found)
            reason, pause = _PENDING_REASON, _PAUSE
        return OutcomeUnknown(reason)

    async def resolve(self, doubt: _Doubt) -> Delivered | Rejected | OutcomeUnknown | _Unsent | _Doubt:
        """Resolve a doubt by look-up. An idempotent write without look-up stays in doubt and may be sent again."""
        if self.write.look is None and self.write.idempotent and not doubt.abandoned:
            return doubt
        found, cancelled = await self._look_shielded()
        if isinstance(found, Absent):
            return _Unsent(NotSent(doubt.reason), None if doubt.abandoned or cancelled else _PAUSE)
        return found

    async def _look_shielded(self) -> tuple[Delivered | Rejected | Absent | OutcomeUnknown, bool]:
        """Return the result of the look-up, and whether the caller has cancelled, which does not stop it."""
        look_up, cancelled = asyncio.ensure_future(self.look()), False
        # The scope shields against anyio's repeated cancellations; the loop against those of the task.
        with anyio.CancelScope(shield=True):
            while not look_up.done():
                try:
                    await asyncio.shield(look_up)
                except asyncio.CancelledError:
                    cancelled = True
        return look_up.result(), cancelled

    def _log_fault(self, fault: Exception) -> None:
        _log.error("adapter fault in a write", extra={"operation": self.write.name, "error": type(fault).__name__})


async def carry_out(
    write: Writes[Any, Any, C],
    call_factory: CallFactory,
    command: C,
    code: str,
    *,
    sleep: Sleep = asyncio.sleep,
) -> Outcome:
    """Deliver `command` under its receipt code and return the outcome. Raises no error of a system.

    `call_factory` makes a call with a new deadline for each attempt to send or to look up. A cancellation before
    anything was sent is raised; a later one ends the sending, and the outcome is still looked up and returned. Nothing
    is stored: the state is lost when the process ends.
    """
    delivery = _Delivery(write, call_factory, command, code, sleep)
    undelivered: NotSent | OutcomeUnknown = NotSent("it was not tried")
    try:
        for attempt in range(1, ATTEMPTS + 1):
            step = await delivery.attempt()
            if not isinstance(step, _Unsent | _Doubt):
                return step
            undelivered = _worse_outcome(undelivered, step)
            pause = step.pause if isinstance(step, _Unsent) else _PAUSE
            if pause is None or attempt == ATTEMPTS:
                break
            await sleep(pause * attempt)
    except asyncio.CancelledError:
        # The cancelled attempt had not been sent; but if an earlier one may have arrived, its outcome must be reported.
        if not isinstance(undelivered, OutcomeUnknown):
            raise
    return undelivered


def _worse_outcome(before: NotSent | OutcomeUnknown, step: _Unsent | _Doubt) -> NotSent | OutcomeUnknown:
    """The outcome when no attempt succeeds: an unresolved doubt outweighs later attempts."""
    if isinstance(before, OutcomeUnknown):
        return before
    return OutcomeUnknown(step.reason) if isinstance(step, _Doubt) else step.outcome


def _may_have_left(call: Call[Any, Any]) -> bool:
    return call.up.wrote if isinstance(call.up, _ReportsWrites) else True


def _unsent(error: AdapterError, now: datetime) -> _Unsent:
    wait = (error.retry_at - now).total_seconds() if error.retry_at else _PAUSE
    is_permanent = error.cause in _PERMANENT_CAUSES or wait > _LONGEST_PAUSE
    return _Unsent(NotSent(error.reason, error.retry_at), None if is_permanent else max(wait, _PAUSE))


def _found(found: Stored | Absent | Refused) -> Delivered | Rejected | Absent:
    """The outcome of a look-up; a system may refuse later what it accepted at first."""
    if isinstance(found, Refused):
        return Rejected(found.code, found.reason)
    return _delivered(found, looked_up=True) if isinstance(found, Stored) else found


def _delivered(stored: Stored, *, looked_up: bool = False) -> Delivered:
    return Delivered(stored.key, stored.reference, looked_up)
