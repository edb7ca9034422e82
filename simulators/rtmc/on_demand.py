"""Records that the control API can add: incidents, changed roads, slowness, and hostile answers."""

from collections.abc import Mapping
from typing import Any, Final

from simulators.clock import Clock
from simulators.rtmc.hostile import REPLIES
from simulators.rtmc.roads import Fields, conditions
from simulators.rtmc.store import Store
from simulators.spec import SAMPLE, RecordRefusedError

_INCIDENT: Final = frozenset(
    {"jenis", "judul", "uraian", "lokasi", "lat", "lng", "waktu", "waktuSelesai", "tingkat", "status", "petugas"}
)
_ROAD: Final = frozenset({"namaRuas", "arah", "waktu", "lat", "lng", "kecepatan", "volume", "tingkat"})
_SLOWEST: Final = 120


class OnDemand:
    """Adds and removes records.

    `answer`: the name in `hostile.REPLIES` of the answer to every call. `seconds`: the delay of each answer. `roads`:
    changed columns of roads.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.answer: str | None = None
        self.seconds = 0.0
        self.roads: dict[str, Fields] = {}

    def add(self, record: Mapping[str, Any]) -> str:
        """Add `{"kind": "incident" | "road" | "answer" | "slowness", …}`; see the README."""
        kind = record.get("kind")
        if kind in {"incident", SAMPLE}:
            return self._store.add(_columns(record.get("fields"), _INCIDENT), self._clock.now())
        if kind == "road":
            return self._change(record.get("code"), _columns(record.get("fields"), _ROAD))
        if kind == "answer":
            return self._answer_with(record.get("as"))
        if kind == "slowness":
            return self._slow_down(record.get("seconds"))
        raise RecordRefusedError("kind is incident, road, answer or slowness")

    def withdraw(self, key: str) -> bool:
        """Remove an incident by its id, a road's changes by its code, `answer`, or `slowness`."""
        if key == "answer":
            was, self.answer = self.answer is not None, None
        elif key == "slowness":
            was, self.seconds = self.seconds > 0, 0.0
        else:
            was = self.roads.pop(key, None) is not None or self._store.remove(key)
        return was

    def _change(self, code: object, fields: Fields) -> str:
        known = {road["kodeRuas"] for road in conditions(self._clock.now())}
        if not isinstance(code, str) or code not in known:
            raise RecordRefusedError("there is no such road")
        self.roads[code] = fields
        return code

    def _answer_with(self, kind: object) -> str:
        if not isinstance(kind, str) or kind not in REPLIES:
            raise RecordRefusedError(f"as is one of: {', '.join(REPLIES)}")
        self.answer = kind
        return "answer"

    def _slow_down(self, seconds: object) -> str:
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= _SLOWEST:
            raise RecordRefusedError(f"seconds is a number up to {_SLOWEST}")
        self.seconds = float(seconds)
        return "slowness"


def _columns(given: object, known: frozenset[str]) -> Fields:
    fields = dict(given) if isinstance(given, dict) else {}
    if not set(fields) <= known:
        raise RecordRefusedError(f"columns are: {', '.join(sorted(known))}")
    if not all(value is None or isinstance(value, str) for value in fields.values()):
        raise RecordRefusedError("a column contains a text, or null")
    return fields
