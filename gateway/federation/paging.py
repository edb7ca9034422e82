"""Paging: a page of the records that the gateway holds, and the cursor to the next page.

A cursor is opaque and signed. It contains the position of the last record shown, the snapshot, and a digest of the
question and the caller, so that it is valid for nothing else. While the gateway holds that snapshot, the pages are one
consistent list. Afterwards the list continues from the same position in the newest snapshot: no record is shown twice,
and no record that existed all the time is missed.
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
    """The cursor is invalid, or belongs to another question."""


class CursorExpiredError(Exception):
    """The list that the cursor points into is no longer held."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position where the next page begins."""

    position: Position
    snapshot: str


@dataclass(frozen=True, slots=True)
class Page(Generic[B]):
    """Records of one page, and the cursor to the next page; None on the last page."""

    records: tuple[Record[B], ...]
    next: str | None


def question_digest(*parts: str | None) -> str:
    """The digest that a cursor is bound to, of the operation, the query and the caller."""
    return blake2b(json.dumps(parts).encode(), digest_size=12).hexdigest()


class Cursors:
    """Creates and opens cursors."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def make(self, cursor: Cursor, question: str) -> str:
        """The opaque text of a cursor."""
        plain = json.dumps([question, cursor.snapshot, *cursor.position], ensure_ascii=False)
        return self._sealer.token(_USE, plain.encode("utf-8", "surrogatepass"))

    def open(self, text: str, question: str) -> Cursor:
        """Open a cursor. Raises `CursorRefusedError`."""
        try:
            bound_to, snapshot, *place = json.loads(self._sealer.open_token(_USE, text))
        except UnsealError:
            raise CursorRefusedError from None
        if bound_to != question:
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
        """The page of at most `limit` of `records`, which are in the resource's order, after the cursor `after`."""
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
