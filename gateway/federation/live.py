"""Asks one office live, and turns every outcome into a result with its source."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from adapters.contract import Batch, Call, Content, Need, Reads, Subject
from adapters.errors import AdapterError, UpstreamMalformedError, UpstreamTimeoutError
from gateway.federation.coalescing import GRACE_SECONDS, SharedQuestions
from gateway.ground.clock import Clock
from gateway.ground.deadline import Deadline
from gateway.ground.turns import Turns
from gateway.records.normaliser import AnswerSource, DatedItem, Normaliser, dated
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.upstream.upstreams import Upstreams
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.records import Body, Record
from schemas.resources import Query

B = TypeVar("B", bound=Body)

_MOST_PAGES: Final = 200
_ANSWERS_IN_A_ROUND: Final = 2
_FAILED_GIVE_WAY_SECONDS: Final = 5.0
"""Failures count as if their deadline were so far away. When a system is given up, all questions that wait for it fail
at once: requests that arrive within the next second, and do not need that system, are not held up by all the others."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OfficeResult(Generic[B]):
    """Records and source of one office, and the seconds that a live call took."""

    source: OfficeSource
    records: tuple[Record[B], ...] = ()
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class OfficeQuestion:
    """A question to one office: the row, the person it is about, and the deadline."""

    live: LiveSystem
    office: Office
    row: Reads[Any, Any, Any, Any, Any]
    nik: str | None = field(repr=False)
    deadline: Deadline


Collect = Callable[[Call[Any, Any]], Awaitable[list[DatedItem]]]


class OverBoundError(Exception):
    """One office returned more records than a question allows."""


class LiveQuestions:
    """Live questions to offices; concurrent identical ones share one call.

    `fingerprint` identifies a person. `starts` are the turns in which requests begin, by the time they were received.
    """

    def __init__(
        self,
        *,
        upstreams: Upstreams,
        normaliser: Normaliser,
        clock: Clock,
        fingerprint: Callable[[str], str],
        starts: Turns,
    ) -> None:
        self._upstreams = upstreams
        self._normaliser = normaliser
        self._clock = clock
        self._fingerprint = fingerprint
        self._running: SharedQuestions[OfficeResult[Any]] = SharedQuestions(starts)
        self._answers = Turns(_ANSWERS_IN_A_ROUND)

    @property
    def counts(self) -> tuple[int, int]:
        """Questions since the start: for which a call was made, and which shared the call of an identical one."""
        return self._running.asked, self._running.joined

    async def ask(self, question: OfficeQuestion, label: str, collect: Collect) -> OfficeResult[Any]:
        """Ask the office. Raises for no system. `label` identifies what `collect` requests."""
        live, office, row = question.live, question.office, question.row
        person = self._fingerprint(question.nik) if question.nik is not None else None
        key: Hashable = (live.spec.id, office.id, row.resource.name, label, person)
        started = time.perf_counter()
        try:
            result = await self._running.share(key, question.deadline, lambda: self._ask(question, collect))
        except TimeoutError:
            failed = self._failure(question, UpstreamTimeoutError("the adapter did not answer in time"))
            result = OfficeResult(failed.source, seconds=time.perf_counter() - started)
        if result.source.state is SourceState.FAILED:
            await self._answers.take(time.monotonic() + _FAILED_GIVE_WAY_SECONDS)
        return result

    async def document(self, question: OfficeQuestion, key: str, document_id: str) -> Content | None:
        """One document of one record; None when there is none. Raises `AdapterError`."""
        content = question.row.content
        if content is None:
            return None
        try:
            async with asyncio.timeout(max(question.deadline.remaining(), 0) + GRACE_SECONDS):
                return await content(self._call(question), key, document_id)
        except TimeoutError:
            failure: AdapterError = UpstreamTimeoutError("the adapter did not answer in time")
        except AdapterError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - a fault in an adapter counts as a failure of its system
            failure = UpstreamMalformedError(f"adapter fault: {type(error).__name__}")
        self._failure(question, failure)
        raise failure

    async def _ask(self, question: OfficeQuestion, collect: Collect) -> OfficeResult[Any]:
        started, fetched_at = time.perf_counter(), self._clock()
        try:
            collected = await collect(self._call(question))
            await self._answers.take(question.deadline.at)
        except AdapterError as error:
            result: OfficeResult[Any] = self._failure(question, error)
        except OverBoundError:
            result = OfficeResult(_source(question, SourceState.FAILED, Cause.TOO_MANY))
        except Exception as error:  # noqa: BLE001 - a fault in an adapter must not fail the other systems' results
            _log.error("adapter fault", extra=_log_fields(question) | {"error": type(error).__name__})
            result = OfficeResult(_source(question, SourceState.FAILED, Cause.MALFORMED))
        else:
            result = self._normalise(question, collected, fetched_at)
        return OfficeResult(result.source, result.records, time.perf_counter() - started)

    def _normalise(
        self, question: OfficeQuestion, collected: list[DatedItem], fetched_at: datetime
    ) -> OfficeResult[Any]:
        origin = AnswerSource(question.live.spec.id, question.office.id, fetched_at)
        normalised = self._normaliser.make(question.row, collected, origin)
        source = OfficeSource(
            system=question.live.spec.id,
            office=question.office.id,
            state=SourceState.FRESH,
            fetched_at=fetched_at,
            items=len(normalised.records),
            set_aside=normalised.set_aside,
        )
        return OfficeResult(source, normalised.records)

    def _failure(self, question: OfficeQuestion, error: AdapterError) -> OfficeResult[Any]:
        self._upstreams.record_failure(question.live.spec.id, question.office.id, error)
        _log.warning("source failed", extra=_log_fields(question) | {"cause": error.cause, "reason": error.reason})
        return OfficeResult(_source(question, SourceState.FAILED, error.cause, error.retry_at))

    def _call(self, question: OfficeQuestion) -> Call[Any, Any]:
        spec = question.live.spec
        entitled = question.nik is not None and Need.NIK in spec.needs
        return self._upstreams.call(
            spec,
            question.office.id,
            question.office.settings,
            question.row.transport,
            deadline=question.deadline,
            subject=Subject(nik=question.nik) if entitled else None,
        )


async def collect_pages(
    ask: Callable[[Call[Any, Any], Any, str | None], Awaitable[Batch[Any]]],
    call: Call[Any, Any],
    query: Query,
    max_records: int,
) -> list[DatedItem]:
    """Collect all pages of one office's answer. Raises `OverBoundError` for more than `max_records` records."""
    collected: list[DatedItem] = []
    mark: str | None = None
    seen: set[str] = set()
    while True:
        batch = await ask(call, query, mark)
        collected.extend(dated(batch))
        if len(collected) > max_records:
            raise OverBoundError
        if batch.next is None:
            return collected
        if batch.next in seen or len(seen) >= _MOST_PAGES:
            raise UpstreamMalformedError("paging does not come to an end")
        seen.add(batch.next)
        mark = batch.next


def _source(
    question: OfficeQuestion, state: SourceState, cause: Cause | None = None, retry_at: datetime | None = None
) -> OfficeSource:
    return OfficeSource(
        system=question.live.spec.id, office=question.office.id, state=state, cause=cause, retry_at=retry_at
    )


def _log_fields(question: OfficeQuestion) -> dict[str, object]:
    return {"system": question.live.spec.id, "office": question.office.id, "resource": question.row.resource.name}
