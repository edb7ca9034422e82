"""What was gathered for one question: records, and an account of every source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from schemas.envelope import Source, SourceState
from schemas.records import Body, Record

B_co = TypeVar("B_co", bound=Body, covariant=True)


class TooManyError(Exception):
    """A result passed its bound: the question has to be narrowed."""

    def __init__(self, sources: tuple[Source, ...] = ()) -> None:
        super().__init__("the result is over its bound")
        self.sources = sources


class NoSourceAnsweredError(Exception):
    """Every source that could have answered failed."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        super().__init__("no source answered")
        self.sources = sources


@dataclass(frozen=True, slots=True)
class CombinedAnswer(Generic[B_co]):
    """Records in their total order, the sources in the order of their names, and seconds spent on each source."""

    records: tuple[Record[B_co], ...]
    sources: tuple[Source, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)

    def or_fail(self) -> "CombinedAnswer[B_co]":
        """This, unless no source answered at all."""
        if any(source.state in _SHOWING for source in self.sources):
            return self
        if any(source.state is SourceState.FAILED for source in self.sources):
            raise NoSourceAnsweredError(self.sources)
        return self


_SHOWING = frozenset({SourceState.FRESH, SourceState.HELD, SourceState.STALE})
