"""Holds all snapshots: feeds renew them in the background, and requests read them from memory.

The merged list of a public resource is made once for each state of its snapshots. The last few lists of each resource
stay readable for as long as a cursor may point into them.
"""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from gateway.ground.clock import Clock
from gateway.records.merge_order import merge_records
from gateway.snapshots.overlay import Overlay
from gateway.snapshots.personal_seal import PersonSeal
from gateway.snapshots.snapshot import FetchFailure, Snapshot, SnapshotKey, SnapshotState
from gateway.snapshots.validity import UNLIMITED, Edition, Validity, Version
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_LISTS_KEPT = 8
"""Per resource: a list that changes every few seconds displaces only lists of its own resource."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublicList(Generic[B]):
    """One merged list of a public resource, with its sources.

    `edition` differs from the list's id once a push has hidden one of its records; its validity covers the sources too.
    """

    id: str
    records: tuple[Record[B], ...]
    sources: tuple[OfficeSource, ...]
    edition: Edition


@dataclass(frozen=True, slots=True)
class _StoredList:
    made_at: datetime
    fetched: tuple[datetime, ...]
    records: tuple[Record[Any], ...]
    edition: str

    def without(self, removed: Set[str]) -> "_StoredList":
        """The list without these records."""
        remaining = tuple(record for record in self.records if record.id not in removed)
        if len(remaining) == len(self.records):
            return self
        hidden = ";".join(sorted(record.id for record in self.records if record.id in removed))
        edition = blake2b(f"{self.edition}-{hidden}".encode(), digest_size=12).hexdigest()
        return replace(self, records=remaining, edition=edition)


class SnapshotStore:
    """The snapshots of all feeds."""

    def __init__(self, *, seal: PersonSeal, clock: Clock, lists_kept_for: timedelta) -> None:
        self._snapshots: dict[SnapshotKey, SnapshotState] = {}
        self._versions: defaultdict[str, Version] = defaultdict(Version)
        self._lists: OrderedDict[str, _StoredList] = OrderedDict()
        self._overlays: dict[SnapshotKey, Overlay[Any]] = {}
        self._fetched: dict[SnapshotKey, Snapshot[Any]] = {}
        self._seal = seal
        self._clock = clock
        self._lists_kept_for = lists_kept_for

    def add(self, key: SnapshotKey, *, fresh: timedelta, keep: timedelta) -> None:
        """Add an empty snapshot."""
        self._snapshots[key] = SnapshotState(key, fresh, keep)

    def put(self, key: SnapshotKey, snapshot: Snapshot[Any]) -> None:
        """Store the result of a successful fetch."""
        self._fetched[key] = snapshot
        self._snapshots[key].snapshot = self._merge_overlay(key)
        self._snapshots[key].failure = None
        self._versions[key.resource].increment()

    def add_overlay(self, key: SnapshotKey, overlay: Overlay[Any]) -> None:
        """Show pushed records over the fetched ones from now on."""
        self._overlays[key] = overlay
        self.apply_overlay(key)

    def apply_overlay(self, key: SnapshotKey, hidden: Set[str] = frozenset()) -> None:
        """Show the records in the overlay; `hidden` are ids of records that it may hide, from every list.

        A record that is still shown stays in the lists: the fetched state is newer than the pushed one.
        """
        snapshot = self._snapshots[key].snapshot = self._merge_overlay(key)
        removed = hidden - {record.id for record in snapshot.records} if hidden and snapshot else hidden
        if removed:
            for list_id, stored in self._lists.items():
                self._lists[list_id] = stored.without(removed)
        self._versions[key.resource].increment()

    def _merge_overlay(self, key: SnapshotKey) -> Snapshot[Any] | None:
        fetched, overlay = self._fetched.get(key), self._overlays.get(key)
        return overlay.merge(fetched) if overlay and fetched else fetched

    def fail(self, key: SnapshotKey, failure: FetchFailure) -> None:
        """Record a failed fetch; the records fetched before stay."""
        self._snapshots[key].failure = failure
        self._versions[key.resource].increment()

    def drop_outdated(self, key: SnapshotKey) -> bool:
        """Drop a snapshot that is older than it may be held; return whether there was one."""
        entry = self._snapshots[key]
        if entry.snapshot is None or entry.state(self._clock()) is not SourceState.FAILED:
            return False
        entry.snapshot = None
        self._fetched.pop(key, None)
        self._versions[key.resource].increment()
        return True

    def all(self) -> tuple[SnapshotState, ...]:
        """Every snapshot."""
        return tuple(self._snapshots.values())

    def of_resource(self, resource: str) -> tuple[SnapshotState, ...]:
        """Every snapshot of a resource, in the order of systems and offices."""
        found = (entry for key, entry in self._snapshots.items() if key.resource == resource)
        return tuple(sorted(found, key=lambda entry: (entry.key.system, entry.key.office or "")))

    def of_office(self, system: str, office: str | None) -> tuple[SnapshotState, ...]:
        """Every snapshot from one office."""
        return tuple(entry for key, entry in self._snapshots.items() if (key.system, key.office) == (system, office))

    def public(self, resource: Resource[B, Any]) -> PublicList[B]:
        """The newest merged list of a public resource."""
        now = self._clock()
        snapshots = self.of_resource(resource.name)
        shown = [entry for entry in snapshots if entry.snapshot and entry.state(now) is not SourceState.FAILED]
        list_id = _list_id(resource.name, shown)
        fetched = tuple(entry.snapshot.fetched_at for entry in shown if entry.snapshot)
        stored = self._lists.get(list_id)
        if stored is None or stored.fetched != fetched:
            # The same records, fetched again, are the same list: only their provenance is newer.
            records = merge_records(resource, (r for entry in shown if entry.snapshot for r in entry.snapshot.records))
            self._store_list(list_id, _StoredList(now, fetched, records, list_id), now)
        return self._public_list(resource, list_id, snapshots, now, UNLIMITED.until)

    def earlier(self, resource: Resource[B, Any], list_id: str) -> PublicList[B] | None:
        """An earlier list with the present state of its sources; None when it has expired.

        None too once one of its snapshots has become too old to be shown.
        """
        now = self._clock()
        stored = self._lists.get(list_id)
        if stored is None or now - stored.made_at > self._lists_kept_for or _resource_of(list_id) != resource.name:
            return None
        snapshots = self.of_resource(resource.name)
        expired = {
            (entry.key.system, entry.key.office) for entry in snapshots if entry.state(now) is SourceState.FAILED
        }
        if expired and any((r.provenance.system, r.provenance.office) in expired for r in stored.records):
            return None
        return self._public_list(resource, list_id, snapshots, now, stored.made_at + self._lists_kept_for)

    def _public_list(
        self,
        resource: Resource[B, Any],
        list_id: str,
        snapshots: tuple[SnapshotState, ...],
        now: datetime,
        kept_until: datetime,
    ) -> PublicList[B]:
        stored = self._lists[list_id]
        until = min((entry.next_change(now) for entry in snapshots), default=kept_until)
        return PublicList(
            list_id,
            stored.records,
            tuple(entry.source(now) for entry in snapshots),
            Edition(stored.edition, Validity.of(self._versions[resource.name], now, min(until, kept_until))),
        )

    def of_person(
        self, resource: Resource[B, Any], entry: SnapshotState, nik: str
    ) -> tuple[tuple[Record[B], ...], OfficeSource]:
        """The records of one person in one snapshot of a personal resource, and its source."""
        now = self._clock()
        if entry.snapshot is None or entry.state(now) is SourceState.FAILED:
            return (), entry.source(now)
        try:
            records = self._seal.of_person(resource, entry.snapshot.sealed, nik)
            doubtful = self._seal.doubtful(resource, entry.snapshot.sealed, nik) or None
        except ValueError as error:
            # Stored by a version with another schema, or changed in the database since: this person has records.
            log_fields = {"system": entry.key.system, "office": entry.key.office, "resource": entry.key.resource}
            _log.error("held records not readable", extra=log_fields | {"error": type(error).__name__})
            return (), _withheld_source(entry, SourceState.FAILED, cause=Cause.MALFORMED)
        if doubtful and not records and entry.state(now) is SourceState.HELD:
            return (), _withheld_source(entry, SourceState.UNLINKED, withheld=doubtful)
        # The set-aside count of a file of many people reveals nothing about this person; operators see it in
        # /v1/systems.
        account = {"set_aside": None, "withheld": doubtful}
        return records, entry.source(now, items=len(records)).model_copy(update=account)

    def _store_list(self, list_id: str, stored: _StoredList, now: datetime) -> None:
        self._lists[list_id] = stored
        self._lists.move_to_end(list_id)
        surplus = [one for one in self._lists if _resource_of(one) == _resource_of(list_id)][:-_LISTS_KEPT]
        for old_id, old in list(self._lists.items()):
            if old_id in surplus or now - old.made_at > self._lists_kept_for:
                del self._lists[old_id]


def _withheld_source(
    entry: SnapshotState, state: SourceState, *, cause: Cause | None = None, withheld: int | None = None
) -> OfficeSource:
    """The source of a snapshot of which nothing is shown."""
    return OfficeSource(system=entry.key.system, office=entry.key.office, state=state, cause=cause, withheld=withheld)


def _resource_of(list_id: str) -> str:
    return list_id.partition(".")[0]


def _list_id(resource: str, snapshots: Iterable[SnapshotState]) -> str:
    state = blake2b(digest_size=12)
    for entry in snapshots:
        if entry.snapshot:
            state.update(f"{entry.key.system}/{entry.key.office}/{entry.snapshot.digest};".encode())
    return f"{resource}.{state.hexdigest()}"
