"""The sources of an answer: what each office contributed, and their public form, one source for each system."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic.main import IncEx
from pydantic_core import to_json

from gateway.policy.disclosure import WithheldCounts
from gateway.policy.narrowing import CallerView
from schemas.envelope import IN_FULL, OfficeSource, Source, SourceState, UnansweredOffice, is_complete
from schemas.records import Record
from schemas.texts import Language, Text

TitleOf = Callable[[str, str | None], Text]
"""Returns the title of a system, or of one of its offices: `Registry.title`."""

_BY_RANK: Final = (
    SourceState.STALE,
    SourceState.HELD,
    SourceState.FRESH,
    SourceState.FAILED,
    SourceState.UNLINKED,
    SourceState.DENIED,
    SourceState.NOT_ASKED,
)
"""The states of offices; the first one that occurs is that of the system, unless the system is `partial`."""
_NOTHING: Final[Mapping[str, IncEx | bool]] = {}
_TIMES: Final[Mapping[str, IncEx | bool]] = {
    "fetched_at": True,
    "retry_at": True,
    "offices": {"__all__": {"retry_at"}},
}
_ANSWERED: Final = IN_FULL | {SourceState.STALE}
_UNANSWERED: Final = frozenset({SourceState.FAILED, SourceState.UNLINKED, SourceState.DENIED})


@dataclass(frozen=True, slots=True)
class PublicSources:
    """The sources of an answer as its readers get them, and whether the answer is complete."""

    sources: tuple[Source, ...] = ()
    complete: bool = True

    def json_members(self, *, with_times: bool = True) -> bytes:
        """Return the JSON members `complete` and `sources` of an answer; the sources without null fields.

        Without times, they say the same until a source changes its state or its numbers.
        """
        left_out = _NOTHING if with_times else _TIMES
        sources = b",".join(
            source.model_dump_json(exclude_none=True, exclude=left_out).encode() for source in self.sources
        )
        return b'"complete":' + to_json(self.complete) + b',"sources":[' + sources + b"]"

    def flat(self) -> Iterator[tuple[str, Source | UnansweredOffice]]:
        """Yield every source with its system, each followed by its unanswered offices, for formats without nesting."""
        for source in self.sources:
            yield source.system, source
            for office in source.offices or ():
                yield source.system, office


NO_SOURCES: Final = PublicSources()
"""For answers with the gateway's own data, to which no system contributed."""


def with_withheld(
    view: CallerView, sources: tuple[OfficeSource, ...], shown: tuple[Record[Any], ...], withheld_counts: WithheldCounts
) -> tuple[OfficeSource, ...]:
    """Return the sources with the numbers of withheld records; a source with all records withheld becomes `unlinked`.

    Officers do not get the number: it would reveal that another kelurahan has a record of the person.
    """
    if view is not CallerView.SELF:
        sources = tuple(source.model_copy(update={"withheld": None}) for source in sources)
    if not withheld_counts.withheld:
        return sources
    places = {(record.provenance.system, record.provenance.office) for record in shown}
    return tuple(
        _with_withheld_count(view, source, withheld_counts, shows=(source.system, source.office) in places)
        for source in sources
    )


def _with_withheld_count(
    view: CallerView, source: OfficeSource, withheld_counts: WithheldCounts, *, shows: bool
) -> OfficeSource:
    withheld = withheld_counts.withheld.get((source.system, source.office), 0)
    if not withheld:
        return source
    changes: dict[str, object] = {"items": (source.items or 0) - withheld}
    if view is not CallerView.SELF:
        return source.model_copy(update=changes)
    changes["withheld"] = withheld
    if source.state is SourceState.FRESH and not shows:
        changes["state"] = SourceState.UNLINKED
    return source.model_copy(update=changes)


def queried_systems(sources: tuple[OfficeSource, ...]) -> tuple[str, ...]:
    """Return the ids of the systems that were queried."""
    not_asked = {SourceState.DENIED, SourceState.NOT_ASKED}
    return tuple(sorted({source.system for source in sources if source.state not in not_asked}))


def with_item_counts(sources: tuple[OfficeSource, ...], records: tuple[Record[Any], ...]) -> tuple[OfficeSource, ...]:
    """Return the sources, each with the number of these records that it contributed."""
    counts = Counter((record.provenance.system, record.provenance.office) for record in records)
    return tuple(
        source if source.items is None else source.model_copy(update={"items": counts[source.system, source.office]})
        for source in sources
    )


def public_sources(sources: tuple[OfficeSource, ...], title_of: TitleOf, language: Language) -> PublicSources:
    """Combine the sources of offices into one for each system and resource, in the order in which they first occur.

    `complete` comes from the sources of the offices, so that no failure is lost.
    """
    return PublicSources(
        tuple(_combine(offices, title_of, language) for offices in _by_system(sources)), is_complete(sources)
    )


def _by_system(sources: Iterable[OfficeSource]) -> Iterable[list[OfficeSource]]:
    """Group by system and resource.

    An office that contributed twice begins a second group: a search asks it for public and for own records.
    """
    groups: dict[tuple[str, str | None, int], list[OfficeSource]] = {}
    seen: dict[tuple[str, str | None, str | None], int] = {}
    for source in sources:
        place = (source.system, source.resource, source.office)
        seen[place] = seen.get(place, 0) + 1
        groups.setdefault((source.system, source.resource, seen[place]), []).append(source)
    return groups.values()


def _combine(offices: list[OfficeSource], title_of: TitleOf, language: Language) -> Source:
    system = offices[0].system
    if len(offices) == 1:  # most systems: nothing to combine
        (office,) = offices
        return Source(
            system=system,
            name=title_of(system, None).in_language(language),
            resource=office.resource,
            state=office.state,
            cause=office.cause,
            retry_at=office.retry_at,
            fetched_at=office.fetched_at,
            items=office.items,
            set_aside=office.set_aside,
            withheld=office.withheld,
        )
    causes = {office.cause for office in offices if office.cause is not None}
    return Source(
        system=system,
        name=title_of(system, None).in_language(language),
        resource=offices[0].resource,
        state=_combined_state({office.state for office in offices}),
        cause=min(causes) if len(causes) == 1 else None,
        retry_at=min((office.retry_at for office in offices if office.retry_at is not None), default=None),
        fetched_at=min((office.fetched_at for office in offices if office.fetched_at is not None), default=None),
        items=_total(office.items for office in offices),
        set_aside=_total(office.set_aside for office in offices),
        withheld=_total(office.withheld for office in offices),
        offices=_unanswered_offices(offices, title_of, language) or None,
    )


def _combined_state(states: set[SourceState]) -> SourceState:
    if states & _ANSWERED and states & _UNANSWERED:
        return SourceState.PARTIAL
    return next(state for state in _BY_RANK if state in states)


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _unanswered_offices(
    offices: list[OfficeSource], title_of: TitleOf, language: Language
) -> tuple[UnansweredOffice, ...]:
    """Return the offices that did not answer in full; none if all offices have one state, for one cause."""
    if len({(office.state, office.cause) for office in offices}) == 1:
        return ()
    return tuple(
        UnansweredOffice(
            office=office.office,
            name=title_of(office.system, office.office).in_language(language),
            state=office.state,
            cause=office.cause,
            retry_at=office.retry_at,
        )
        for office in offices
        if office.office is not None and office.state not in IN_FULL
    )
