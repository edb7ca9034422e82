"""The one total order in which records are merged: the same parts, the same answer, in whichever order they come."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import Enum
from functools import cmp_to_key
from typing import Any, Final, TypeVar

from schemas.records import Body, Record
from schemas.resources import Resource
from schemas.texts import Text

B = TypeVar("B", bound=Body)

Position = tuple[str | int | float | None, ...]

_OF_A_TEXT: Final = 100
"""Characters of a text by which records are ordered; beyond, the id decides. A cursor holds them and is to be short."""


def position(resource: Resource[B, Any], record: Record[B]) -> Position:
    """Where a record stands in its resource's order: JSON values, ready for a cursor."""
    return tuple(_value(record, name.removeprefix("-")) for name in resource.order)


def compare(order: tuple[str, ...], left: Position, right: Position) -> int:
    """-1, 0 or 1. What is unknown comes last, in either direction."""
    for name, one, other in zip(order, left, right, strict=True):
        if one == other:
            continue
        if one is None or other is None:
            return 1 if one is None else -1
        before = one < other  # type: ignore[operator]  # one field always gives values of one type
        return -1 if before != name.startswith("-") else 1
    return 0


def merged(resource: Resource[B, Any], records: Iterable[Record[B]]) -> tuple[Record[B], ...]:
    """The records in their order."""
    key = sort_key(resource)
    return tuple(sorted(records, key=lambda record: key(position(resource, record))))


def sort_key(resource: Resource[B, Any]) -> Callable[[Position], Any]:
    """A key by which Python's own sorting and bisecting keep the resource's order."""

    def ordered(left: Position, right: Position) -> int:
        return compare(resource.order, left, right)

    return cmp_to_key(ordered)


def _value(record: Record[Any], name: str) -> str | int | float | None:
    if name == "id":
        return record.id
    value: Any = record.body
    for part in name.split("."):
        value = getattr(value, part, None)
    return _plain(value)


def _plain(value: object) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    text = value.id if isinstance(value, Text) else value
    if isinstance(text, str):
        return text[:_OF_A_TEXT]
    return text if isinstance(text, (int, float)) else None
