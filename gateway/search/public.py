"""The indexes of the public lists, each made again when its list has changed."""

import asyncio
from typing import Any

from gateway.copies.shelf import PublicList, Shelf
from gateway.search.index import Index
from schemas.resources import Resource


class PublicIndexes:
    """One index for each public resource that can be searched, of the newest list only."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._made: dict[str, tuple[str, int, Index]] = {}

    async def of(self, resource: Resource[Any, Any]) -> tuple[PublicList[Any], Index]:
        """The newest list of a public resource, and its index."""
        shown = self._shelf.public(resource)
        known = self._made.get(resource.name)
        # Under one id a list may only lose records, so that its length tells whether it is the same.
        if known is not None and known[:2] == (shown.id, len(shown.records)):
            return shown, known[2]
        # Thousands of texts are folded here: in a thread, or every caller would wait for it.
        index = await asyncio.to_thread(Index, resource, shown.records)
        self._made[resource.name] = (shown.id, len(shown.records), index)
        return shown, index
