"""The visible sheets of a workbook (ECMA-376, SpreadsheetML), and the values of their cells.

Only the hardened XML parser reads it, with limits on every part's size and number of tags. openpyxl has three
disadvantages: it reads parts that a list does not need (styles, print settings, formulae) with regular expressions that
a hostile file can keep busy for minutes, in a thread that cannot be stopped; it writes warnings to stderr with the
cell's value, which may be a NIK; and its streaming mode does not report merged cells. calamine allocates every cell
between the first and the last one, so that a small file aborts the process; and it reads numbers as floats, so that a
NIK above 2**53 loses its last digit.

Numbers stay numbers, even if a style shows them as dates: the column declares the meaning of its numbers.
"""

import posixpath
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element

from adapters.errors import UpstreamMalformedError
from adapters.legacy.archives import Archive
from adapters.legacy.hardened_xml import parse, parse_tree
from adapters.wirausaha_baru.cells import Grid, SheetReader, StringReader

MAX_PARTS: Final = 200
MAX_UNPACKED: Final = 8_000_000
MAX_TAGS: Final = 300_000
MAX_ATTRIBUTES: Final = 150_000
_DOCUMENT: Final = "/officeDocument"
_SHARED: Final = "/sharedStrings"


class _Parts:
    """The parts of one workbook, with limits on tags and attributes over all reads."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._tags = MAX_TAGS
        self._attributes = MAX_ATTRIBUTES

    def tree(self, part: str) -> Element:
        """Parse a small part completely. Raises `UpstreamMalformedError`."""
        return parse_tree(self._xml(part), what="a workbook's index")

    def read(self, part: str, target: SheetReader | StringReader) -> None:
        """Parse a part with `target`. Raises `UpstreamMalformedError`."""
        parse(self._xml(part), target, what="a workbook's sheet")

    def _xml(self, part: str) -> bytes:
        xml = self._archive.part(part.lstrip("/"))
        if xml is None:
            raise UpstreamMalformedError("a workbook lacks a part that it refers to")
        self._tags -= xml.count(b"<")
        self._attributes -= xml.count(b"=")
        if self._tags < 0 or self._attributes < 0:
            raise UpstreamMalformedError("a workbook has more content than the limit")
        return xml


def _named(element: Element, name: str) -> Iterator[Element]:
    """Return the elements of this name, in either of the standard's two namespaces."""
    return (one for one in element.iter() if one.tag.rpartition("}")[2] == name)


class _Relations:
    """The relationships of one part: the targets by id, and by kind."""

    def __init__(self, parts: _Parts, part: str) -> None:
        folder, name = posixpath.split(part)
        self.by_id: dict[str, str] = {}
        self._kinds: list[tuple[str, str]] = []
        for one in _named(parts.tree(posixpath.join(folder, "_rels", f"{name}.rels")), "Relationship"):
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            self.by_id[one.get("Id", "")] = target
            self._kinds.append((one.get("Type", ""), target))

    def by_kind(self, kind: str) -> str | None:
        """Return the first target of this kind."""
        return next((target for type_, target in self._kinds if type_.endswith(kind)), None)


def _reference(sheet: Element) -> str:
    """Return the id of a sheet's part: the attribute `id` in the namespace of relationships."""
    return next((value for name, value in sheet.attrib.items() if name.startswith("{") and name.endswith("}id")), "")


def _strings(parts: _Parts, relations: _Relations) -> list[str]:
    part = relations.by_kind(_SHARED)
    reader = StringReader()
    if part is not None:
        parts.read(part, reader)
    return reader.strings


def _counts_from_1904(book: Element) -> bool:
    return any(one.get("date1904", "0") not in ("0", "false") for one in _named(book, "workbookPr"))


def sheets(content: bytes, prefix: str) -> list[Grid]:
    """Return the visible sheets whose names begin with `prefix`, with merged cells filled.

    Raises `UpstreamMalformedError` when the content is not a workbook within the limits, or when its dates count from
    1904, because its day numbers would mean other days.
    """
    parts = _Parts(Archive(content, max_parts=MAX_PARTS, max_unpacked=MAX_UNPACKED))
    document = _Relations(parts, "").by_kind(_DOCUMENT)
    if document is None:
        raise UpstreamMalformedError("the archive is not a workbook")
    book = parts.tree(document)
    if _counts_from_1904(book):
        raise UpstreamMalformedError("the dates of a workbook count from 1904")
    relations = _Relations(parts, document)
    strings = _strings(parts, relations)
    grids = []
    for sheet in _named(book, "sheet"):
        if sheet.get("state", "visible") == "visible" and sheet.get("name", "").strip().upper().startswith(prefix):
            reader = SheetReader(strings)
            parts.read(relations.by_id.get(_reference(sheet), ""), reader)
            reader.grid.fill(reader.merged)
            grids.append(reader.grid)
    return grids
