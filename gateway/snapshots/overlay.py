"""What was pushed, laid over what was fetched: for each record the newer of the two is shown.

The system's own word for when it changed decides, where both have it and it differs; otherwise what came to us later.
A pushed record that may not be shown hides the fetched one by the same rule. What was pushed before a fetch began that
does not bring the record any more is gone with it: the fetched list is whole. Nothing pushed counts for longer than a
snapshot may be held.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Generic, TypeVar

from gateway.records.merge_order import merged
from gateway.snapshots.snapshot import Snapshot
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_AHEAD: Final = timedelta(days=1)


def accept_push_time(changed_at: datetime | None, came_at: datetime) -> datetime | None:
    """When the system says that it changed a record, unless that is a day or more after it told us: then nothing would
    ever be newer."""
    return None if changed_at is None or changed_at - came_at >= _AHEAD else changed_at


@dataclass(frozen=True, slots=True)
class Pushed(Generic[B]):
    """The newest push about one record: the public part of it, or None where it must not be shown."""

    record_id: str
    record: Record[B] | None
    changed_at: datetime | None
    received_at: datetime

    def newer_than(self, changed_at: datetime | None, came_at: datetime) -> bool:
        """Whether this is newer than what the system changed then, and what came to us then."""
        if self.changed_at is not None and changed_at is not None and self.changed_at != changed_at:
            return self.changed_at > changed_at
        return self.received_at >= came_at


class Overlay(Generic[B]):
    """What was pushed about the records of one snapshot, for as long as it may be held."""

    def __init__(self, resource: Resource[B, Any], changed: Callable[[B], datetime | None], keep: timedelta) -> None:
        self._resource = resource
        self._changed = changed
        self._keep = keep
        self._pushed: dict[str, Pushed[B]] = {}

    def take(self, pushed: Iterable[Pushed[B]]) -> frozenset[str]:
        """Remember what is newer than what was pushed before; gives the ids of records that are hidden by it."""
        hidden: set[str] = set()
        for one in pushed:
            before = self._pushed.get(one.record_id)
            if before is None or one.newer_than(before.changed_at, before.received_at):
                self._pushed[one.record_id] = one
                hidden |= {one.record_id} if one.record is None else set()
        return frozenset(hidden)

    def onto(self, fetched: Snapshot[B]) -> Snapshot[B]:
        """The snapshot as it is shown. What it makes out of date is forgotten."""
        records = {record.id: record for record in fetched.records}
        self._pushed = {id_: one for id_, one in self._pushed.items() if self._counts(one, records, fetched)}
        if not self._pushed:
            return fetched
        for record_id, one in self._pushed.items():
            records.pop(record_id, None)
            if one.record is not None:
                records[record_id] = one.record
        return replace(
            fetched,
            digest=self._digest(fetched.digest),
            records=merged(self._resource, records.values()),
            count=len(records),
        )

    def _counts(self, one: Pushed[B], records: Mapping[str, Record[B]], fetched: Snapshot[B]) -> bool:
        if fetched.fetched_at - one.received_at > self._keep:
            return False
        record = records.get(one.record_id)
        if record is None:
            # What is hidden stays hidden, should a list that is behind bring it again; and a late push of an earlier
            # state does not bring back what the list no longer shows.
            late = one.changed_at is not None and one.changed_at < fetched.fetched_at
            return one.record is None or (one.received_at >= fetched.fetched_at and not late)
        return one.newer_than(accept_push_time(self._changed(record.body), fetched.fetched_at), fetched.fetched_at)

    def _digest(self, fetched: str) -> str:
        state = blake2b(fetched.encode(), digest_size=16)
        for one in sorted(self._pushed.values(), key=lambda one: one.record_id):
            state.update(f"{one.record_id} {one.received_at.isoformat()} {one.record is None};".encode())
        return state.hexdigest()
