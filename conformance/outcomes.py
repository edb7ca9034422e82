"""The outcome of one question, read in the same way as the gateway reads it."""

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
from conformance.question_route import CallFactory
from conformance.questions import Question, Row
from schemas.doubts import Doubt
from schemas.records import Body

_GRACE: Final = 5.0
_MAX_REPRS: Final = 50


NormalisedWithKey = tuple[Normal[Any], str]
"""The normalised form of one record, and its key."""


@dataclass(slots=True)
class NormalisationCache:
    """Caches normalised records: most records of a damaged answer are unchanged and in the same order."""

    _records: list[tuple[Any, NormalisedWithKey]] = field(default_factory=list)
    _pickles: dict[int, bytes | None] = field(default_factory=dict)
    _next: int = 0

    def add(self, wire: Any, normalised: NormalisedWithKey) -> None:  # noqa: ANN401 - a wire record of any adapter
        """Store the normalised form of the next record."""
        self._records.append((wire, normalised))

    def restart(self) -> None:
        """Start at the first record, for another answer."""
        self._next = 0

    def lookup(self, wire: Any) -> NormalisedWithKey | None:  # noqa: ANN401 - as above
        """Return the normalised form of this record, or None.

        The record is found if it is the next one, follows a lost one, or is repeated.
        """
        for place in (self._next, self._next + 1, self._next - 1):
            if 0 <= place < len(self._records) and self._matches(place, wire):
                self._next = place + 1
                return self._records[place][1]
        self._next += 1
        return None

    def _matches(self, place: int, wire: Any) -> bool:  # noqa: ANN401 - as above
        """Compare also the types of the values, because 1, True and 1.0 are equal."""
        cached = self._records[place][0]
        if type(cached) is not type(wire) or cached != wire:
            return False
        if place not in self._pickles:
            self._pickles[place] = _pickled(cached)
        pickled = self._pickles[place]
        return pickled is not None and pickled == _pickled(wire)


def _pickled(wire: Any) -> bytes | None:  # noqa: ANN401 - as above
    try:
        return pickle.dumps(wire)
    except (TypeError, AttributeError, pickle.PicklingError):
        return None


class OvertimeError(Exception):
    """A question continued although its deadline had long passed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a question.

    `error`: the exception, if any. `keys`: of the records, documents or writes found. `items`: the wire records;
    `normalised`: the bodies with their doubts; `cache`: a cache of the normalised records. `faults`: exceptions of the
    adapter on single records that the contract does not allow. `texts`: every text about the question that an operator
    could see. `seconds`, `cpu`: elapsed and CPU time in seconds.
    """

    error: Exception | None = None
    keys: tuple[str, ...] = ()
    bodies: tuple[Body, ...] = field(default=(), repr=False)
    set_aside: int = 0
    items: tuple[Any, ...] = field(default=(), repr=False)
    normalised: tuple[tuple[Body, tuple[Doubt, ...]], ...] = field(default=(), repr=False)
    faults: tuple[str, ...] = ()
    texts: tuple[str, ...] = field(default=(), repr=False)
    seconds: float = 0.0
    cpu: float = 0.0
    cache: NormalisationCache = field(default_factory=NormalisationCache, repr=False, compare=False)

    @property
    def doubts(self) -> int:
        """How many doubts there are about the records found."""
        return sum(len(doubts) for _, doubts in self.normalised)

    @property
    def found(self) -> bool:
        """Whether the question succeeded and returned something."""
        return self.error is None and bool(self.keys)


async def ask_question(
    question: Question,
    route: CallFactory,
    within: float,
    *,
    with_texts: bool = True,
    cache: NormalisationCache | None = None,
) -> Outcome:
    """Ask a question with a timeout of `within` seconds. Never raises an exception of the adapter.

    Without `with_texts`, only the reasons for setting records aside are collected: tracebacks and `repr` cost more time
    than an answer. A record in `cache` is not normalised again.
    """
    call = route.call(question.transport, within, question.subject)
    began, busy = time.perf_counter(), time.process_time()
    limit = asyncio.timeout(within + _GRACE)
    error: Exception | None = None
    items: tuple[Any, ...] = ()
    try:
        async with limit:
            items = await question.run(call)
    except Exception as raised:  # noqa: BLE001 - any exception of the adapter is part of the result
        error = OvertimeError() if limit.expired() else raised
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    read = _read(question.row, items, cache or NormalisationCache(), with_texts=with_texts)
    texts = (repr(call), *_error_texts(error), *_reprs(items[:_MAX_REPRS], read.faults)) if with_texts else ()
    return Outcome(
        error=error,
        keys=tuple(read.keys),
        bodies=tuple(read.bodies),
        set_aside=read.set_aside,
        items=items,
        normalised=tuple(zip(read.bodies, read.doubts, strict=True)),
        faults=tuple(read.faults),
        texts=(*texts, *read.texts),
        seconds=seconds,
        cpu=cpu,
        cache=read.cache,
    )


@dataclass(slots=True)
class _Reading:
    with_texts: bool = True
    cache: NormalisationCache = field(default_factory=NormalisationCache)
    keys: list[str] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    doubts: list[tuple[Doubt, ...]] = field(default_factory=list)
    set_aside: int = 0
    faults: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def set_record_aside(self, why: Iterable[str]) -> None:
        self.set_aside += 1
        self.texts.extend(why)


def _read(row: Row | None, items: Iterable[Any], cache: NormalisationCache, *, with_texts: bool) -> _Reading:
    reading = _Reading(with_texts)
    cache.restart()
    for item in items:
        if isinstance(item, Bad):
            reading.set_record_aside((item.reason,))
        elif isinstance(item, Content):
            reading.keys.append(blake2b(item.content, digest_size=12).hexdigest())
        elif isinstance(item, Stored):
            reading.keys.append(item.key)
        elif row is None:
            reading.keys.append(str(item))
        else:
            _normalise(row, item, cache.lookup(item), reading)
    return reading


def _normalise(row: Row, wire: Any, cached: NormalisedWithKey | None, reading: _Reading) -> None:  # noqa: ANN401 - a wire record of any adapter
    try:
        normal, key = cached or (row.normalise(wire), row.key(wire))
    except UnusableRecordError as error:
        reading.set_record_aside(_error_texts(error) if reading.with_texts else (str(error),))
    except ValidationError:
        # Its text quotes the input, and the gateway never logs it: see `gateway.records.normaliser`.
        reading.set_record_aside(())
    except Exception as error:  # noqa: BLE001 - reported as a fault of the adapter
        reading.set_record_aside(())
        reading.faults.append(type(error).__name__)
    else:
        reading.cache.add(wire, (normal, key))
        reading.bodies.append(normal.body)
        reading.doubts.append(normal.doubts)
        reading.keys.append(key)


def _reprs(items: tuple[Any, ...], faults: list[str]) -> list[str]:
    """Return the `repr` of each; a `repr` that fails is added to `faults`."""
    reprs = []
    for item in items:
        try:
            reprs.append(repr(item))
        except Exception as error:  # noqa: BLE001 - reported as a fault of the adapter
            faults.append(f"{type(error).__name__} (repr)")
    return reprs


def _error_texts(error: Exception | None) -> Iterator[str]:
    """Yield the error's text, its `repr`, and its traceback with all chained exceptions."""
    if error is not None:
        yield from (str(error), repr(error), "".join(traceback.format_exception(error)))
