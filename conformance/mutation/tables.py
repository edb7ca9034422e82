"""Lists of records in payloads of each kind, for reading, changing and serialising.

A *record* is one of several similar things: an object in a JSON list, an element among siblings of the same name, a
line of a table, a row of a database. Nested fields are named by their path from the outermost field.
"""

import copy
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from conformance.damages.bodies import written_json


class PayloadTable(Protocol):
    """The records of one list within a payload. Changes apply to a parsed copy; `serialise` returns it."""

    @property
    def named(self) -> bool:
        """Whether the names of the fields are meaningful."""
        ...

    def size(self) -> int:
        """Return the number of records."""
        ...

    def fields(self, record: int) -> dict[str, Any]:
        """Return a record's fields; nested ones are named by their path, joined with NUL."""
        ...

    def set_field(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - whatever a field may hold
        """Change one field."""
        ...

    def drop_field(self, record: int, name: str) -> None:
        """Remove one field."""
        ...

    def remove(self, record: int) -> None:
        """Remove a record."""
        ...

    def empty(self, record: int) -> None:
        """Keep a record in its place, but without content."""
        ...

    def double(self, record: int) -> None:
        """Insert a copy of a record after it."""
        ...

    def affects_only_record(self, record: int, name: str) -> bool:
        """Whether a damage to this field of one record leaves the payload and all other records valid."""
        ...

    def serialise(self) -> Any:  # noqa: ANN401 - bytes, or rows
        """Serialise the payload in its present state."""
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

    def set_field(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        holder, last = _holder(self.records[record], name)
        holder[last] = value

    def drop_field(self, record: int, name: str) -> None:
        holder, last = _holder(self.records[record], name)
        del holder[last]

    def remove(self, record: int) -> None:
        del self.records[record]

    def empty(self, record: int) -> None:
        self.records[record].clear()

    def double(self, record: int) -> None:
        self.records.insert(record, copy.deepcopy(self.records[record]))

    def affects_only_record(self, record: int, name: str) -> bool:
        del record, name
        return True

    def serialise(self) -> bytes:
        return written_json(self.document)


@dataclass(slots=True)
class TextTable:
    """Lines of a delimited text table below its header."""

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

    def set_field(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        if name not in self.header:
            self.header.append(name)
        line, place = self.lines[record], self.header.index(name)
        line.extend([""] * (place + 1 - len(line)))
        text = "" if value is None else str(value)
        line[place] = re.sub(f'[{re.escape(self.separator)}\r\n"]', " ", text)

    def drop_field(self, record: int, name: str) -> None:
        self.set_field(record, name, "")

    def remove(self, record: int) -> None:
        del self.lines[record]

    def empty(self, record: int) -> None:
        self.lines[record] = [""] * len(self.header)

    def double(self, record: int) -> None:
        self.lines.insert(record, list(self.lines[record]))

    def affects_only_record(self, record: int, name: str) -> bool:
        del record, name
        return True

    def serialise(self) -> bytes:
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

    def set_field(self, record: int, name: str, value: Any) -> None:  # noqa: ANN401 - as above
        self.rows[record][name] = json.dumps(value) if isinstance(value, dict | list) else value

    def drop_field(self, record: int, name: str) -> None:
        # A database without the column refuses the query. An adapter can only meet an empty column.
        self.rows[record][name] = None

    def remove(self, record: int) -> None:
        del self.rows[record]

    def empty(self, record: int) -> None:
        self.rows[record] = dict.fromkeys(self.rows[record])

    def double(self, record: int) -> None:
        self.rows.insert(record, dict(self.rows[record]))

    def affects_only_record(self, record: int, name: str) -> bool:
        del record, name
        return True

    def serialise(self) -> tuple[dict[str, Any], ...]:
        return tuple(self.rows)


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
