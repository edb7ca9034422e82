"""The result of reading one column: a value or none, and the doubts about it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, Never, TypeVar

from schemas.doubts import Doubt, DoubtCode

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V")

_LONGEST_WORD: Final = 40


@dataclass(slots=True, repr=False)
class Reading(Generic[T_co]):
    """A value read from a column, or None, and the doubts about it. Its `repr` does not show the value.

    Nothing changes one. It is not frozen, because a frozen dataclass takes several times as long to make, and reading a
    record makes about forty.
    """

    value: T_co | None
    doubts: tuple[DoubtCode, ...] = ()

    def __repr__(self) -> str:
        return f"Reading({'absent' if self.value is None else 'present'}, doubts={[str(d) for d in self.doubts]})"

    def with_doubts(self, *doubts: DoubtCode) -> "Reading[T_co]":
        """Return the same value with more doubts."""
        return Reading(self.value, (*self.doubts, *doubts))

    def map(self, convert: Callable[[T_co], V]) -> "Reading[V]":
        """Return the converted value, if there is one, with the same doubts."""
        return Reading(None if self.value is None else convert(self.value), self.doubts)


_NOTHING: Final[Reading[Never]] = Reading(None)


def absent(*doubts: DoubtCode) -> Reading[Never]:
    """Return a reading without a value, with the doubts that explain why."""
    return Reading(None, doubts) if doubts else _NOTHING


class Doubts:
    """Collects the doubts of one record while its body is built.

    doubts = Doubts()
    body = Resident(birth_date=doubts.collect("/birth_date", day_first_date(wire.TGL_LHR)), …)
    return Normal(body, doubts.found)
    """

    def __init__(self) -> None:
        self._found: dict[tuple[DoubtCode, str | None, str | None], Doubt] = {}

    def collect(self, field: str, reading: Reading[T]) -> T | None:
        """Return the value of a reading, and add its doubts for `field`, a JSON pointer such as `/patient/name`."""
        if reading.doubts:
            self.note(field, *reading.doubts)
        return reading.value

    def note(self, field: str | None, *codes: DoubtCode) -> None:
        """Add doubts that belong to no reading; `field` is None for a doubt about the whole record."""
        for code in codes:
            self._found[code, field, None] = _without_original(code, field)

    def note_unknown(self, field: str, code: DoubtCode, word: str | None) -> None:
        """Add the doubt about an unknown word, with that word. Only for a field that is not personal data."""
        original = (word or "").strip()[:_LONGEST_WORD] or None
        self._found[code, field, original] = Doubt(code=code, field=field, original=original)

    @property
    def found(self) -> tuple[Doubt, ...]:
        """All doubts so far, each once, in the order in which they were added."""
        return tuple(self._found.values())


@lru_cache(maxsize=1024)
def _without_original(code: DoubtCode, field: str | None) -> Doubt:
    """Return a doubt, the same one each time: nearly all doubts are about the same few fields."""
    return Doubt(code=code, field=field)
