"""The search indexes of the public lists, each rebuilt when its list has changed."""

import asyncio
from collections import defaultdict
from typing import Any

from gateway.snapshots.search.index import Index
from gateway.snapshots.store import PublicList, SnapshotStore
from schemas.resources import Resource


class PublicIndexes:
    """One index for each searchable public resource, of the newest list only."""

    def __init__(self, snapshots: SnapshotStore) -> None:
        self._snapshots = snapshots
        self._indexes: dict[str, tuple[str, int, Index]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def index_of(self, resource: Resource[Any, Any]) -> tuple[PublicList[Any], Index]:
        """The newest list of a public resource, and its index."""
        shown = self._snapshots.public(resource)
        index = self._current(resource, shown)
        if index is not None:
            return shown, index
        # Concurrent searches wait for the same index.
        async with self._locks[resource.name]:
            shown = self._snapshots.public(resource)
            index = self._current(resource, shown)
            if index is None:
                # Thousands of texts are folded here: in a thread, so that the event loop stays free.
                index = await asyncio.to_thread(Index, resource, shown.records)
                self._indexes[resource.name] = (shown.id, len(shown.records), index)
        return shown, index

    def _current(self, resource: Resource[Any, Any], shown: PublicList[Any]) -> Index | None:
        current = self._indexes.get(resource.name)
        # Under one id a list may only lose records, so its length shows whether it is the same.
        return current[2] if current is not None and current[:2] == (shown.id, len(shown.records)) else None
