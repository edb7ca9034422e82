"""The total order in which records are merged: the result does not depend on the order in which sources answer."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import Enum
from functools import cmp_to_key
from operator import itemgetter
from typing import Any, Final, TypeVar

from schemas.records import Body, Record
from schemas.resources import Resource
from schemas.texts import Text

B = TypeVar("B", bound=Body)

Position = tuple[str | int | float | None, ...]

_ID: Final = ("id",)
_MAX_TEXT_LENGTH: Final = 100
"""Characters of a text that are compared; beyond them the id decides. Cursors contain these texts and must be short."""


def position(resource: Resource[B, Any], record: Record[B]) -> Position:
    """Return a record's position in its resource's order, as JSON values for a cursor."""
    return tuple(_json_value(_field(record, _path(name))) for name in resource.order)


def compare(order: tuple[str, ...], left: Position, right: Position) -> int:
    """Compare two positions: return -1, 0 or 1. Unknown values come last, in either direction."""
    for name, one, other in zip(order, left, right, strict=True):
        if one == other:
            continue
        if one is None or other is None:
            return 1 if one is None else -1
        before = one < other  # type: ignore[operator]  # values of one field have one type
        return -1 if before != name.startswith("-") else 1
    return 0


def merge_records(resource: Resource[B, Any], records: Iterable[Record[B]]) -> tuple[Record[B], ...]:
    """Return the records in their resource's order.

    They are sorted once by each field, the last one first: a stable sort keeps the order of the later fields. The
    result is that of `sorted` with `sort_key`, which calls a function for each comparison.
    """
    found = list(records)
    for name in reversed(resource.order):
        found = _sorted_by(name, found)
    return tuple(found)


def _sorted_by(name: str, records: list[Record[B]]) -> list[Record[B]]:
    """Return the records sorted by one field of an order. Those in which it is unknown come last, as they were."""
    values = _sortable_values(_path(name), records)
    known: list[Any] = [pair for pair in zip(values, records, strict=True) if pair[0] is not None]
    known.sort(key=itemgetter(0), reverse=name.startswith("-"))
    found = [record for _, record in known]
    if len(found) < len(records):
        found += [record for record, value in zip(records, values, strict=True) if value is None]
    return found


def _sortable_values(path: tuple[str, ...], records: list[Record[B]]) -> list[Any]:
    """Return the value of a field in each record, in a form that sorts as its JSON value does."""
    values = [_field(record, path) for record in records]
    # Most orders begin with a moment. Aware times sort as their timestamps do, which take longer to make.
    if all(value is None or (isinstance(value, datetime) and value.tzinfo is not None) for value in values):
        return values
    return list(map(_json_value, values))


def sort_key(resource: Resource[B, Any]) -> Callable[[Position], Any]:
    """Return a key function for `sorted` and `bisect` that keeps the resource's order."""

    def ordered(left: Position, right: Position) -> int:
        return compare(resource.order, left, right)

    return cmp_to_key(ordered)


def _path(name: str) -> tuple[str, ...]:
    """Return the attributes that lead to a field of an order."""
    return tuple(name.removeprefix("-").split("."))


def _field(record: Record[Any], path: tuple[str, ...]) -> object:
    if path == _ID:
        return record.id
    value: object = record.body
    for part in path:
        value = getattr(value, part, None)
    return value


def _json_value(value: object) -> str | int | float | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    text = value.id if isinstance(value, Text) else value
    if isinstance(text, str):
        return text[:_MAX_TEXT_LENGTH]
    return text if isinstance(text, (int, float)) else None
