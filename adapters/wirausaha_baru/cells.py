"""Parser targets for the cells of one sheet, and for the texts that sheets share.

They store only what a list can contain: the values of the first rows and columns, and the merged ranges.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Final

from adapters.errors import UpstreamMalformedError
from adapters.wirausaha_baru.wire import LONGEST_TEXT

CellValue = str | int | float | None

MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 40
MAX_MERGED: Final = 50_000

_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,400}(\.[0-9]{0,400})?([eE][+-]?[0-9]{1,4})?")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_EXACT: Final = 10**17


def _local(tag: str) -> str:
    """Return a tag without its namespace, which differs between the two editions of the standard."""
    return tag.rpartition("}")[2]


def _unescaped(text: str) -> str:
    """Return a text without the format's escapes. An overlong one is cut to a length that `wire` refuses."""
    if len(text) > LONGEST_TEXT:
        return text[: LONGEST_TEXT + 1]
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _number(written: str) -> int | float:
    """Return a number cell, as int if it is whole: `6.37199045029001E+15` is whole, too."""
    if _WHOLE.fullmatch(written):
        return int(written)
    number = float(written) if _DECIMAL.fullmatch(written) else math.inf
    if not math.isfinite(number):
        raise UpstreamMalformedError("a number cell of a workbook contains no number")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _place(written: str) -> tuple[int, int]:
    """Return row and column of `B9`, both from 1."""
    found = _PLACE.fullmatch(written)
    if found is None:
        raise UpstreamMalformedError("a workbook contains an invalid cell reference")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


class StringReader:
    """Parser target: the texts that the sheets share, in order."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._parts: list[str] = []
        self._listens = False
        self._phonetic = False

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        name = _local(tag)
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._phonetic = True
        self._listens = name == "t" and not self._phonetic

    def data(self, text: str) -> None:
        """Handle text within an element."""
        if self._listens:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        name = _local(tag)
        self._listens = False
        if name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.strings.append(_unescaped("".join(self._parts)))


@dataclass(slots=True)
class Grid:
    """The values of one sheet by row and column, both from 1."""

    rows: dict[int, dict[int, CellValue]] = field(default_factory=dict)

    def at(self, row: int, column: int) -> CellValue:
        """Return the value of a cell."""
        return self.rows.get(row, {}).get(column)

    def fill(self, merged: list[str]) -> None:
        """Set every cell of a merged range to the value of its first cell. Raises `UpstreamMalformedError`."""
        filled = 0
        for range_ in merged:
            first, _, last = range_.partition(":")
            (top, left), (bottom, right) = _place(first), _place(last or first)
            bottom, right = min(bottom, MAX_ROWS), min(right, MAX_COLUMNS)
            filled += max(0, bottom - top + 1) * max(0, right - left + 1)
            if filled > MAX_MERGED:
                raise UpstreamMalformedError("a workbook has more merged cells than the limit")
            value = self.at(top, left)
            if value is not None:
                self._repeat(value, range(top, bottom + 1), range(left, right + 1))

    def _repeat(self, value: CellValue, rows: range, columns: range) -> None:
        for row in rows:
            self.rows.setdefault(row, {}).update(dict.fromkeys(columns, value))


class SheetReader:
    """Parser target: the cells of one sheet. `strings` are the shared texts."""

    def __init__(self, strings: list[str]) -> None:
        self.grid = Grid()
        self.merged: list[str] = []
        self._strings = strings
        self._row = self._column = 0
        self._type = "n"
        self._parts: list[str] = []
        self._listens = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        name = _local(tag)
        if name == "c":
            self._open_cell(attributes)
        elif name == "row":
            self._open_row(attributes.get("r"))
        elif name == "mergeCell":
            self.merged.append(attributes.get("ref", ""))
        self._listens = name in ("v", "t")

    def data(self, text: str) -> None:
        """Handle text within an element."""
        if self._listens:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        self._listens = False
        if _local(tag) == "c":
            self._close_cell()

    def _open_row(self, written: str | None) -> None:
        if written is not None and not _WHOLE.fullmatch(written):
            raise UpstreamMalformedError("a workbook contains an invalid row number")
        self._row = int(written) if written is not None else self._row + 1
        self._column = 0

    def _open_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            self._row, self._column = _place(place)
        self._type = attributes.get("t", "n")
        self._parts = []

    def _close_cell(self) -> None:
        written = "".join(self._parts)
        if not written or self._column > MAX_COLUMNS:
            return
        if not 1 <= self._row <= MAX_ROWS:
            raise UpstreamMalformedError("a workbook has more rows than the limit")
        self.grid.rows.setdefault(self._row, {})[self._column] = self._value(written)

    def _value(self, written: str) -> CellValue:
        """Convert a cell by its type (ECMA-376 18.18.11); the stored result of a formula is a value like any other."""
        if self._type == "n":
            return _number(written.strip())
        if self._type == "s":
            return self._shared(written)
        if self._type == "b":
            return "TRUE" if written == "1" else "FALSE"
        return _unescaped(written)

    def _shared(self, written: str) -> str:
        index = int(written) if _WHOLE.fullmatch(written) else -1
        if not 0 <= index < len(self._strings):
            raise UpstreamMalformedError("a cell of a workbook refers to a missing shared text")
        return self._strings[index]
