"""Merges pushed records over fetched ones: the newer one is shown. Disregards change times in the future.

The change times stated by the system decide where both have one and they differ; otherwise the record that was received
later wins. A pushed record that must not be shown hides the fetched one by the same rule. A push received before a
fetch began is dropped if that fetch no longer contains the record, since the fetched list is complete. A push counts no
longer than a snapshot may be held.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, Generic, TypeVar

from gateway.records.merge_order import merge_records
from gateway.snapshots.snapshot import Snapshot
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_MAX_AHEAD: Final = timedelta(days=1)


def accept_push_time(changed_at: datetime | None, came_at: datetime) -> datetime | None:
    """The change time stated by the system, unless it is a day or more in the future: nothing would be newer."""
    return None if changed_at is None or changed_at - came_at >= _MAX_AHEAD else changed_at


@dataclass(frozen=True, slots=True)
class Pushed(Generic[B]):
    """The newest push about one record: the public part of it, or None where it must not be shown."""

    record_id: str
    record: Record[B] | None
    changed_at: datetime | None
    received_at: datetime

    def newer_than(self, changed_at: datetime | None, came_at: datetime) -> bool:
        """Whether this is newer than a record with this change time and this time of receipt."""
        if self.changed_at is not None and changed_at is not None and self.changed_at != changed_at:
            return self.changed_at > changed_at
        return self.received_at >= came_at


class Overlay(Generic[B]):
    """The pushes about the records of one snapshot, for as long as it may be held."""

    def __init__(self, resource: Resource[B, Any], changed: Callable[[B], datetime | None], keep: timedelta) -> None:
        self._resource = resource
        self._changed = changed
        self._keep = keep
        self._pushed: dict[str, Pushed[B]] = {}

    def add(self, pushed: Iterable[Pushed[B]]) -> frozenset[str]:
        """Store pushes that are newer than earlier ones; return the ids of records that they hide."""
        hidden: set[str] = set()
        for push in pushed:
            earlier = self._pushed.get(push.record_id)
            if earlier is None or push.newer_than(earlier.changed_at, earlier.received_at):
                self._pushed[push.record_id] = push
                hidden |= {push.record_id} if push.record is None else set()
        return frozenset(hidden)

    def merge(self, fetched: Snapshot[B]) -> Snapshot[B]:
        """The snapshot with the pushes merged in. Pushes that it makes obsolete are dropped."""
        records = {record.id: record for record in fetched.records}
        self._pushed = {id_: push for id_, push in self._pushed.items() if self._is_current(push, records, fetched)}
        if not self._pushed:
            return fetched
        for record_id, push in self._pushed.items():
            records.pop(record_id, None)
            if push.record is not None:
                records[record_id] = push.record
        return replace(
            fetched,
            digest=self._digest(fetched.digest),
            records=merge_records(self._resource, records.values()),
            count=len(records),
        )

    def _is_current(self, push: Pushed[B], records: Mapping[str, Record[B]], fetched: Snapshot[B]) -> bool:
        if fetched.fetched_at - push.received_at > self._keep:
            return False
        record = records.get(push.record_id)
        if record is None:
            # A hidden record stays hidden, should an outdated list contain it again; and a late push of an earlier
            # state does not restore a record that the list no longer contains.
            late = push.changed_at is not None and push.changed_at < fetched.fetched_at
            return push.record is None or (push.received_at >= fetched.fetched_at and not late)
        return push.newer_than(accept_push_time(self._changed(record.body), fetched.fetched_at), fetched.fetched_at)

    def _digest(self, fetched: str) -> str:
        state = blake2b(fetched.encode(), digest_size=16)
        for push in sorted(self._pushed.values(), key=lambda push: push.record_id):
            state.update(f"{push.record_id} {push.received_at.isoformat()} {push.record is None};".encode())
        return state.hexdigest()
