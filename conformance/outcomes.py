"""What came of one question, read as the gateway reads it."""

import asyncio
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from pydantic import ValidationError

from adapters.contract import Bad, Content, Stored
from adapters.errors import UnusableRecordError
from conformance.questions import Question, Row
from conformance.way import Calls
from schemas.quality import Quality
from schemas.records import Body

_OVERTIME: Final = 5.0
_MOST_SHOWN: Final = 50


class OvertimeError(Exception):
    """A question went on although its deadline had long passed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question.

    `error`: what it raised. `keys`: of the records (or documents, or writes) found. `items`: as they came; `made`:
    what was made of them, with its doubts. `faults`: exceptions of the adapter
    on single records that no contract allows. `told`: every text about it that an operator could see. Times in seconds.
    """

    error: Exception | None = None
    keys: tuple[str, ...] = ()
    bodies: tuple[Body, ...] = field(default=(), repr=False)
    set_aside: int = 0
    items: tuple[Any, ...] = field(default=(), repr=False)
    made: tuple[tuple[Body, tuple[Quality, ...]], ...] = field(default=(), repr=False)
    faults: tuple[str, ...] = ()
    told: tuple[str, ...] = field(default=(), repr=False)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def doubts(self) -> int:
        """How many doubts there are about what was found."""
        return sum(len(doubts) for _, doubts in self.made)

    @property
    def found(self) -> bool:
        """Whether it was answered, and with something."""
        return self.error is None and bool(self.keys)


async def put(question: Question, way: Calls, within: float, *, telling: bool = True) -> Outcome:
    """Put a question that has `within` seconds. Never raises for what the adapter does.

    Without `telling`, of what was told only the reasons are kept: tracebacks and `repr` take more time than an answer.
    """
    call = way.call(question.transport, within, question.subject)
    began, busy = time.perf_counter(), time.process_time()
    limit = asyncio.timeout(within + _OVERTIME)
    error: Exception | None = None
    things: tuple[Any, ...] = ()
    try:
        async with limit:
            things = await question.put(call)
    except Exception as raised:  # noqa: BLE001 - whatever an adapter raises is what is judged
        error = OvertimeError() if limit.expired() else raised
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    read = _read(question.row, things, telling=telling)
    told = (repr(call), *_told_by(error), *_shown(things[:_MOST_SHOWN], read.faults)) if telling else ()
    return Outcome(
        error=error,
        keys=tuple(read.keys),
        bodies=tuple(read.bodies),
        set_aside=read.set_aside,
        items=things,
        made=tuple(zip(read.bodies, read.doubts, strict=True)),
        faults=tuple(read.faults),
        told=(*told, *read.told),
        seconds=seconds,
        cpu=cpu,
    )


@dataclass(slots=True)
class _Reading:
    telling: bool = True
    keys: list[str] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    doubts: list[tuple[Quality, ...]] = field(default_factory=list)
    set_aside: int = 0
    faults: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def leave_out(self, why: Iterable[str]) -> None:
        self.set_aside += 1
        self.told.extend(why)


def _read(row: Row | None, things: Iterable[Any], *, telling: bool) -> _Reading:
    reading = _Reading(telling)
    for thing in things:
        if isinstance(thing, Bad):
            reading.leave_out((thing.reason,))
        elif isinstance(thing, Content):
            reading.keys.append(blake2b(thing.content, digest_size=12).hexdigest())
        elif isinstance(thing, Stored):
            reading.keys.append(thing.key)
        elif row is None:
            reading.keys.append(str(thing))
        else:
            _normalise(row, thing, reading)
    return reading


def _normalise(row: Row, wire: Any, reading: _Reading) -> None:  # noqa: ANN401 - a wire record of any adapter
    try:
        normal, key = row.normalise(wire), row.key(wire)
    except UnusableRecordError as error:
        reading.leave_out(_told_by(error) if reading.telling else (str(error),))
    except ValidationError:
        # Its text quotes the input, and the gateway never tells it: see `gateway.records.normaliser`.
        reading.leave_out(())
    except Exception as error:  # noqa: BLE001 - judged as a fault of the adapter
        reading.leave_out(())
        reading.faults.append(type(error).__name__)
    else:
        reading.bodies.append(normal.body)
        reading.doubts.append(normal.doubts)
        reading.keys.append(key)


def _shown(things: tuple[Any, ...], faults: list[str]) -> list[str]:
    """The `repr` of each; one that fails is a fault as well."""
    shown = []
    for thing in things:
        try:
            shown.append(repr(thing))
        except Exception as error:  # noqa: BLE001 - judged as a fault of the adapter
            faults.append(f"{type(error).__name__} (repr)")
    return shown


def _told_by(error: Exception | None) -> Iterator[str]:
    """The error's text, its `repr`, and its traceback with all that hangs on to it."""
    if error is not None:
        yield from (str(error), repr(error), "".join(traceback.format_exception(error)))
