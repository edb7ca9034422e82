"""A snapshot: the newest good records of one resource from one office, and the state of its last fetch.

The age of a snapshot is known only if its time is not in the future. After a wrong clock has been corrected it may be
in the future: such a snapshot counts as stale, its time is not shown, and it is held no longer than `keep` after this
was noticed.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from adapters.errors import AdapterError
from gateway.snapshots.validity import UNLIMITED
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.records import Body, Record

B = TypeVar("B", bound=Body)

_CLOCK_TOLERANCE: Final = timedelta(minutes=1)
"""The tolerated clock difference: of one machine before and after synchronisation, or between two machines."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SnapshotKey:
    """The key of a snapshot: the resource of an office of a system."""

    system: str
    office: str | None
    resource: str


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """Why the last attempt to renew a snapshot failed."""

    cause: Cause
    at: datetime
    retry_at: datetime | None

    @classmethod
    def of(cls, error: AdapterError, at: datetime) -> "FetchFailure":
        """The failure of a snapshot for an `AdapterError`."""
        return cls(error.cause, at, error.retry_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Generic[B]):
    """The result of one complete fetch. `sealed` replaces `records` for personal data, one seal for each person."""

    digest: str
    fetched_at: datetime
    as_of: datetime | None
    set_aside: int
    records: tuple[Record[B], ...] = ()
    sealed: dict[str, bytes] = field(default_factory=dict, repr=False)
    count: int = 0


@dataclass(slots=True)
class SnapshotState:
    """The snapshot of one key. Only its feed changes it."""

    key: SnapshotKey
    fresh: timedelta
    keep: timedelta
    snapshot: Snapshot[Any] | None = None
    failure: FetchFailure | None = None
    _future_time: tuple[datetime, datetime] | None = field(default=None, init=False)
    """The future time that a snapshot states, and when that was noticed."""

    def state(self, now: datetime) -> SourceState:
        """The state of this snapshot as a source at `now`."""
        if self.snapshot is None:
            return SourceState.FAILED
        known = self.fetched_at(now) is not None
        held_for = now - (self.snapshot.fetched_at if known else self._future_since(self.snapshot.fetched_at, now))
        if held_for > self.keep:
            return SourceState.FAILED
        if self.failure or not known or held_for > self.fresh:
            return SourceState.STALE
        return SourceState.HELD

    def next_change(self, now: datetime) -> datetime:
        """The first moment after `now` at which the clock alone may change the state; the last one that there is.

        The state changes only after this moment. At the moment itself it is still that of before.
        """
        if self.snapshot is None:
            return UNLIMITED.until
        fetched = self.snapshot.fetched_at
        if self.fetched_at(now) is None:
            changes = (fetched - _CLOCK_TOLERANCE, self._future_since(fetched, now) + self.keep)
        else:
            changes = (fetched + self.fresh, fetched + self.keep)
        return min((moment for moment in changes if moment > now), default=UNLIMITED.until)

    def fetched_at(self, now: datetime) -> datetime | None:
        """When the snapshot was fetched; None without one, and when the stated time is in the future."""
        if self.snapshot is None or self.snapshot.fetched_at - now > _CLOCK_TOLERANCE:
            return None
        return self.snapshot.fetched_at

    def _future_since(self, fetched_at: datetime, now: datetime) -> datetime:
        if self._future_time is None or self._future_time[0] != fetched_at or self._future_time[1] > now:
            self._future_time = (fetched_at, now)
            where = {"system": self.key.system, "office": self.key.office, "resource": self.key.resource}
            _log.warning("snapshot with a time in the future", extra=where)
        return self._future_time[1]

    def cause(self, now: datetime) -> Cause | None:
        """The reason why the snapshot is not as fresh as declared."""
        if self.failure:
            return self.failure.cause
        return None if self.state(now) is SourceState.HELD else Cause.UNAVAILABLE

    def source(self, now: datetime, *, items: int | None = None) -> OfficeSource:
        """The source of this snapshot in an envelope; `items` overrides the count where only some records are meant."""
        state = self.state(now)
        visible = self.snapshot if state is not SourceState.FAILED else None
        return OfficeSource(
            system=self.key.system,
            office=self.key.office,
            state=state,
            cause=self.cause(now),
            retry_at=self.failure.retry_at if self.failure else None,
            fetched_at=self.fetched_at(now) if visible else None,
            items=(visible.count if items is None else items) if visible else None,
            set_aside=visible.set_aside if visible else None,
        )
