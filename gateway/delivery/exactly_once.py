"""Carries out one write so that the system has it once: send, and whenever that is in doubt, look before sending again.

send ──Stored──▶ Delivered          doubt ──look──▶ Stored ──▶ Delivered
  ├──Refused──▶ Rejected              │               ├ Refused ─▶ Rejected
  ├──Pending──▶ doubt                 │               ├ Absent ─▶ send again, a few times; then NotSent
  │                                   │               └ Pending ─▶ look again, a few times; then OutcomeUnknown
  ├──surely unsent──▶ send again,     ├──look fails──▶ look again, a few times; then OutcomeUnknown
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
_LATER: Final = "the system says later what has become of it"
_NO_USE: Final = frozenset({Cause.CREDENTIALS_REFUSED, Cause.QUERY_REFUSED})

_log = logging.getLogger(__name__)


@runtime_checkable
class _KnowsWhetherItWrote(Protocol):
    """An upstream that knows whether an unsafe request may have left by it."""

    @property
    def wrote(self) -> bool:
        """Whether one may have."""
        ...


@dataclass(frozen=True, slots=True)
class _Unsent:
    """The system certainly does not have it. `pause`: seconds until it may be sent again, None for not now."""

    outcome: NotSent
    pause: float | None = _PAUSE


@dataclass(frozen=True, slots=True)
class _Doubt:
    """The system may have it. `abandoned`: whoever wanted it has gone, so it will not be sent again."""

    reason: str
    abandoned: bool = False


@dataclass(frozen=True, slots=True)
class _Delivery(Generic[C]):
    """One write, and what is needed to carry it out."""

    write: Writes[Any, Any, C]
    call_factory: CallFactory
    command: C
    code: str
    sleep: Sleep

    async def attempt(self) -> Outcome | _Unsent | _Doubt:
        """Send it once, and find out what has become of it where that is in doubt."""
        step = await self.send()
        return await self.resolve(step) if isinstance(step, _Doubt) else step

    async def send(self) -> Delivered | Rejected | _Unsent | _Doubt:
        """Send it once. All that is neither a clear answer nor clearly unsent is a doubt."""
        call = self.call_factory()
        try:
            answer = await self.write.send(call, self.command, self.code)
        except AdapterError as error:
            unsent = isinstance(error, NotSentError) or not _may_have_left(call)
            return _unsent(error, call.now) if unsent else _Doubt(error.reason)
        except asyncio.CancelledError:
            if not _may_have_left(call):
                raise
            return _Doubt("whoever wanted it has gone", abandoned=True)
        except Exception as fault:  # noqa: BLE001 - a fault of the adapter says nothing about what was stored
            self._note(fault)
            return _Doubt("the adapter failed")
        if isinstance(answer, Pending):
            return _Doubt(_LATER)
        return Rejected(answer.code, answer.reason) if isinstance(answer, Refused) else _delivered(answer)

    async def look(self) -> Delivered | Rejected | Absent | OutcomeUnknown:
        """Look it up once the system has settled, and again when looking fails."""
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
                self._note(fault)
                return OutcomeUnknown("the adapter failed")
            if not isinstance(found, Pending):
                return _found(found)
            reason, pause = _LATER, _PAUSE
        return OutcomeUnknown(reason)

    async def resolve(self, doubt: _Doubt) -> Delivered | Rejected | OutcomeUnknown | _Unsent | _Doubt:
        """What has become of an attempt in doubt. A doubt that stays may be sent again, since that does no harm."""
        if self.write.look is None and self.write.idempotent and not doubt.abandoned:
            return doubt
        found, gone = await self._looked()
        if isinstance(found, Absent):
            return _Unsent(NotSent(doubt.reason), None if doubt.abandoned or gone else _PAUSE)
        return found

    async def _looked(self) -> tuple[Delivered | Rejected | Absent | OutcomeUnknown, bool]:
        """What looking finds, and whether whoever wanted it has gone meanwhile: that is no reason to stop looking."""
        looking, gone = asyncio.ensure_future(self.look()), False
        # The scope is for cancellations by anyio, which come again and again; the loop for those of a task.
        with anyio.CancelScope(shield=True):
            while not looking.done():
                try:
                    await asyncio.shield(looking)
                except asyncio.CancelledError:
                    gone = True
        return looking.result(), gone

    def _note(self, fault: Exception) -> None:
        _log.error("adapter fault in a write", extra={"operation": self.write.name, "error": type(fault).__name__})


async def carry_out(
    write: Writes[Any, Any, C],
    call_factory: CallFactory,
    command: C,
    code: str,
    *,
    sleep: Sleep = asyncio.sleep,
) -> Outcome:
    """Carry out `command` under its receipt code, and say what has become of it. Raises no error of a system.

    `call_factory` makes a call with a deadline of its own for each attempt to send or to look. A cancellation that
    comes before anything left goes through; one that comes later ends the sending, and the outcome is still looked up
    and returned. Nothing is kept: when the process ends, so does what is known.
    """
    delivery = _Delivery(write, call_factory, command, code, sleep)
    undelivered: NotSent | OutcomeUnknown = NotSent("it was not tried")
    try:
        for attempt in range(1, ATTEMPTS + 1):
            step = await delivery.attempt()
            if not isinstance(step, _Unsent | _Doubt):
                return step
            undelivered = _worse(undelivered, step)
            pause = step.pause if isinstance(step, _Unsent) else _PAUSE
            if pause is None or attempt == ATTEMPTS:
                break
            await sleep(pause * attempt)
    except asyncio.CancelledError:
        # What was cancelled had not left; an attempt before it may have arrived all the same, and that is to be told.
        if not isinstance(undelivered, OutcomeUnknown):
            raise
    return undelivered


def _worse(before: NotSent | OutcomeUnknown, step: _Unsent | _Doubt) -> NotSent | OutcomeUnknown:
    """What to say when no attempt succeeds: a doubt that was never resolved outweighs later attempts."""
    if isinstance(before, OutcomeUnknown):
        return before
    return OutcomeUnknown(step.reason) if isinstance(step, _Doubt) else step.outcome


def _may_have_left(call: Call[Any, Any]) -> bool:
    return call.up.wrote if isinstance(call.up, _KnowsWhetherItWrote) else True


def _unsent(error: AdapterError, now: datetime) -> _Unsent:
    wait = (error.retry_at - now).total_seconds() if error.retry_at else _PAUSE
    no_use = error.cause in _NO_USE or wait > _LONGEST_PAUSE
    return _Unsent(NotSent(error.reason, error.retry_at), None if no_use else max(wait, _PAUSE))


def _found(found: Stored | Absent | Refused) -> Delivered | Rejected | Absent:
    """What a look-up says; a system may refuse later what it took in at first."""
    if isinstance(found, Refused):
        return Rejected(found.code, found.reason)
    return _delivered(found, looked_up=True) if isinstance(found, Stored) else found


def _delivered(stored: Stored, *, looked_up: bool = False) -> Delivered:
    return Delivered(stored.key, stored.reference, looked_up)
