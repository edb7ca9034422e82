"""What came of one question, read as the gateway reads it."""

import asyncio
import pickle
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from pydantic import ValidationError

from adapters.contract import Bad, Content, Normal, Stored
from adapters.errors import UnusableRecordError
from conformance.question_route import Calls
from conformance.questions import Question, Row
from schemas.quality import Quality
from schemas.records import Body

_OVERTIME: Final = 5.0
_MOST_SHOWN: Final = 50


Made = tuple[Normal[Any], str]
"""What an adapter makes of one record, and its key."""


@dataclass(slots=True)
class Known:
    """What was made of the records of an answer. Most records of a damaged answer are the same, in the same order."""

    _records: list[tuple[Any, Made]] = field(default_factory=list)
    _written: dict[int, bytes | None] = field(default_factory=dict)
    _next: int = 0

    def add(self, wire: Any, made: Made) -> None:  # noqa: ANN401 - a wire record of any adapter
        """Keep what was made of the next record."""
        self._records.append((wire, made))

    def begin(self) -> None:
        """Look for the records of another answer, from the first."""
        self._next = 0

    def made_of(self, wire: Any) -> Made | None:  # noqa: ANN401 - as above
        """What was made of this record, where it is known: it is the next one, follows a lost one, or comes twice."""
        for place in (self._next, self._next + 1, self._next - 1):
            if 0 <= place < len(self._records) and self._is(place, wire):
                self._next = place + 1
                return self._records[place][1]
        self._next += 1
        return None

    def _is(self, place: int, wire: Any) -> bool:  # noqa: ANN401 - as above
        """Whether it is the same, also by the types of its values: 1, True and 1.0 are equal."""
        kept = self._records[place][0]
        if type(kept) is not type(wire) or kept != wire:
            return False
        if place not in self._written:
            self._written[place] = _pickled(kept)
        written = self._written[place]
        return written is not None and written == _pickled(wire)


def _pickled(wire: Any) -> bytes | None:  # noqa: ANN401 - as above
    try:
        return pickle.dumps(wire)
    except (TypeError, AttributeError, pickle.PicklingError):
        return None


class OvertimeError(Exception):
    """A question went on although its deadline had long passed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question.

    `error`: what it raised. `keys`: of the records (or documents, or writes) found. `items`: as they came; `made`:
    what was made of them, with its doubts; `known`: the same, record by record. `faults`: exceptions of the adapter
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
    known: Known = field(default_factory=Known, repr=False, compare=False)

    @property
    def doubts(self) -> int:
        """How many doubts there are about what was found."""
        return sum(len(doubts) for _, doubts in self.made)

    @property
    def found(self) -> bool:
        """Whether it was answered, and with something."""
        return self.error is None and bool(self.keys)


async def put(
    question: Question, way: Calls, within: float, *, telling: bool = True, known: Known | None = None
) -> Outcome:
    """Put a question that has `within` seconds. Never raises for what the adapter does.

    Without `telling`, of what was told only the reasons are kept: tracebacks and `repr` take more time than an answer.
    A record that is `known` is not normalised again.
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
    read = _read(question.row, things, known or Known(), telling=telling)
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
        known=read.known,
    )


@dataclass(slots=True)
class _Reading:
    telling: bool = True
    known: Known = field(default_factory=Known)
    keys: list[str] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    doubts: list[tuple[Quality, ...]] = field(default_factory=list)
    set_aside: int = 0
    faults: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def leave_out(self, why: Iterable[str]) -> None:
        self.set_aside += 1
        self.told.extend(why)


def _read(row: Row | None, things: Iterable[Any], known: Known, *, telling: bool) -> _Reading:
    reading = _Reading(telling)
    known.begin()
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
            _normalise(row, thing, known.made_of(thing), reading)
    return reading


def _normalise(row: Row, wire: Any, made: Made | None, reading: _Reading) -> None:  # noqa: ANN401 - a wire record of any adapter
    try:
        normal, key = made or (row.normalise(wire), row.key(wire))
    except UnusableRecordError as error:
        reading.leave_out(_told_by(error) if reading.telling else (str(error),))
    except ValidationError:
        # Its text quotes the input, and the gateway never tells it: see `gateway.records.normaliser`.
        reading.leave_out(())
    except Exception as error:  # noqa: BLE001 - judged as a fault of the adapter
        reading.leave_out(())
        reading.faults.append(type(error).__name__)
    else:
        reading.known.add(wire, (normal, key))
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
