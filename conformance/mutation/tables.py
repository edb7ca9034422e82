"""Lists of records as they stand in payloads of each kind: to be looked at, changed, and written again.

A *record* is one of several things of a kind: an object in a list of JSON, one of several elements of a name, a line of
a table, a row of a database. Its fields have names; those within others have the names of all, from the outermost.
"""

import copy
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

from conformance.damages.bodies import written_json

_RANGE: Final = re.compile(r"[A-Z]+([0-9]+)")


class Table(Protocol):
    """The records of one list within a payload. Fields are looked at and changed in a copy; `written` gives it back."""

    @property
    def named(self) -> bool:
        """Whether the names of fields say what stands in them."""
        ...

    def size(self) -> int:
        """How many records."""
        ...

    def fields(self, record: int) -> dict[str, Any]:
        """A record's fields, those within others by dotted names."""
        ...

    def put(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - whatever a field may hold
        """Change one field."""
        ...

    def drop(self, record: int, name: str) -> None:
        """Take one field away."""
        ...

    def remove(self, record: int) -> None:
        """Take a record away."""
        ...

    def empty(self, record: int) -> None:
        """Leave a record in its place, with nothing in it."""
        ...

    def double(self, record: int) -> None:
        """Put the same record in once more, after itself."""
        ...

    def alone(self, record: int, name: str) -> bool:
        """Whether a damage to this field of one record leaves all others, and the payload, sound."""
        ...

    def written(self) -> Any:  # noqa: ANN401 - bytes, or rows
        """The payload as it is now."""
        ...


@dataclass(slots=True)
class JsonTable:
    """Objects in one list of a JSON document."""

    document: Any = field(repr=False)
    records: list[Any] = field(repr=False)
    named: bool = True

    def size(self) -> int:
        return len(self.records)

    def fields(self, record: int) -> dict[str, Any]:
        return dict(_leaves(self.records[record]))

    def put(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        holder, last = _holder(self.records[record], name)
        holder[last] = value

    def drop(self, record: int, name: str) -> None:
        holder, last = _holder(self.records[record], name)
        del holder[last]

    def remove(self, record: int) -> None:
        del self.records[record]

    def empty(self, record: int) -> None:
        self.records[record].clear()

    def double(self, record: int) -> None:
        self.records.insert(record, copy.deepcopy(self.records[record]))

    def alone(self, record: int, name: str) -> bool:
        del record, name
        return True

    def written(self) -> bytes:
        return written_json(self.document)


@dataclass(slots=True)
class XmlTable:
    """Elements of one name beside each other."""

    root: Any = field(repr=False)
    records: list[Any] = field(repr=False)
    beginning: str = ""
    named: bool = True

    def size(self) -> int:
        return len(self.records)

    def fields(self, record: int) -> dict[str, Any]:
        return {place: element.text for place, element in self._own(record)}

    def put(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        element = dict(self._own(record)).get(name)
        if element is None:
            element = etree.SubElement(self.records[record], name)
        for child in list(element):
            element.remove(child)
        element.text = _xml_text(value)

    def drop(self, record: int, name: str) -> None:
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

    def alone(self, record: int, name: str) -> bool:
        del record, name
        return True

    def written(self) -> bytes:
        # Byte for byte as it was read, in whichever charset: see `payloads`.
        text: str = etree.tostring(self.root, encoding="unicode")
        return (self.beginning + text).encode("latin-1", "xmlcharrefreplace")

    def _own(self, record: int) -> Iterator[tuple[str, Any]]:
        """Its leaves; of several with one name the first keeps it, and the others are numbered."""
        seen: dict[str, int] = {}
        for element in self.records[record].iter():
            if isinstance(element.tag, str) and len(element) == 0 and element is not self.records[record]:
                name = etree.QName(element).localname
                seen[name] = seen.get(name, 0) + 1
                yield (name if seen[name] == 1 else f"{name}.{seen[name]}"), element


@dataclass(slots=True)
class TextTable:
    """Lines of a table of text below its header."""

    header: list[str]
    lines: list[list[str]] = field(repr=False)
    separator: str = ","
    ending: str = "\n"
    beginning: str = ""
    named: bool = True

    def size(self) -> int:
        return len(self.lines)

    def fields(self, record: int) -> dict[str, Any]:
        return dict(zip(self.header, self.lines[record], strict=False))

    def put(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        if name not in self.header:
            self.header.append(name)
        line, place = self.lines[record], self.header.index(name)
        line.extend([""] * (place + 1 - len(line)))
        text = "" if value is None else str(value)
        line[place] = re.sub(f'[{re.escape(self.separator)}\r\n"]', " ", text)

    def drop(self, record: int, name: str) -> None:
        self.put(record, name, "")

    def remove(self, record: int) -> None:
        del self.lines[record]

    def empty(self, record: int) -> None:
        self.lines[record] = [""] * len(self.header)

    def double(self, record: int) -> None:
        self.lines.insert(record, list(self.lines[record]))

    def alone(self, record: int, name: str) -> bool:
        del record, name
        return True

    def written(self) -> bytes:
        made = io.StringIO(self.beginning, newline="")
        made.seek(0, io.SEEK_END)
        csv.writer(made, delimiter=self.separator, lineterminator=self.ending).writerows((self.header, *self.lines))
        return made.getvalue().encode("latin-1", "replace")


@dataclass(slots=True)
class RowTable:
    """Rows of a query."""

    rows: list[dict[str, Any]] = field(repr=False)
    named: bool = True

    def size(self) -> int:
        return len(self.rows)

    def fields(self, record: int) -> dict[str, Any]:
        return dict(self.rows[record])

    def put(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        self.rows[record][name] = json.dumps(value) if isinstance(value, dict | list) else value

    def drop(self, record: int, name: str) -> None:
        # A database that has lost a column refuses the query; what an adapter can meet is that there is nothing in it.
        self.rows[record][name] = None

    def remove(self, record: int) -> None:
        del self.rows[record]

    def empty(self, record: int) -> None:
        self.rows[record] = dict.fromkeys(self.rows[record])

    def double(self, record: int) -> None:
        self.rows.insert(record, dict(self.rows[record]))

    def alone(self, record: int, name: str) -> bool:
        del record, name
        return True

    def written(self) -> tuple[dict[str, Any], ...]:
        return tuple(self.rows)


@dataclass(slots=True)
class PartTable:
    """A table in one part of an archive."""

    archive: bytes = field(repr=False)
    part: str
    inner: Any = field(repr=False)

    @property
    def named(self) -> bool:
        """Not in a workbook: there a field is a cell."""
        return not isinstance(self.inner, XmlTable)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - everything but `written` is the inner table's own
        return getattr(self.inner, name)

    def alone(self, record: int, name: str) -> bool:
        """In a workbook, a text of one row: a number may stand for something else, a merged cell for several."""
        if not isinstance(self.inner, XmlTable):
            return True
        row = self.inner.records[record].get("r")
        merged = (cell.get("ref", "") for cell in self.inner.root.iter("{*}mergeCell"))
        starts = {first for first, last in map(_RANGE.findall, merged) if first != last}
        return name.partition(".")[0] == "t" and row not in starts

    def written(self) -> bytes:
        made = io.BytesIO()
        with ZipFile(io.BytesIO(self.archive)) as before, ZipFile(made, "w", ZIP_DEFLATED, compresslevel=1) as after:
            for name in before.namelist():
                after.writestr(name, self.inner.written() if name == self.part else before.read(name))
        return made.getvalue()


def _leaves(value: Any, within: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - JSON
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in items:
        place = f"{within}{name}"
        if isinstance(inner, dict | list) and inner:
            yield from _leaves(inner, f"{place}\0")
        yield place, inner


def _holder(record: Any, name: str) -> tuple[Any, Any]:  # noqa: ANN401 - JSON
    *path, last = name.split("\0")
    for part in path:
        record = record[int(part)] if isinstance(record, list) else record[part]
    return record, int(last) if isinstance(record, list) else last


def _xml_text(value: Any) -> str:  # noqa: ANN401 - whatever a field may hold
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "?", text)
