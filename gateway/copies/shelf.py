"""All copies: renewed by their feeds in the background, read at once by whoever asks.

The merged list of a public resource is made once for each state of its copies, and the last few lists stay readable
for as long as a cursor may point into them.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from gateway.clock import Clock
from gateway.copies.copy import Copy, CopyKey, Failure, Snapshot
from gateway.copies.holding import PersonSeal
from gateway.federation.order import merged
from schemas.envelope import Source, SourceState
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_LISTS_KEPT = 32


@dataclass(frozen=True, slots=True)
class PublicList(Generic[B]):
    """One merged list of a public resource, and the account of its sources when it was made."""

    id: str
    records: tuple[Record[B], ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    made_at: datetime
    fetched: tuple[datetime, ...]
    records: tuple[Record[Any], ...]


class Shelf:
    """The copies of all feeds."""

    def __init__(self, *, seal: PersonSeal, clock: Clock, lists_kept_for: timedelta) -> None:
        self._copies: dict[CopyKey, Copy] = {}
        self._lists: OrderedDict[str, _Kept] = OrderedDict()
        self._seal = seal
        self._clock = clock
        self._lists_kept_for = lists_kept_for

    def add(self, key: CopyKey, *, fresh: timedelta, keep: timedelta) -> None:
        """Make room for a copy."""
        self._copies[key] = Copy(key, fresh, keep)

    def put(self, key: CopyKey, snapshot: Snapshot[Any]) -> None:
        """A fetch succeeded."""
        self._copies[key].snapshot = snapshot
        self._copies[key].failure = None

    def fail(self, key: CopyKey, failure: Failure) -> None:
        """A fetch failed; what was fetched before stays."""
        self._copies[key].failure = failure

    def of_resource(self, resource: str) -> tuple[Copy, ...]:
        """Every copy of a resource, in the order of systems and offices."""
        found = (copy for key, copy in self._copies.items() if key.resource == resource)
        return tuple(sorted(found, key=lambda copy: (copy.key.system, copy.key.office or "")))

    def of_office(self, system: str, office: str | None) -> tuple[Copy, ...]:
        """Every copy from one office."""
        return tuple(copy for key, copy in self._copies.items() if (key.system, key.office) == (system, office))

    def public(self, resource: Resource[B, Any]) -> PublicList[B]:
        """The newest merged list of a public resource."""
        now = self._clock()
        copies = self.of_resource(resource.name)
        shown = [copy for copy in copies if copy.snapshot and copy.state(now) is not SourceState.FAILED]
        list_id = _list_id(resource.name, shown)
        fetched = tuple(copy.snapshot.fetched_at for copy in shown if copy.snapshot)
        kept = self._lists.get(list_id)
        if kept is None or kept.fetched != fetched:
            # The same records, fetched again, are the same list: only their provenance is newer.
            records = merged(resource, (r for copy in shown if copy.snapshot for r in copy.snapshot.records))
            self._remember(list_id, _Kept(now, fetched, records), now)
        return PublicList(list_id, self._lists[list_id].records, tuple(copy.source(now) for copy in copies))

    def earlier(self, resource: Resource[B, Any], list_id: str) -> PublicList[B] | None:
        """A list that was shown before, with the present account of its sources; None when it is not kept any more."""
        kept = self._lists.get(list_id)
        if kept is None or not list_id.startswith(f"{resource.name}."):
            return None
        now = self._clock()
        return PublicList(list_id, kept.records, tuple(copy.source(now) for copy in self.of_resource(resource.name)))

    def of_person(self, resource: Resource[B, Any], copy: Copy, nik: str) -> tuple[tuple[Record[B], ...], Source]:
        """What one copy of a personal resource holds for one person, and the account of it."""
        now = self._clock()
        if copy.snapshot is None or copy.state(now) is SourceState.FAILED:
            return (), copy.source(now)
        records = self._seal.of_person(resource, copy.snapshot.sealed, nik)
        if not records and self._seal.is_doubtful(copy.snapshot.sealed, nik):
            unlinked = Source(system=copy.key.system, office=copy.key.office, state=SourceState.UNLINKED)
            return (), unlinked
        # What was set aside from a file of many people says nothing about this one; operators see it in /v1/systems.
        return records, copy.source(now, items=len(records)).model_copy(update={"set_aside": None})

    def _remember(self, list_id: str, kept: _Kept, now: datetime) -> None:
        self._lists[list_id] = kept
        self._lists.move_to_end(list_id)
        for old_id, old in list(self._lists.items()):
            surplus = len(self._lists) > _LISTS_KEPT or now - old.made_at > self._lists_kept_for
            if surplus and old_id != list_id:
                del self._lists[old_id]


def _list_id(resource: str, copies: Iterable[Copy]) -> str:
    state = blake2b(digest_size=12)
    for copy in copies:
        if copy.snapshot:
            state.update(f"{copy.key.system}/{copy.key.office}/{copy.snapshot.digest};".encode())
    return f"{resource}.{state.hexdigest()}"
