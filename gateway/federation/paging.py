"""Paging: a page over what the gateway holds, and the cursor to the following one.

A cursor is opaque and signed: the position of the last record shown, the snapshot it was taken from, and what was
asked by whom, so that it opens nothing else. While the gateway still holds that snapshot, the pages are one consistent
list. When it does not any more, the list goes on from the same position in the newest one: nothing is shown twice, and
nothing that was there all the time is missed.
"""

import json
from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from gateway.ground.sealing import Sealer, UnsealError
from gateway.records.merge_order import Position, position, sort_key
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

_USE = "cursor"


class CursorRefusedError(Exception):
    """The cursor is not one of ours, or belongs to another question."""


class CursorExpiredError(Exception):
    """What the cursor pages over is not held any more."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins."""

    position: Position
    snapshot: str


@dataclass(frozen=True, slots=True)
class Page(Generic[B]):
    """Some records, and the cursor to the following ones, None on the last page."""

    records: tuple[Record[B], ...]
    next: str | None


def question_digest(*parts: str | None) -> str:
    """What a cursor is bound to: the operation, the query, the caller."""
    return blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


class Cursors:
    """Makes and opens cursors."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def make(self, cursor: Cursor, question: str) -> str:
        """The opaque text of a cursor."""
        written = json.dumps([question, cursor.snapshot, *cursor.position], ensure_ascii=False)
        return self._sealer.token(_USE, written.encode("utf-8", "surrogatepass"))

    def open(self, text: str, question: str) -> Cursor:
        """The cursor behind a text, or `CursorRefusedError`."""
        try:
            asked, snapshot, *place = json.loads(self._sealer.open_token(_USE, text))
        except UnsealError:
            raise CursorRefusedError from None
        if asked != question:
            raise CursorRefusedError
        return Cursor(tuple(place), snapshot)

    def page(
        self,
        resource: Resource[B, Any],
        records: tuple[Record[B], ...],
        *,
        after: Cursor | None,
        limit: int,
        snapshot: str,
        question: str,
    ) -> Page[B]:
        """The page of at most `limit` of `records`, which stand in the resource's order, behind `after`."""
        start = self._start(resource, records, after)
        shown = records[start : start + limit]
        if start + limit >= len(records):
            return Page(shown, None)
        last = Cursor(position(resource, shown[-1]), snapshot)
        return Page(shown, self.make(last, question))

    @staticmethod
    def _start(resource: Resource[B, Any], records: tuple[Record[B], ...], after: Cursor | None) -> int:
        if after is None:
            return 0
        if len(after.position) != len(resource.order):
            raise CursorRefusedError
        key = sort_key(resource)
        try:
            return bisect_right(records, key(after.position), key=lambda record: key(position(resource, record)))
        except (TypeError, ValueError):
            # Sealed by us, but by a version in which the resource had another order.
            raise CursorRefusedError from None
