"""Asks every office that reads a resource, under one deadline, and accounts for each honestly."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from adapters.contract import Call, Content, Need, Reads
from gateway.federation.gathered import CombinedAnswer
from gateway.federation.live import CollectedPages, LiveQuestions, OfficeQuestion, OfficeResult, every_page
from gateway.ground.clock import Clock
from gateway.ground.deadline import Deadline
from gateway.policy.narrowing import CallerView, PermittedQuery
from gateway.records.ids import RecordPlace
from gateway.records.merge_order import merged
from gateway.records.normaliser import Normaliser
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem, Registry
from gateway.snapshots.store import SnapshotStore
from gateway.upstream.upstreams import Upstreams
from schemas.envelope import Cause, Source, SourceState
from schemas.records import Body
from schemas.resources import Query

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


class Federation:
    """One question to many systems."""

    def __init__(
        self,
        *,
        registry: Registry,
        upstreams: Upstreams,
        snapshots: SnapshotStore,
        maker: Normaliser,
        clock: Clock,
        fingerprint: Callable[[str], str],
        max_records: int,
    ) -> None:
        self._registry = registry
        self._snapshots = snapshots
        self._max_records = max_records
        self._live = LiveQuestions(upstreams=upstreams, maker=maker, clock=clock, fingerprint=fingerprint)

    async def ask(self, asked: PermittedQuery[B, Q], deadline: Deadline) -> CombinedAnswer[B]:
        """Ask every office that reads the resource. Never raises for a system: what failed is in the sources."""
        places = self._registry.reading(asked.resource.name)
        parts = await asyncio.gather(*(self._part(asked, *place, deadline) for place in places))
        records = (record for part in parts for record in part.records)
        seconds = {_label(part.source): part.seconds for part in parts if part.seconds is not None}
        return CombinedAnswer(merged(asked.resource, records), tuple(part.source for part in parts), seconds)

    async def one(self, asked: PermittedQuery[B, Q], place: RecordPlace, deadline: Deadline) -> CombinedAnswer[B]:
        """Ask one office for one record by its key; no records when the system does not know it.

        A system that has no question for one record is asked for its list.
        """
        asking = self._asking(asked, place, deadline)
        if asking is None or asking.row.ask is None:
            return CombinedAnswer((), ())
        if asking.row.one is None:
            return _alone(place.key, await self._part(asked, asking.live, asking.office, asking.row, deadline))
        one = asking.row.one

        async def collect(call: Call[Any, Any]) -> CollectedPages:
            item = await one(call, place.key)
            return CollectedPages([] if item is None else [item])

        part: OfficeResult[B] = await self._live.ask(asking, f"one {place.key}", collect)
        source = part.source
        if source.set_aside and not part.records:
            # There is such a record, and it cannot be read: that is no "not found".
            source = source.model_copy(update={"state": SourceState.FAILED, "cause": Cause.MALFORMED})
        return CombinedAnswer(part.records, (source,), {_label(source): part.seconds or 0.0})

    async def document(
        self, asked: PermittedQuery[B, Q], place: RecordPlace, number: int, deadline: Deadline
    ) -> Content | None:
        """The n-th document of one record, from 0; None when there is none. Raises errors of the tree."""
        asking = self._asking(asked, place, deadline)
        return await self._live.document(asking, place.key, number) if asking else None

    def _asking(self, asked: PermittedQuery[B, Q], place: RecordPlace, deadline: Deadline) -> OfficeQuestion | None:
        live = self._registry.get(place.system)
        office = live.office(place.office) if live else None
        row = live.reads(asked.resource.name) if live and place.resource == asked.resource.name else None
        return OfficeQuestion(live, office, row, asked.nik, deadline) if live and office and row else None

    async def _part(
        self,
        asked: PermittedQuery[B, Q],
        live: LiveSystem,
        office: Office,
        row: Reads[Any, Any, Any, B, Q],
        deadline: Deadline,
    ) -> OfficeResult[B]:
        if asked.view is not CallerView.OFFICER and Need.NIK in live.spec.needs and asked.nik is None:
            return OfficeResult(Source(system=live.spec.id, office=office.id, state=SourceState.UNLINKED))
        if row.ask is None:
            return _meeting(asked, self._from_snapshot(asked, live, office))
        ask = row.ask

        async def collect(call: Call[Any, Any]) -> CollectedPages:
            return await every_page(ask, call, asked.query, self._max_records)

        asking = OfficeQuestion(live, office, row, asked.nik, deadline)
        return _meeting(asked, await self._live.ask(asking, f"ask {asked.query.model_dump_json()}", collect))

    def _from_snapshot(self, asked: PermittedQuery[B, Q], live: LiveSystem, office: Office) -> OfficeResult[B]:
        """What the snapshot holds for one person. A public one names nobody, so that it can say nothing of them."""
        if asked.resource.public:
            return OfficeResult(Source(system=live.spec.id, office=office.id, state=SourceState.NOT_ASKED))
        for entry in self._snapshots.of_resource(asked.resource.name):
            if (entry.key.system, entry.key.office) == (live.spec.id, office.id) and asked.nik is not None:
                records, source = self._snapshots.of_person(asked.resource, entry, asked.nik)
                return OfficeResult(source, records)
        unlinked = asked.view is CallerView.SELF and asked.nik is None
        state = SourceState.UNLINKED if unlinked else SourceState.NOT_ASKED
        return OfficeResult(Source(system=live.spec.id, office=office.id, state=state))


def _meeting(asked: PermittedQuery[B, Q], part: OfficeResult[B]) -> OfficeResult[B]:
    """The part without what does not meet the question: systems honour only some filters. Nothing else is counted."""
    records = tuple(record for record in part.records if asked.resource.matches(record.body, asked.query))
    if len(records) == len(part.records):
        return part
    return OfficeResult(part.source.model_copy(update={"items": len(records)}), records, part.seconds)


def _alone(key: str, part: OfficeResult[B]) -> CombinedAnswer[B]:
    """What a list says of one record. Among those that could not be read it may be, so that it is not "not found"."""
    records = tuple(record for record in part.records if record.key == key)
    source = part.source.model_copy(update={"items": len(records)}) if part.source.items is not None else part.source
    if source.set_aside and not records:
        source = source.model_copy(update={"state": SourceState.FAILED, "cause": Cause.MALFORMED})
    return CombinedAnswer(records, (source,), {_label(source): part.seconds or 0.0})


def _label(source: Source) -> str:
    return f"{source.system}/{source.office}" if source.office else source.system
