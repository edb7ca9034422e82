"""The part of a workbook (ECMA-376, SpreadsheetML) that a list needs: its visible sheets and what their cells say.

Read with defusedxml alone, every part's size and number of tags bounded beforehand. A library for whole workbooks reads
much that a list does not need (styles, print settings, formulae), with regular expressions that a hostile file keeps
busy for minutes in a thread that nobody can stop; it warns on stderr with the cell's value, which may be a NIK; and
when streaming it does not say which cells are merged.

Numbers stay numbers, also where a style would show them as dates: the column declares what its numbers mean.
"""

import posixpath
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring

from adapters.errors import UpstreamMalformedError
from adapters.legacy.archives import Archive
from adapters.wirausaha_baru.cells import Grid, SheetReader, StringReader

MAX_PARTS: Final = 200
MAX_UNPACKED: Final = 8_000_000
MAX_TAGS: Final = 300_000
MAX_ATTRIBUTES: Final = 150_000
_DOCUMENT: Final = "/officeDocument"
_SHARED: Final = "/sharedStrings"
_BROKEN: Final = (ParseError, DefusedXmlException, LookupError, ValueError)


class _Parts:
    """The parts of one workbook, which together may hold no more than any list needs, however often one is read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._tags = MAX_TAGS
        self._attributes = MAX_ATTRIBUTES

    def tree(self, part: str) -> Element:
        """A small part, whole. Raises `UpstreamMalformedError`."""
        xml = self._xml(part)
        try:
            return fromstring(xml, forbid_dtd=True)
        except _BROKEN:
            raise UpstreamMalformedError("a workbook's index is not sound XML") from None

    def read(self, part: str, target: SheetReader | StringReader) -> None:
        """Lead `target` through a part. Raises `UpstreamMalformedError`."""
        xml = self._xml(part)
        parser = DefusedXMLParser(target=target, forbid_dtd=True)
        try:
            # In one piece: a parser that is fed piecemeal begins a long tag anew with every piece.
            parser.feed(xml)
            parser.close()
        except _BROKEN:
            raise UpstreamMalformedError("a workbook's sheet is not sound XML") from None

    def _xml(self, part: str) -> bytes:
        xml = self._archive.part(part.lstrip("/"))
        if xml is None:
            raise UpstreamMalformedError("a workbook lacks a part that it names")
        self._tags -= xml.count(b"<")
        self._attributes -= xml.count(b"=")
        if self._tags < 0 or self._attributes < 0:
            raise UpstreamMalformedError("a workbook has more content than any list needs")
        return xml


def _named(element: Element, name: str) -> Iterator[Element]:
    """The elements of this name, whichever of the standard's two namespaces they are in."""
    return (one for one in element.iter() if one.tag.rpartition("}")[2] == name)


class _Relations:
    """What one part refers to: by id, and by kind."""

    def __init__(self, parts: _Parts, part: str) -> None:
        folder, name = posixpath.split(part)
        self.by_id: dict[str, str] = {}
        self._kinds: list[tuple[str, str]] = []
        for one in _named(parts.tree(posixpath.join(folder, "_rels", f"{name}.rels")), "Relationship"):
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            self.by_id[one.get("Id", "")] = target
            self._kinds.append((one.get("Type", ""), target))

    def by_kind(self, kind: str) -> str | None:
        """The first part of this kind."""
        return next((target for type_, target in self._kinds if type_.endswith(kind)), None)


def _reference(sheet: Element) -> str:
    """The id of a sheet's part: the attribute `id` of the relationships' namespace."""
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
    """The visible sheets whose names begin with `prefix`, merged cells filled.

    Raises `UpstreamMalformedError` for whatever is not a workbook of a list's size, and for one whose dates count from
    1904, because its numbers would mean other days.
    """
    parts = _Parts(Archive(content, max_parts=MAX_PARTS, max_unpacked=MAX_UNPACKED))
    document = _Relations(parts, "").by_kind(_DOCUMENT)
    if document is None:
        raise UpstreamMalformedError("the archive is no workbook")
    book = parts.tree(document)
    if _counts_from_1904(book):
        raise UpstreamMalformedError("a workbook counts its days from 1904")
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
