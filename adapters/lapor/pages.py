"""Paging of LAPOR's lists, newest first, without duplicates or gaps while reports are added and removed."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from adapters.contract import Bad
from adapters.lapor.wire import Halaman, Laporan
from adapters.legacy.envelopes import read_rows

Rows = tuple[Laporan | Bad, ...]

_MARK: Final = re.compile(r"([0-9]{1,12})(?:-([0-9]{1,12})-([0-9]{1,12}))?")
_REPORT: Final = TypeAdapter(Laporan)


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a list: the page, the lowest report number so far, and the total at that time."""

    page: int = 1
    below: int | None = None
    total: int = 0

    @classmethod
    def of(cls, mark: str | None) -> "Place":
        """Parse a mark; an invalid one is the beginning."""
        found = _MARK.fullmatch(mark or "")
        if found is None:
            return cls()
        return cls(int(found[1]), int(found[2]) if found[2] else None, int(found[3] or 0))

    @property
    def mark(self) -> str:
        """The mark of this position."""
        return f"{self.page}" if self.below is None else f"{self.page}-{self.below}-{self.total}"


async def stretch(ask: Callable[[int], Awaitable[Halaman]], place: Place) -> tuple[Rows, Place | None]:
    """Return the reports at a position, and the next position; None at the end.

    A report that was added shifts others to the next page, where they are left out as known. A report that was removed
    shifts others back to the page before: when the total has shrunk, that page is read once more.
    """
    page = await ask(place.page)
    rows = reports(page)
    if place.page > 1 and page.total < place.total:
        before = reports(await ask(place.page - 1))
        rows = (*(row for row in before if isinstance(row, Laporan)), *rows)
    if place.below is not None:
        rows = tuple(
            row for row in rows if isinstance(row, Bad) or (number := _number(row)) is None or number < place.below
        )
    if place.page >= page.totalpage or not page.data:
        return rows, None
    numbers = [number for row in rows if isinstance(row, Laporan) and (number := _number(row)) is not None]
    # The number of the last report: a damaged number before it must not make the next page look known.
    return rows, Place(place.page + 1, numbers[-1] if numbers else place.below, page.total)


def reports(page: Halaman) -> Rows:
    """Return the reports of a page; an unreadable one is `Bad`."""
    return read_rows(page.data, _REPORT)


def _number(row: Laporan) -> int | None:
    return int(row.trackingid) if row.trackingid.isascii() and row.trackingid.isdecimal() else None
