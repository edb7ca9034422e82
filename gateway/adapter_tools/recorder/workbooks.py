"""Rewrites workbooks (XLSX): their cells, and of all else only the parts that `workbook_parts` lists.

A cell's column is named by the first line of at least three texts above it that contains a known column name.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

from adapters.errors import UpstreamMalformedError
from adapters.legacy.archives import Archive
from gateway.adapter_tools.recorder.columns import ColumnKind, kind_of
from gateway.adapter_tools.recorder.markup import DamagedDocumentError, safe_tree
from gateway.adapter_tools.recorder.replacer import Replacer
from gateway.adapter_tools.recorder.workbook_parts import free_texts, keep_listed_parts

_KEPT: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?:workbook|styles)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/worksheets/sheet\d+\.xml"
)
_SHEET: Final = re.compile(r"xl/worksheets/sheet\d+\.xml")
_SHARED: Final = "xl/sharedStrings.xml"
_WRITTEN: Final = frozenset({"str", "d"})
_TRUTHS: Final = frozenset({"0", "1"})
_MAX_PARTS: Final = 200
_MAX_UNPACKED: Final = 32_000_000
_HEADERS: Final = 3
_EPOCH: Final = date(1899, 12, 30)
_DAYS: Final = range(10_000, 73_051)
"""Serial days of the years 1927 to 2099."""


def workbook_of(content: bytes, replacer: Replacer) -> tuple[bytes, tuple[str, ...]]:
    """Rewrite a workbook, and return the texts of its parts for the final check. Raises `DamagedDocumentError`."""
    try:
        archive = Archive(content, max_parts=_MAX_PARTS, max_unpacked=_MAX_UNPACKED)
        names = [name for name in ZipFile(BytesIO(content)).namelist() if _KEPT.fullmatch(name)]
        parts = {name: safe_tree(archive.part(name) or b"") for name in names}
        shared = [_joined(item) for item in safe_tree(archive.part(_SHARED) or b"<sst/>")]
    except UpstreamMalformedError:
        raise DamagedDocumentError("a workbook that cannot be read") from None
    sheets = [_Sheet(root, shared) for name, root in parts.items() if _SHEET.fullmatch(name)]
    if not sheets:
        raise DamagedDocumentError("an archive that is no workbook")
    for sheet in sheets:
        for column, cell_text in sheet.column_texts():
            replacer.learn(cell_text, column)
    for sheet in sheets:
        sheet.replace(replacer)
    for root in parts.values():
        keep_listed_parts(root, replacer.text)
    written = {name: etree.tostring(root, encoding="UTF-8", xml_declaration=True) for name, root in parts.items()}
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as archived:
        for name, xml in written.items():
            archived.writestr(name, xml)
    return output.getvalue(), tuple("\n".join(free_texts(root)) for root in parts.values())


class _Sheet:
    """The cells of one sheet. Each is rewritten: formulas are dropped, and their results stay as values."""

    def __init__(self, root: Any, shared: list[str]) -> None:  # noqa: ANN401 - an element of lxml
        self._rows = [[cell for cell in row if _is(cell, "c")] for row in root.iter() if _is(row, "row")]
        self._shared = shared
        self._columns: dict[str, str] = {}

    def column_texts(self) -> Iterator[tuple[str, str]]:
        """Every text with its column; the names of the columns are found on the way."""
        for row in self._rows:
            cell_texts = {_column(cell): self._text(cell) for cell in row}
            if sum(text is not None for text in cell_texts.values()) >= _HEADERS:
                known_columns = {
                    column: text
                    for column, text in cell_texts.items()
                    if text and kind_of(text) is not ColumnKind.UNKNOWN
                }
                self._columns = {**known_columns, **self._columns}
            named = ((self._columns.get(column, ""), text) for column, text in cell_texts.items() if text)
            yield from ((name, text) for name, text in named if name != text)
            yield from ((self._columns.get(_column(cell), ""), self._day(cell) or "") for cell in row)

    def replace(self, replacer: Replacer) -> None:
        """Replace the values of all cells."""
        for cell in (cell for row in self._rows for cell in row):
            column, text, number = self._columns.get(_column(cell), ""), self._text(cell), _number(cell)
            if text is not None:
                _write(cell, "inlineStr", replacer.text(text, "" if text == column else column))
            elif number is not None:
                _write(cell, "n", self._other_number(cell, number, column, replacer))
            else:
                _keep_boolean(cell)

    def _text(self, cell: Any) -> str | None:  # noqa: ANN401 - an element of lxml
        kind, value = cell.get("t", "n"), _value(cell)
        if kind == "inlineStr":
            return _joined(cell)
        if kind == "s":
            place = int(value) if value.isdecimal() else -1
            return self._shared[place] if 0 <= place < len(self._shared) else ""
        return value if kind in _WRITTEN else None

    def _day(self, cell: Any) -> str | None:  # noqa: ANN401 - an element of lxml
        number = _number(cell)
        return (_EPOCH + timedelta(days=int(number))).isoformat() if number is not None and number in _DAYS else None

    def _other_number(self, cell: Any, number: float, column: str, replacer: Replacer) -> str:  # noqa: ANN401
        day = self._day(cell)
        if day is not None and kind_of(column) not in (ColumnKind.PLAIN, ColumnKind.ADDRESS):
            return str((date.fromisoformat(replacer.text(day, column)) - _EPOCH).days)
        other = replacer.tree(int(number) if number.is_integer() else number, column)
        return repr(other)


def _write(cell: Any, kind: str, cell_text: str) -> None:  # noqa: ANN401 - an element of lxml
    space = etree.QName(cell).namespace
    _empty(cell)
    cell.set("t", kind)
    place = etree.SubElement(cell, f"{{{space}}}is") if kind == "inlineStr" else cell
    etree.SubElement(place, f"{{{space}}}{'t' if kind == 'inlineStr' else 'v'}").text = cell_text


def _empty(cell: Any) -> None:  # noqa: ANN401 - an element of lxml
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)


def _keep_boolean(cell: Any) -> None:  # noqa: ANN401 - an element of lxml
    """Keep true and false, which are impersonal; empty any other cell that is neither text nor number."""
    kind, value = cell.get("t"), _value(cell)
    if kind == "b" and value in _TRUTHS:
        _write(cell, "b", value)
    else:
        _empty(cell)


def _is(element: Any, name: str) -> bool:  # noqa: ANN401 - an element of lxml
    return isinstance(element.tag, str) and etree.QName(element).localname == name


def _column(cell: Any) -> str:  # noqa: ANN401 - an element of lxml
    return re.sub(r"\d", "", str(cell.get("r", "")))


def _joined(item: Any) -> str:  # noqa: ANN401 - an element of lxml
    return "".join(str(one.text or "") for one in item.iter() if _is(one, "t"))


def _value(cell: Any) -> str:  # noqa: ANN401 - an element of lxml
    return next((str(one.text or "") for one in cell if _is(one, "v")), "")


def _number(cell: Any) -> float | None:  # noqa: ANN401 - an element of lxml
    try:
        return float(_value(cell)) if cell.get("t", "n") == "n" else None
    except ValueError:
        return None
