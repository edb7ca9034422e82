"""Lists as CSV (RFC 4180), for people who open them in a spreadsheet.

* A byte order mark comes first, since Excel takes a file without one for another encoding.
* The columns come from the schema and not from the records: the same list always has the same columns, in the same
  order. They are named as the fields of the JSON are; what lies within another field has a dot in its name. A position
  is two columns. A list within a record is one cell, as JSON unless it holds plain texts.
* A text that a spreadsheet would run as a formula has an apostrophe in front, also where it would follow a separator
  that the spreadsheet of another country splits at. Numbers stay numbers.
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
"""The name of a column, and what of an item stands in it."""

_BYTE_ORDER_MARK: Final = "\ufeff".encode()
_FORMULA: Final = re.compile(r"(^|[;\t\r\n])(\s*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])")
_BLANK: Final = re.compile(r"^(?=[\t\r\n])")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_BETWEEN: Final = " | "


def spreadsheet(body: type[Classed], *, record: bool = True) -> Representation:
    """The form for a list of this body; `record` where items have an id and a provenance around it."""
    columns = [*_columns(body)]
    if record:
        columns = [("id", lambda item: item["id"]), *columns, *_columns(Provenance, "provenance")]

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
        accounts=False,
        extension="csv",
    )


def _columns(model: type[Classed], *path: str) -> Iterator[Column]:
    for name, info in model.model_fields.items():
        kind = _without_none(info.annotation)
        place = (*path, name)
        if kind is Point:
            yield ".".join((*place, "longitude")), _at(*place, "coordinates", 0)
            yield ".".join((*place, "latitude")), _at(*place, "coordinates", 1)
        elif isinstance(kind, type) and issubclass(kind, Classed):
            yield from _columns(kind, *place)
        else:
            yield ".".join(place), _at(*place)


def _at(*place: str | int) -> Callable[[Any], object]:
    def value(item: Any) -> object:  # noqa: ANN401 - any JSON
        for part in place:
            if item is None:
                return None
            item = item[part]
        return item

    return value


def _without_none(annotation: object) -> object:
    if get_origin(annotation) in (Union, UnionType):
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        plain = all(isinstance(part, str) for part in value)
        value = _BETWEEN.join(value) if plain else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return harmless(str(value))


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    if _NUMBER.fullmatch(text):
        return text
    return _FORMULA.sub(r"\1\2'", _BLANK.sub("'", text))
