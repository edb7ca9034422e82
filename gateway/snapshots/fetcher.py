"""Fetches one feed completely and makes a snapshot of it. An interrupted fetch resumes from its last mark.

If a folder lists the same names, sizes and times as before, the last snapshot is confirmed without reading the files:
parsing the workbooks of seven agencies every ten seconds took a twentieth of a processor core.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from adapters.contract import Batch, Files, Reads
from adapters.errors import AdapterError, Cause, UpstreamMalformedError, UpstreamTimeoutError
from adapters.upstream import FileEntry
from gateway.ground.clock import Clock
from gateway.ground.deadline import Deadline
from gateway.policy.masks import mask, visible_doubts
from gateway.policy.ownership import open_to_all
from gateway.records.merge_order import merge_records
from gateway.records.normaliser import AnswerSource, DatedItem, Normaliser, dated
from gateway.records.shared_parts import share_parts
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.snapshots.personal_seal import PersonSeal
from gateway.snapshots.snapshot import Snapshot, SnapshotKey
from gateway.upstream.upstreams import Upstreams
from schemas.classes import DataClass
from schemas.records import Record
from schemas.texts import KEEP

_GENERAL = frozenset({DataClass.GENERAL})
_RESUME_WITHIN = timedelta(minutes=10)
_GRACE = timedelta(seconds=5)
_UNAVAILABLE_CAUSES = frozenset(
    {Cause.TIMEOUT, Cause.UNAVAILABLE, Cause.CIRCUIT_OPEN, Cause.CONCURRENCY_LIMIT, Cause.QUOTA_SPENT}
)


@dataclass(slots=True)
class _Progress:
    """The items of an unfinished fetch, each with the time of its own page."""

    began_at: datetime
    items: list[DatedItem] = field(default_factory=list)
    mark: str | None = None


class FeedFetcher:
    """Fetches the feed of one office for one resource repeatedly."""

    def __init__(
        self,
        place: tuple[LiveSystem, Office, Reads[Any, Any, Any, Any, Any]],
        *,
        upstreams: Upstreams,
        normaliser: Normaliser,
        seal: PersonSeal,
        clock: Clock,
    ) -> None:
        self.live, self.office, self.row = place
        self.key = SnapshotKey(self.live.spec.id, self.office.id, self.row.resource.name)
        self._upstreams = upstreams
        self._normaliser = normaliser
        self._seal = seal
        self._clock = clock
        self._progress: _Progress | None = None
        self._last: Snapshot[Any] | None = None
        self._listing: tuple[FileEntry, ...] | None = None

    async def fetch(self, within: timedelta) -> Snapshot[Any]:
        """Fetch one complete snapshot. Raises `AdapterError`; the items fetched so far are kept for resuming."""
        progress = self._resumed()
        row, feed = self.row, self.row.feed
        if feed is None:
            raise ValueError(f"{self.key} is not a feed")
        call = self._upstreams.call(
            self.live.spec, self.office.id, self.office.settings, row.transport, deadline=Deadline.after(within)
        )
        mark = progress.mark
        try:
            listing = await call.up.list() if isinstance(row.transport, Files) else None
            if listing is not None and self._last is not None and listing == self._listing:
                # The same files as before: their content is unchanged.
                return replace(self._last, fetched_at=self._clock())
            await self._collect_all(feed(call, mark), progress, within)
        except AdapterError as error:
            self._discard_if_stuck(progress, mark, error)
            self._upstreams.record_failure(self.key.system, self.key.office, error)
            raise
        except Exception:
            self._progress = None
            raise
        self._progress = None
        # Thousands of rows are normalised and sealed here: in a thread, so that the event loop stays free.
        self._last, self._listing = await asyncio.to_thread(self._snapshot, progress), listing
        return self._last

    def remember(self, snapshot: Snapshot[Any]) -> None:
        """Take a snapshot that was stored before the start for the last one."""
        self._last = snapshot

    def forget(self) -> None:
        """Drop everything that was fetched before."""
        self._progress = self._last = self._listing = None

    async def _collect_all(self, batches: AsyncIterator[Batch[Any]], progress: _Progress, within: timedelta) -> None:
        """Collect all batches. Ends a feed that waits for something other than requests, which have deadlines."""
        try:
            async with asyncio.timeout((within + _GRACE).total_seconds()):
                await self._collect(batches, progress)
        except TimeoutError:
            raise UpstreamTimeoutError("the feed did not end in time") from None
        finally:
            if isinstance(batches, AsyncGenerator):
                await batches.aclose()

    async def _collect(self, batches: AsyncIterator[Batch[Any]], progress: _Progress) -> None:
        marks: set[str] = set()
        async for batch in batches:
            if len(progress.items) + len(batch.items) > self.live.spec.limits.max_items:
                self._progress = None
                raise UpstreamMalformedError("the feed has more items than the system's limit")
            progress.items.extend(dated(batch))
            progress.mark = batch.next
            if batch.next is None:
                return
            if batch.next in marks:
                self._progress = None
                raise UpstreamMalformedError("the feed repeats a mark")
            marks.add(batch.next)
        # If it were taken for complete, every missing record would look withdrawn.
        raise UpstreamMalformedError("the feed stopped before its end")

    def _discard_if_stuck(self, progress: _Progress, mark: str | None, error: AdapterError) -> None:
        """Restart from the beginning next time, if resuming failed although the system was available."""
        if mark is not None and progress.mark == mark and error.cause not in _UNAVAILABLE_CAUSES:
            self._progress = None

    def _resumed(self) -> _Progress:
        now = self._clock()
        if self._progress is None or self._progress.mark is None or now - self._progress.began_at > _RESUME_WITHIN:
            self._progress = _Progress(now)
        return self._progress

    def _public_part(self, records: Iterable[Record[Any]]) -> Iterator[Record[Any]]:
        """The records and fields that anyone may see: a public snapshot holds nothing else."""
        for record in records:
            if open_to_all(self.row.resource, record.body):
                body = mask(record.body, _GENERAL, release_numbers=False)
                yield replace(record, body=body, doubts=visible_doubts(record, _GENERAL))

    def _snapshot(self, progress: _Progress) -> Snapshot[Any]:
        # The time when the first part was requested: no part is older.
        fetched_at = progress.began_at
        origin = AnswerSource(self.key.system, self.key.office, fetched_at)
        normalised = self._normaliser.make(self.row, progress.items, origin)
        digest = blake2b(str(normalised.set_aside).encode(), digest_size=16)
        for record in sorted(normalised.records, key=lambda record: record.id):
            doubts = ",".join(f"{doubt.code}{doubt.field}{doubt.original}" for doubt in record.doubts)
            digest.update(f"{record.id}{doubts}{record.body.model_dump_json(context=KEEP)}".encode())
        public = self.row.resource.public
        shown: tuple[Record[Any], ...] = ()
        if public:
            last = self._last
            held = last.records if last is not None and last.digest == digest.hexdigest() else ()
            shown = merge_records(self.row.resource, share_parts(self._public_part(normalised.records), held))
        return Snapshot(
            digest=digest.hexdigest(),
            fetched_at=fetched_at,
            as_of=max((item.as_of for item in progress.items if item.as_of is not None), default=None),
            set_aside=normalised.set_aside,
            records=shown,
            sealed={} if public else self._seal.by_person(self.row.resource, normalised.records),
            count=len(shown) if public else len(normalised.records),
        )
