"""Lists as CSV (RFC 4180), for spreadsheet programs.

* The file begins with a byte order mark, since Excel assumes another encoding without one.
* The columns come from the schema, not from the records: the same list always has the same columns, in the same order.
  They have the names of the JSON fields, with dots for nested fields. A position has two columns. A list within a
  record is one cell: joined if it contains only texts, else JSON.
* A text that a spreadsheet program would evaluate as a formula gets an apostrophe in front. This includes a formula
  after a separator that the program splits at in other locales. Numbers stay numbers.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from gateway.api.formats.page import ListPage, Representation
from schemas.classes import Classed
from schemas.places import Point
from schemas.records import Provenance

Column = tuple[str, Callable[[Any], object]]
"""The name of a column, and the function that returns an item's value for it."""

_BYTE_ORDER_MARK: Final = "\ufeff".encode()
_FORMULA: Final = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])")
_LEADING_CONTROL: Final = re.compile(r"^(?=[\t\r\n])")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_LIST_SEPARATOR: Final = " | "


def spreadsheet(body: type[Classed], *, record: bool = True, mixed: bool = False) -> Representation:
    """Return the CSV format for a list of this body.

    A `record` has id, doubts and provenance too, and one of a `mixed` list the name of its resource.
    """
    columns = [*_columns(body)]
    if record:
        identity, doubts = ("id", _value_at("id")), ("doubts", _value_at("doubts"))
        resource = [("resource", _value_at("resource"))] if mixed else []
        columns = [identity, *resource, *columns, doubts, *_columns(Provenance, "provenance")]

    def write(page: ListPage) -> bytes:
        text = io.StringIO()
        lines = csv.writer(text, quoting=csv.QUOTE_ALL)
        lines.writerow([name for name, _ in columns])
        lines.writerows([_cell(value(item)) for _, value in columns] for item in page.parsed())
        return _BYTE_ORDER_MARK + text.getvalue().encode()

    return Representation(
        media_type="text/csv",
        content_type="text/csv; charset=utf-8; header=present",
        write=write,
        carries_sources=False,
        extension="csv",
    )


def _columns(model: type[Classed], *path: str) -> Iterator[Column]:
    for name, info in model.model_fields.items():
        kind = _without_none(info.annotation)
        field = (*path, name)
        if kind is Point:
            yield ".".join((*field, "longitude")), _value_at(*field, "coordinates", 0)
            yield ".".join((*field, "latitude")), _value_at(*field, "coordinates", 1)
        elif isinstance(kind, type) and issubclass(kind, Classed):
            yield from _columns(kind, *field)
        else:
            yield ".".join(field), _value_at(*field)


def _value_at(*path: str | int) -> Callable[[Any], object]:
    def value(item: Any) -> object:  # noqa: ANN401 - any JSON
        for element in path:
            if item is None:
                return None
            item = item[element]
        return item

    return value


def _without_none(annotation: object) -> object:
    if get_origin(annotation) in (Union, UnionType):
        return next(element for element in get_args(annotation) if element is not type(None))
    return annotation


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        all_texts = all(isinstance(element, str) for element in value)
        value = (
            _LIST_SEPARATOR.join(value) if all_texts else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        )
    return escape_formula(str(value))


def escape_formula(text: str) -> str:
    """Escape a text so that no spreadsheet program evaluates it as a formula."""
    if _NUMBER.fullmatch(text):
        return text
    return _FORMULA.sub(r"\1\2'", _LEADING_CONTROL.sub("'", text))
