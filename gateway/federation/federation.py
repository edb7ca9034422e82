"""Asks every office that reads a resource, under one deadline, and accounts for each honestly."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from adapters.contract import AdapterSpec, Batch, Call, Content, Need, Reads, Subject
from adapters.errors import AdapterError, UpstreamMalformedError
from gateway.clock import Clock
from gateway.copies.shelf import Shelf
from gateway.federation.gathering import Gathered
from gateway.federation.order import merged
from gateway.normalising import Origin, RecordMaker
from gateway.policy.asking import Asked, View
from gateway.policy.ids import RecordPlace
from gateway.registry.registry import LiveSystem, Office, Registry
from gateway.upstream.deadline import Deadline
from gateway.upstream.upstreams import Upstreams
from schemas.envelope import Cause, Source, SourceState
from schemas.records import Body, Record
from schemas.resources import Query

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)

_MOST_PAGES = 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Part(Generic[B]):
    """What one office contributed."""

    source: Source
    records: tuple[Record[B], ...] = ()
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """The office that was asked."""

    system: str
    office: str | None

    def source(self, state: SourceState, cause: Cause | None = None, retry_at: datetime | None = None) -> Source:
        """The account of this office."""
        return Source(system=self.system, office=self.office, state=state, cause=cause, retry_at=retry_at)


@dataclass(slots=True)
class _Collected:
    """The pages of one office so far."""

    items: list[Any] = field(default_factory=list)
    as_of: datetime | None = None


class _OverBoundError(Exception):
    """One office answered with more records than a question may bring."""


class Federation:
    """One question to many systems."""

    def __init__(
        self,
        *,
        registry: Registry,
        upstreams: Upstreams,
        shelf: Shelf,
        maker: RecordMaker,
        clock: Clock,
        max_records: int,
    ) -> None:
        self._registry = registry
        self._upstreams = upstreams
        self._shelf = shelf
        self._maker = maker
        self._clock = clock
        self._max_records = max_records

    async def ask(self, asked: Asked[B, Q], deadline: Deadline) -> Gathered[B]:
        """Ask every office that reads the resource. Never raises for a system: what failed is in the sources."""
        places = list(self._registry.reading(asked.resource.name))
        parts = await asyncio.gather(*(self._part(asked, *place, deadline) for place in places))
        records = (record for part in parts for record in part.records if self._matches(asked, record))
        seconds = {_label(part.source): part.seconds for part in parts if part.seconds is not None}
        return Gathered(merged(asked.resource, records), tuple(part.source for part in parts), seconds)

    async def one(self, asked: Asked[B, Q], place: RecordPlace, deadline: Deadline) -> Gathered[B]:
        """Ask one office for one record by its key; no records when the system does not know it."""
        found = self._place(asked, place)
        if found is None:
            return Gathered((), ())
        live, office, row = found
        if row.one is None:
            return Gathered((), ())
        one = row.one

        async def collect(call: Call[Any, Any]) -> _Collected:
            item = await one(call, place.key)
            return _Collected([] if item is None else [item])

        part: _Part[B] = await self._asked_live(asked, live, office, row, deadline, collect)
        return Gathered(part.records, (part.source,), {_label(part.source): part.seconds or 0.0})

    async def document(self, asked: Asked[B, Q], place: RecordPlace, number: int, deadline: Deadline) -> Content | None:
        """The n-th document of one record, from 0; None when there is none. Raises errors of the tree."""
        found = self._place(asked, place)
        if found is None:
            return None
        live, office, row = found
        if row.content is None:
            return None
        try:
            return await row.content(self._call(asked, live.spec, office, row, deadline), place.key, number)
        except AdapterError as error:
            self._upstreams.failed(live.spec.id, office.id, error)
            raise

    def _place(
        self, asked: Asked[B, Q], place: RecordPlace
    ) -> tuple[LiveSystem, Office, Reads[Any, Any, Any, Any, Any]] | None:
        live = self._registry.get(place.system)
        office = live.office(place.office) if live else None
        row = live.reads(asked.resource.name) if live and place.resource == asked.resource.name else None
        return (live, office, row) if live and office and row else None

    @staticmethod
    def _matches(asked: Asked[B, Q], record: Record[B]) -> bool:
        return asked.resource.matches(record.body, asked.query)

    async def _part(
        self,
        asked: Asked[B, Q],
        live: LiveSystem,
        office: Office,
        row: Reads[Any, Any, Any, B, Q],
        deadline: Deadline,
    ) -> _Part[B]:
        if asked.view is not View.OFFICER and Need.NIK in live.spec.needs and asked.nik is None:
            return _Part(Source(system=live.spec.id, office=office.id, state=SourceState.UNLINKED))
        if row.ask is None:
            return self._from_copy(asked, live, office)
        ask = row.ask

        async def collect(call: Call[Any, Any]) -> _Collected:
            return await self._pages(lambda mark: ask(call, asked.query, mark))

        return await self._asked_live(asked, live, office, row, deadline, collect)

    def _from_copy(self, asked: Asked[B, Q], live: LiveSystem, office: Office) -> _Part[B]:
        for copy in self._shelf.of_resource(asked.resource.name):
            if (copy.key.system, copy.key.office) == (live.spec.id, office.id) and asked.nik is not None:
                records, source = self._shelf.of_person(asked.resource, copy, asked.nik)
                return _Part(source, records)
        return _Part(Source(system=live.spec.id, office=office.id, state=SourceState.NOT_ASKED))

    async def _pages(self, ask: Callable[[str | None], Awaitable[Batch[Any]]]) -> _Collected:
        collected = _Collected()
        mark: str | None = None
        seen: set[str] = set()
        while True:
            batch = await ask(mark)
            collected.items.extend(batch.items)
            collected.as_of = batch.as_of or collected.as_of
            if len(collected.items) > self._max_records:
                raise _OverBoundError
            if batch.next is None:
                return collected
            if batch.next in seen or len(seen) >= _MOST_PAGES:
                raise UpstreamMalformedError("paging does not come to an end")
            seen.add(batch.next)
            mark = batch.next

    async def _asked_live(
        self,
        asked: Asked[B, Q],
        live: LiveSystem,
        office: Office,
        row: Reads[Any, Any, Any, B, Q],
        deadline: Deadline,
        collect: Callable[[Call[Any, Any]], Awaitable[_Collected]],
    ) -> _Part[B]:
        began = time.perf_counter()
        fetched_at = self._clock()
        where = _Place(live.spec.id, office.id)
        try:
            collected = await collect(self._call(asked, live.spec, office, row, deadline))
        except AdapterError as error:
            self._upstreams.failed(live.spec.id, office.id, error)
            failed = where.source(SourceState.FAILED, error.cause, error.retry_at)
            _log.warning(
                "source failed",
                extra={"system": where.system, "office": where.office, "cause": error.cause, "reason": error.reason},
            )
            return _Part(failed, seconds=time.perf_counter() - began)
        except _OverBoundError:
            over = where.source(SourceState.FAILED, Cause.TOO_MANY)
            return _Part(over, seconds=time.perf_counter() - began)
        except Exception as error:  # noqa: BLE001 - a fault of one adapter must not cost the other systems' parts
            _log.error(
                "adapter fault", extra={"system": where.system, "office": where.office, "error": type(error).__name__}
            )
            fault = where.source(SourceState.FAILED, Cause.MALFORMED)
            return _Part(fault, seconds=time.perf_counter() - began)
        made = self._maker.make(row, collected.items, Origin(live.spec.id, office.id, fetched_at, collected.as_of))
        source = where.source(SourceState.FRESH).model_copy(
            update={"fetched_at": fetched_at, "items": len(made.records), "set_aside": made.set_aside}
        )
        return _Part(source, made.records, time.perf_counter() - began)

    def _call(
        self,
        asked: Asked[B, Q],
        spec: AdapterSpec[Any],
        office: Office,
        row: Reads[Any, Any, Any, Any, Any],
        deadline: Deadline,
    ) -> Call[Any, Any]:
        nik = asked.nik if Need.NIK in spec.needs else None
        return self._upstreams.call(
            spec,
            office.id,
            office.settings,
            row.transport,
            deadline=deadline,
            subject=Subject(nik=nik) if nik else None,
        )


def _label(source: Source) -> str:
    return f"{source.system}/{source.office}" if source.office else source.system
