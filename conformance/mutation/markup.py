"""Lists of records in XML elements, and in the parts of archives, such as the sheets of a workbook."""

import copy
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

_RANGE: Final = re.compile(r"[A-Z]+([0-9]+)")


@dataclass(slots=True)
class XmlTable:
    """Sibling elements of the same name."""

    root: Any = field(repr=False)
    records: list[Any] = field(repr=False)
    beginning: str = ""
    named: bool = True

    def size(self) -> int:
        return len(self.records)

    def fields(self, record: int) -> dict[str, Any]:
        return {place: element.text for place, element in self._own(record)}

    def set_field(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        element = dict(self._own(record)).get(name)
        if element is None:
            element = etree.SubElement(self.records[record], name)
        for child in list(element):
            element.remove(child)
        element.text = _xml_text(value)

    def drop_field(self, record: int, name: str) -> None:
        element = dict(self._own(record))[name]
        element.getparent().remove(element)

    def remove(self, record: int) -> None:
        element = self.records.pop(record)
        element.getparent().remove(element)

    def empty(self, record: int) -> None:
        for child in list(self.records[record]):
            self.records[record].remove(child)

    def double(self, record: int) -> None:
        self.records[record].addnext(copy.deepcopy(self.records[record]))

    def affects_only_record(self, record: int, name: str) -> bool:
        del record, name
        return True

    def serialise(self) -> bytes:
        # The bytes stay as they were, in any charset: see `payloads`.
        text: str = etree.tostring(self.root, encoding="unicode")
        return (self.beginning + text).encode("latin-1", "xmlcharrefreplace")

    def _own(self, record: int) -> Iterator[tuple[str, Any]]:
        """Yield the leaf elements by name; repeated names get a number."""
        seen: dict[str, int] = {}
        for element in self.records[record].iter():
            if isinstance(element.tag, str) and len(element) == 0 and element is not self.records[record]:
                name = etree.QName(element).localname
                seen[name] = seen.get(name, 0) + 1
                yield (name if seen[name] == 1 else f"{name}.{seen[name]}"), element


@dataclass(slots=True)
class PartTable:
    """A table in one part of an archive."""

    archive: bytes = field(repr=False)
    part: str
    inner: Any = field(repr=False)

    @property
    def named(self) -> bool:
        """False in a workbook, where a field is a cell."""
        return not isinstance(self.inner, XmlTable)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything but `serialise` is the inner table's own
        return getattr(self.inner, name)

    def affects_only_record(self, record: int, name: str) -> bool:
        """In a workbook, only for the text of one row: numbers may be references, merged cells cover several rows."""
        if not isinstance(self.inner, XmlTable):
            return True
        row = self.inner.records[record].get("r")
        merged = (cell.get("ref", "") for cell in self.inner.root.iter("{*}mergeCell"))
        starts = {first for first, last in map(_RANGE.findall, merged) if first != last}
        return name.partition(".")[0] == "t" and row not in starts

    def serialise(self) -> bytes:
        made = io.BytesIO()
        with ZipFile(io.BytesIO(self.archive)) as before, ZipFile(made, "w", ZIP_DEFLATED, compresslevel=1) as after:
            for name in before.namelist():
                after.writestr(name, self.inner.serialise() if name == self.part else before.read(name))
        return made.getvalue()


def _xml_text(value: Any) -> str:  # noqa: ANN401 - whatever a field may hold
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "?", text)
