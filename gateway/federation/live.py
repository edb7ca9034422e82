"""Asks one office live, and accounts for what came of it, whatever that is."""

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
from gateway.records.normaliser import AnswerSource, Normaliser
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.upstream.upstreams import Upstreams
from schemas.envelope import Cause, Source, SourceState
from schemas.records import Body, Record
from schemas.resources import Query

B = TypeVar("B", bound=Body)

_MOST_PAGES: Final = 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OfficeResult(Generic[B]):
    """What one office contributed, and the seconds that it took where it was asked."""

    source: Source
    records: tuple[Record[B], ...] = ()
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class OfficeQuestion:
    """One row of one office, the person that the question is about, and until when."""

    live: LiveSystem
    office: Office
    row: Reads[Any, Any, Any, Any, Any]
    nik: str | None = field(repr=False)
    deadline: Deadline


@dataclass(slots=True)
class CollectedPages:
    """The wire records of one office so far. `as_of` is the earliest that a page claims: no record is older."""

    items: list[Any] = field(default_factory=list)
    as_of: datetime | None = None


Collect = Callable[[Call[Any, Any]], Awaitable[CollectedPages]]


class OverBoundError(Exception):
    """One office answered with more records than a question may bring."""


class LiveQuestions:
    """Live questions to offices; identical ones are asked once. `fingerprint` stands for a person among them."""

    def __init__(
        self, *, upstreams: Upstreams, maker: Normaliser, clock: Clock, fingerprint: Callable[[str], str]
    ) -> None:
        self._upstreams = upstreams
        self._maker = maker
        self._clock = clock
        self._fingerprint = fingerprint
        self._under_way: SharedQuestions[OfficeResult[Any]] = SharedQuestions()

    async def ask(self, asking: OfficeQuestion, question: str, collect: Collect) -> OfficeResult[Any]:
        """What the office contributes. Never raises for a system. `question` says what `collect` will ask."""
        live, office, row = asking.live, asking.office, asking.row
        person = self._fingerprint(asking.nik) if asking.nik is not None else None
        key: Hashable = (live.spec.id, office.id, row.resource.name, question, person)
        began = time.perf_counter()
        try:
            return await self._under_way.share(key, asking.deadline, lambda: self._asked(asking, collect))
        except TimeoutError:
            part = self._failed(asking, UpstreamTimeoutError("the adapter did not answer in time"))
            return OfficeResult(part.source, seconds=time.perf_counter() - began)

    async def document(self, asking: OfficeQuestion, key: str, number: int) -> Content | None:
        """The n-th document of one record; None when there is none. Raises errors of the tree."""
        content = asking.row.content
        if content is None:
            return None
        try:
            async with asyncio.timeout(max(asking.deadline.remaining(), 0) + GRACE_SECONDS):
                return await content(self._call(asking), key, number)
        except TimeoutError:
            failure: AdapterError = UpstreamTimeoutError("the adapter did not answer in time")
        except AdapterError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - a fault of one adapter is the system's, not the gateway's
            failure = UpstreamMalformedError(f"adapter fault: {type(error).__name__}")
        self._failed(asking, failure)
        raise failure

    async def _asked(self, asking: OfficeQuestion, collect: Collect) -> OfficeResult[Any]:
        began, fetched_at = time.perf_counter(), self._clock()
        try:
            collected = await collect(self._call(asking))
        except AdapterError as error:
            part: OfficeResult[Any] = self._failed(asking, error)
        except OverBoundError:
            part = OfficeResult(_source(asking, SourceState.FAILED, Cause.TOO_MANY))
        except Exception as error:  # noqa: BLE001 - a fault of one adapter must not cost the other systems' parts
            _log.error("adapter fault", extra=_where(asking) | {"error": type(error).__name__})
            part = OfficeResult(_source(asking, SourceState.FAILED, Cause.MALFORMED))
        else:
            part = self._part(asking, collected, fetched_at)
        return OfficeResult(part.source, part.records, time.perf_counter() - began)

    def _part(self, asking: OfficeQuestion, collected: CollectedPages, fetched_at: datetime) -> OfficeResult[Any]:
        origin = AnswerSource(asking.live.spec.id, asking.office.id, fetched_at, collected.as_of)
        made = self._maker.make(asking.row, collected.items, origin)
        account = {"fetched_at": fetched_at, "items": len(made.records), "set_aside": made.set_aside}
        return OfficeResult(_source(asking, SourceState.FRESH).model_copy(update=account), made.records)

    def _failed(self, asking: OfficeQuestion, error: AdapterError) -> OfficeResult[Any]:
        self._upstreams.record_failure(asking.live.spec.id, asking.office.id, error)
        _log.warning("source failed", extra=_where(asking) | {"cause": error.cause, "reason": error.reason})
        return OfficeResult(_source(asking, SourceState.FAILED, error.cause, error.retry_at))

    def _call(self, asking: OfficeQuestion) -> Call[Any, Any]:
        spec = asking.live.spec
        entitled = asking.nik is not None and Need.NIK in spec.needs
        return self._upstreams.call(
            spec,
            asking.office.id,
            asking.office.settings,
            asking.row.transport,
            deadline=asking.deadline,
            subject=Subject(nik=asking.nik) if entitled else None,
        )


async def every_page(
    ask: Callable[[Call[Any, Any], Any, str | None], Awaitable[Batch[Any]]],
    call: Call[Any, Any],
    query: Query,
    most: int,
) -> CollectedPages:
    """All pages of one office's answer, or `OverBoundError` when there are more than `most` records."""
    collected = CollectedPages()
    mark: str | None = None
    seen: set[str] = set()
    while True:
        batch = await ask(call, query, mark)
        collected.items.extend(batch.items)
        collected.as_of = min(filter(None, (collected.as_of, batch.as_of)), default=None)
        if len(collected.items) > most:
            raise OverBoundError
        if batch.next is None:
            return collected
        if batch.next in seen or len(seen) >= _MOST_PAGES:
            raise UpstreamMalformedError("paging does not come to an end")
        seen.add(batch.next)
        mark = batch.next


def _source(
    asking: OfficeQuestion, state: SourceState, cause: Cause | None = None, retry_at: datetime | None = None
) -> Source:
    return Source(system=asking.live.spec.id, office=asking.office.id, state=state, cause=cause, retry_at=retry_at)


def _where(asking: OfficeQuestion) -> dict[str, object]:
    return {"system": asking.live.spec.id, "office": asking.office.id, "resource": asking.row.resource.name}
