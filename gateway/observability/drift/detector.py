"""Compares what comes with what came before, record by record, and remembers what is new. Safe between threads."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final

from gateway.ground.clock import Clock
from gateway.observability.drift.record_shape import fields_of, unknown_codes
from gateway.records.normaliser import NormalisedAnswer

ENOUGH: Final = 5
"""How many records have to agree before a field counts as always there, and before it counts as gone."""

_LOOKED_AT: Final = 200
_MOST: Final = 1000
_LONGEST: Final = 200
_NUMBER: Final = re.compile(r"[0-9]{6,}")

_log = logging.getLogger(__name__)


class DriftKind(StrEnum):
    """In which way a system's answers are not what they were."""

    FIELD_VANISHED = "field-vanished"
    CODE_NEW = "code-new"
    TYPE_CHANGED = "type-changed"


@dataclass(frozen=True, slots=True)
class DriftKey:
    """What has drifted: `field` is its name, `sample` a code or the kind of fault; neither holds personal data."""

    system: str
    resource: str
    kind: DriftKind
    field: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """What was noticed, since when, and how often. Closed when an operator has accepted it."""

    key: DriftKey
    first_at: datetime
    last_at: datetime
    times: int = 1
    closed_at: datetime | None = None


@dataclass(slots=True)
class _Seen:
    """Of one row: how often each field was there in a row, and for how many records it has been missing since."""

    there: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    began: bool = False


class DriftDetector:
    """Remembers what it has noticed, the open ones and those that were accepted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[tuple[str, str], _Seen] = {}
        self._found: dict[DriftKey, Drift] = {}
        self._changed: set[DriftKey] = set()
        self._full = False

    def know(self, drifts: Iterable[Drift]) -> None:
        """Take over what was noticed before the start."""
        with self._lock:
            self._found |= {drift.key: drift for drift in drifts}

    def close(self, accepted: Iterable[Drift]) -> None:
        """An operator has accepted these meanwhile, at whichever process."""
        with self._lock:
            for drift in accepted:
                known = self._found.get(drift.key)
                if known is not None:
                    self._found[drift.key] = replace(known, closed_at=drift.closed_at)

    def notice(self, noted: NormalisedAnswer) -> None:
        """Look at one answer."""
        with self._lock:
            for kind, where, sample in _said(noted):
                self._note(_key(noted, kind, where, sample))
            self._compare(noted)

    def open(self, system: str) -> tuple[Drift, ...]:
        """What has drifted in a system and is not accepted, the oldest first."""
        with self._lock:
            found = [one for one in self._found.values() if one.key.system == system and one.closed_at is None]
        return tuple(sorted(found, key=lambda drift: drift.first_at))

    def changed(self) -> tuple[Drift, ...]:
        """What is to be kept since this was last asked."""
        with self._lock:
            keys, self._changed = self._changed, set()
            return tuple(self._found[key] for key in keys)

    def keep_again(self, drifts: Iterable[Drift]) -> None:
        """These could not be kept: they are among what is to be kept the next time."""
        with self._lock:
            self._changed |= {drift.key for drift in drifts if drift.key in self._found}

    def _compare(self, noted: NormalisedAnswer) -> None:
        looked_at = noted.items[:_LOOKED_AT]
        if not looked_at:
            return
        there: frozenset[str] = frozenset().union(*map(fields_of, looked_at))
        seen = self._seen.setdefault((noted.system, noted.resource), _Seen())
        if not seen.began:
            seen.there, seen.began = dict.fromkeys(there, 0), True
        for name in list(seen.there):
            self._follow(noted, seen, name, here=name in there, records=len(looked_at))

    def _follow(self, noted: NormalisedAnswer, seen: _Seen, name: str, *, here: bool, records: int) -> None:
        missing = seen.gone.get(name, 0)
        if here and not missing:
            seen.there[name] += records
        elif here:
            # It comes and goes: nothing can be said by it.
            del seen.there[name], seen.gone[name]
        elif missing + records < ENOUGH:
            seen.gone[name] = missing + records
        else:
            if seen.there.pop(name) >= ENOUGH:
                self._note(_key(noted, DriftKind.FIELD_VANISHED, name))
            seen.gone.pop(name, None)

    def _note(self, key: DriftKey) -> None:
        at, known = self._clock(), self._found.get(key)
        if known is None and len(self._found) >= _MOST and not self._made_room():
            return
        self._found[key] = Drift(key, at, at) if known is None else replace(known, last_at=at, times=known.times + 1)
        self._changed.add(key)

    def _made_room(self) -> bool:
        """Whether there is room for one more: what was accepted takes none from what is open.

        Of what was accepted, only what has not been seen for longest is forgotten: seen again, it would be open again.
        """
        closed = [one for one in self._found.values() if one.closed_at is not None]
        opened = len(self._found) - len(closed)
        too_many = max(0, len(closed) - _MOST)
        for one in sorted(closed, key=lambda drift: drift.last_at)[:too_many]:
            if one.key not in self._changed:
                del self._found[one.key]
        if opened < _MOST:
            return True
        if not self._full:
            _log.warning("too much has drifted", extra={"count": opened})
            self._full = True
        return False


def _said(noted: NormalisedAnswer) -> Iterable[tuple[DriftKind, str, str]]:
    for reason in set(noted.reasons):
        yield DriftKind.TYPE_CHANGED, "", reason
    codes = {found for body, doubts in noted.made for found in unknown_codes(body, doubts)}
    for where, code in sorted(codes):
        yield DriftKind.CODE_NEW, where, code


def _key(noted: NormalisedAnswer, kind: DriftKind, where: str, sample: str = "") -> DriftKey:
    return DriftKey(noted.system, noted.resource, kind, _plain(where), _plain(sample))


def _plain(text: str) -> str:
    """A text as it may be kept: no long number, nothing that a database or a terminal takes amiss, and not too long."""
    written = _NUMBER.sub("…", text)[:_LONGEST]
    return "".join(letter if letter.isprintable() else "…" for letter in written)
