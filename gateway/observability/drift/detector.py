"""Detects drift: compares each answer with earlier answers of the same system and resource. Thread-safe."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final

from gateway.ground.clock import Clock
from gateway.observability.drift.record_shape import field_names, unknown_codes
from gateway.records.normaliser import NormalisedAnswer

MIN_RECORDS: Final = 5
"""Number of records after which a field counts as always present, and after which it counts as vanished."""

_MAX_COMPARED: Final = 200
_MAX_DRIFTS: Final = 1000
_MAX_TEXT_LENGTH: Final = 200
_NUMBER: Final = re.compile(r"[0-9]{6,}")

_log = logging.getLogger(__name__)


class DriftKind(StrEnum):
    """The kind of change in a system's answers."""

    FIELD_VANISHED = "field-vanished"
    CODE_NEW = "code-new"
    TYPE_CHANGED = "type-changed"


@dataclass(frozen=True, slots=True)
class DriftKey:
    """Identity of a drift. `sample` is an unknown code or the reason of a rejection, without personal data."""

    system: str
    resource: str
    kind: DriftKind
    field: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """A detected drift: first and last time, and number of occurrences. Closed when an operator has accepted it."""

    key: DriftKey
    first_at: datetime
    last_at: datetime
    times: int = 1
    closed_at: datetime | None = None


@dataclass(slots=True)
class _FieldCounts:
    """Per system and resource: records in sequence that had each field, and records since then without it."""

    present: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    started: bool = False


class DriftDetector:
    """Holds detected drifts, open and accepted, in memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._counts: dict[tuple[str, str], _FieldCounts] = {}
        self._drifts: dict[DriftKey, Drift] = {}
        self._changed: set[DriftKey] = set()
        self._full = False

    def restore(self, drifts: Iterable[Drift]) -> None:
        """Load drifts that were detected before the start."""
        with self._lock:
            self._drifts |= {drift.key: drift for drift in drifts}

    def close(self, accepted: Iterable[Drift]) -> None:
        """Close drifts that an operator has accepted, possibly in another process."""
        with self._lock:
            for drift in accepted:
                known = self._drifts.get(drift.key)
                if known is not None:
                    self._drifts[drift.key] = replace(known, closed_at=drift.closed_at)

    def compare(self, answer: NormalisedAnswer) -> None:
        """Compare one answer with earlier ones, and record new drift."""
        with self._lock:
            for kind, pointer, sample in _new_values(answer):
                self._note(_key(answer, kind, pointer, sample))
            self._compare_fields(answer)

    def open(self, system: str) -> tuple[Drift, ...]:
        """Return the open drifts of a system, the oldest first."""
        with self._lock:
            found = [one for one in self._drifts.values() if one.key.system == system and one.closed_at is None]
        return tuple(sorted(found, key=lambda drift: drift.first_at))

    def take_changed(self) -> tuple[Drift, ...]:
        """Return the drifts that changed since the last call, and reset the set of changes."""
        with self._lock:
            keys, self._changed = self._changed, set()
            return tuple(self._drifts[key] for key in keys)

    def requeue(self, drifts: Iterable[Drift]) -> None:
        """Mark drifts that could not be stored as changed again."""
        with self._lock:
            self._changed |= {drift.key for drift in drifts if drift.key in self._drifts}

    def _compare_fields(self, answer: NormalisedAnswer) -> None:
        compared = answer.items[:_MAX_COMPARED]
        if not compared:
            return
        present: frozenset[str] = frozenset().union(*map(field_names, compared))
        counts = self._counts.setdefault((answer.system, answer.resource), _FieldCounts())
        if not counts.started:
            counts.present, counts.started = dict.fromkeys(present, 0), True
        for name in list(counts.present):
            self._count_field(answer, counts, name, is_present=name in present, records=len(compared))

    def _count_field(
        self, answer: NormalisedAnswer, counts: _FieldCounts, name: str, *, is_present: bool, records: int
    ) -> None:
        absent = counts.missing.get(name, 0)
        if is_present and not absent:
            counts.present[name] += records
        elif is_present:
            # The field is optional: its absence is no drift.
            del counts.present[name], counts.missing[name]
        elif absent + records < MIN_RECORDS:
            counts.missing[name] = absent + records
        else:
            if counts.present.pop(name) >= MIN_RECORDS:
                self._note(_key(answer, DriftKind.FIELD_VANISHED, name))
            counts.missing.pop(name, None)

    def _note(self, key: DriftKey) -> None:
        at, known = self._clock(), self._drifts.get(key)
        if known is None and len(self._drifts) >= _MAX_DRIFTS and not self._make_room():
            return
        self._drifts[key] = Drift(key, at, at) if known is None else replace(known, last_at=at, times=known.times + 1)
        self._changed.add(key)

    def _make_room(self) -> bool:
        """Return whether a new drift can be added. Open and accepted drifts have separate limits.

        Of the accepted drifts over the limit, those with the oldest `last_at` are deleted: a deleted drift that occurs
        again would be open again.
        """
        closed = [one for one in self._drifts.values() if one.closed_at is not None]
        opened = len(self._drifts) - len(closed)
        too_many = max(0, len(closed) - _MAX_DRIFTS)
        for one in sorted(closed, key=lambda drift: drift.last_at)[:too_many]:
            if one.key not in self._changed:
                del self._drifts[one.key]
        if opened < _MAX_DRIFTS:
            return True
        if not self._full:
            _log.warning("too many open drifts", extra={"count": opened})
            self._full = True
        return False


def _new_values(answer: NormalisedAnswer) -> Iterable[tuple[DriftKind, str, str]]:
    for reason in set(answer.reasons):
        yield DriftKind.TYPE_CHANGED, "", reason
    codes = {found for body, doubts in answer.normalised for found in unknown_codes(body, doubts)}
    for pointer, code in sorted(codes):
        yield DriftKind.CODE_NEW, pointer, code


def _key(answer: NormalisedAnswer, kind: DriftKind, pointer: str, sample: str = "") -> DriftKey:
    return DriftKey(answer.system, answer.resource, kind, _printable(pointer), _printable(sample))


def _printable(text: str) -> str:
    """Return a text that is safe to store and print: no long numbers, printable characters only, limited length."""
    written = _NUMBER.sub("…", text)[:_MAX_TEXT_LENGTH]
    return "".join(letter if letter.isprintable() else "…" for letter in written)
