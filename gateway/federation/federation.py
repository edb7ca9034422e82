"""Asks every office that reads a resource under one deadline, and reports the state of each source."""

import asyncio
from typing import Any, TypeVar

from adapters.contract import Call, Content, Need, Reads
from gateway.federation.combined_answer import CombinedAnswer
from gateway.federation.live import LiveQuestions, OfficeQuestion, OfficeResult, collect_pages
from gateway.ground.deadline import Deadline
from gateway.policy.narrowing import CallerView, PermittedQuery
from gateway.records.ids import RecordPlace
from gateway.records.matching import matching_records
from gateway.records.merge_order import merge_records
from gateway.records.normaliser import DatedItem
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem, Registry
from gateway.snapshots.store import SnapshotStore
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.records import Body
from schemas.resources import Query

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


class Federation:
    """Sends one question to many systems."""

    def __init__(
        self,
        *,
        registry: Registry,
        snapshots: SnapshotStore,
        live: LiveQuestions,
        max_records: int,
    ) -> None:
        self._registry = registry
        self._snapshots = snapshots
        self._max_records = max_records
        self._live = live

    @property
    def question_counts(self) -> tuple[int, int]:
        """Live questions since the start: for which a call was made, and which shared the call of an identical one."""
        return self._live.counts

    async def ask(self, permitted: PermittedQuery[B, Q], deadline: Deadline) -> CombinedAnswer[B]:
        """Ask every office that reads the resource. Raises for no system: failures are reported in the sources."""
        places = self._registry.reading(permitted.resource.name)
        results = await asyncio.gather(*(self._ask_office(permitted, *place, deadline) for place in places))
        records = (record for result in results for record in result.records)
        seconds = {_source_label(result.source): result.seconds for result in results if result.seconds is not None}
        return CombinedAnswer(
            merge_records(permitted.resource, records), tuple(result.source for result in results), seconds
        )

    async def ask_record(
        self, permitted: PermittedQuery[B, Q], place: RecordPlace, deadline: Deadline
    ) -> CombinedAnswer[B]:
        """Ask one office for one record by its key; the result has no records when the system has no such record.

        A system without a query for single records is asked for its list; of a feed, the snapshot has the record.
        """
        question = self._question_for(permitted, place, deadline)
        if question is None:
            return CombinedAnswer((), ())
        if question.row.one is None or question.row.ask is None:
            return _single_record(
                place.key, await self._ask_office(permitted, question.live, question.office, question.row, deadline)
            )
        one = question.row.one

        async def collect(call: Call[Any, Any]) -> list[DatedItem]:
            item = await one(call, place.key)
            return [] if item is None else [DatedItem(item, None)]

        result: OfficeResult[B] = await self._live.ask(question, f"one {place.key}", collect)
        source = result.source
        if source.set_aside and not result.records:
            # The record exists but cannot be read: "not found" would be wrong.
            source = source.model_copy(update={"state": SourceState.FAILED, "cause": Cause.MALFORMED})
        return CombinedAnswer(result.records, (source,), {_source_label(source): result.seconds or 0.0})

    async def document(
        self, permitted: PermittedQuery[B, Q], place: RecordPlace, document_id: str, deadline: Deadline
    ) -> Content | None:
        """One document of one record; None when there is none. Raises `AdapterError`."""
        question = self._question_for(permitted, place, deadline)
        return await self._live.document(question, place.key, document_id) if question else None

    def _question_for(
        self, permitted: PermittedQuery[B, Q], place: RecordPlace, deadline: Deadline
    ) -> OfficeQuestion | None:
        live = self._registry.get(place.system)
        office = live.office(place.office) if live else None
        row = live.reads(permitted.resource.name) if live and place.resource == permitted.resource.name else None
        return OfficeQuestion(live, office, row, permitted.nik, deadline) if live and office and row else None

    async def _ask_office(
        self,
        permitted: PermittedQuery[B, Q],
        live: LiveSystem,
        office: Office,
        row: Reads[Any, Any, Any, B, Q],
        deadline: Deadline,
    ) -> OfficeResult[B]:
        if permitted.view is not CallerView.OFFICER and Need.NIK in live.spec.needs and permitted.nik is None:
            return OfficeResult(OfficeSource(system=live.spec.id, office=office.id, state=SourceState.UNLINKED))
        if row.ask is None:
            return _matching(permitted, self._from_snapshot(permitted, live, office))
        ask = row.ask

        async def collect(call: Call[Any, Any]) -> list[DatedItem]:
            return await collect_pages(ask, call, permitted.query, self._max_records)

        question = OfficeQuestion(live, office, row, permitted.nik, deadline)
        return _matching(permitted, await self._live.ask(question, f"ask {permitted.query.model_dump_json()}", collect))

    def _from_snapshot(self, permitted: PermittedQuery[B, Q], live: LiveSystem, office: Office) -> OfficeResult[B]:
        """The held records of one person. A public snapshot names no person, so it contributes nothing."""
        if permitted.resource.public:
            return OfficeResult(OfficeSource(system=live.spec.id, office=office.id, state=SourceState.NOT_ASKED))
        for entry in self._snapshots.of_resource(permitted.resource.name):
            if (entry.key.system, entry.key.office) == (live.spec.id, office.id) and permitted.nik is not None:
                records, source = self._snapshots.of_person(permitted.resource, entry, permitted.nik)
                return OfficeResult(source, records)
        unlinked = permitted.view is CallerView.SELF and permitted.nik is None
        state = SourceState.UNLINKED if unlinked else SourceState.NOT_ASKED
        return OfficeResult(OfficeSource(system=live.spec.id, office=office.id, state=state))


def _matching(permitted: PermittedQuery[B, Q], result: OfficeResult[B]) -> OfficeResult[B]:
    """The part without records that do not match the query: systems honour only some filters."""
    records = matching_records(permitted.resource, result.records, permitted.query)
    if len(records) == len(result.records):
        return result
    return OfficeResult(result.source.model_copy(update={"items": len(records)}), records, result.seconds)


def _single_record(key: str, result: OfficeResult[B]) -> CombinedAnswer[B]:
    """The answer for one record from a list. It may be among the unreadable ones; then the source counts as failed.

    What the office set aside or withheld beside a record that was found does not concern the answer.
    """
    records = tuple(record for record in result.records if record.key == key)
    counts: dict[str, int | None] = {} if result.source.items is None else {"items": len(records)}
    if records:
        counts |= {"set_aside": None, "withheld": None}
    source = result.source.model_copy(update=counts)
    if source.set_aside and not records:
        source = source.model_copy(update={"state": SourceState.FAILED, "cause": Cause.MALFORMED})
    return CombinedAnswer(records, (source,), {_source_label(source): result.seconds or 0.0})


def _source_label(source: OfficeSource) -> str:
    return f"{source.system}/{source.office}" if source.office else source.system
