"""The indexes of the public lists, each made again when its list has changed."""

import asyncio
from collections import defaultdict
from typing import Any

from gateway.snapshots.search.index import Index
from gateway.snapshots.store import PublicList, SnapshotStore
from schemas.resources import Resource


class PublicIndexes:
    """One index for each public resource that can be searched, of the newest list only."""

    def __init__(self, snapshots: SnapshotStore) -> None:
        self._snapshots = snapshots
        self._made: dict[str, tuple[str, int, Index]] = {}
        self._making: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, resource: Resource[Any, Any]) -> tuple[PublicList[Any], Index]:
        """The newest list of a public resource, and its index."""
        shown = self._snapshots.public(resource)
        index = self._known(resource, shown)
        if index is not None:
            return shown, index
        # Whoever else searches meanwhile waits for the same one.
        async with self._making[resource.name]:
            shown = self._snapshots.public(resource)
            index = self._known(resource, shown)
            if index is None:
                # Thousands of texts are folded here: in a thread, or every caller would wait for it.
                index = await asyncio.to_thread(Index, resource, shown.records)
                self._made[resource.name] = (shown.id, len(shown.records), index)
        return shown, index

    def _known(self, resource: Resource[Any, Any], shown: PublicList[Any]) -> Index | None:
        known = self._made.get(resource.name)
        # Under one id a list may only lose records, so that its length tells whether it is the same.
        return known[2] if known is not None and known[:2] == (shown.id, len(shown.records)) else None
