"""The combined answer to one question: records, and the state of every source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from schemas.envelope import OfficeSource, SourceState
from schemas.records import Body, Record

B_co = TypeVar("B_co", bound=Body, covariant=True)


class TooManyError(Exception):
    """The result exceeds its bound: the caller has to narrow the question."""

    def __init__(self, sources: tuple[OfficeSource, ...] = ()) -> None:
        super().__init__("the result is over its bound")
        self.sources = sources


class NoSourceAnsweredError(Exception):
    """Every source that could have answered failed."""

    def __init__(self, sources: tuple[OfficeSource, ...]) -> None:
        super().__init__("no source answered")
        self.sources = sources


@dataclass(frozen=True, slots=True)
class CombinedAnswer(Generic[B_co]):
    """Records in their total order, the sources in the order of their names, and seconds spent on each source."""

    records: tuple[Record[B_co], ...]
    sources: tuple[OfficeSource, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)

    def require_answer(self) -> "CombinedAnswer[B_co]":
        """Return self; raise `NoSourceAnsweredError` when sources failed and none answered."""
        if any(source.state in _ANSWERED_STATES for source in self.sources):
            return self
        if any(source.state is SourceState.FAILED for source in self.sources):
            raise NoSourceAnsweredError(self.sources)
        return self


_ANSWERED_STATES = frozenset({SourceState.FRESH, SourceState.HELD, SourceState.STALE})
