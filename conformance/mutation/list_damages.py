"""Damages that do the same to every record of a list: a field gone, or one more; zero dates. And one record doubled."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.leaks import CANARY
from conformance.mutation.payloads import tables_of
from conformance.mutation.tables import PayloadTable

GONE: Final = "missing fields"
MORE: Final = "additional fields"
ZERO: Final = "zero dates"
TWICE: Final = "doubled keys"

_MOST_FIELDS: Final = 60
_NEW: Final = "tambahan_baru"
_DATE: Final = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}|\d{2}[-/]\d{2}[-/]\d{4}")
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Damaged:
    """A payload in which every record of one list is damaged in the same way; `name` is the field, where it is one."""

    what: str
    name: str
    payload: Any = field(repr=False)


def damaged(payload: Any, seen: set[tuple[str, str]], most: int) -> Iterator[Damaged]:  # noqa: ANN401 - bytes, or rows
    """Every such damage to one payload, but for lists of which the like was `seen` in another one.

    `most`: how many fields of a list.
    """
    for number, list_ in enumerate(tables_of(payload)):
        names = [name for name in _names(list_) if (str(number), name) not in seen and list_.named]
        if not names:
            continue
        seen.update((str(number), name) for name in names)
        for name in few(names, most):
            yield from _of_field(payload, number, name)
        more = tables_of(payload)[number]
        for record in range(more.size()):
            more.put(record, _NEW, CANARY)
        yield Damaged(MORE, "", more.written())
        twice = tables_of(payload)[number]
        twice.double(0)
        yield Damaged(TWICE, "", twice.written())


def replaced(payload: Any, name: str, value: Any) -> Any:  # noqa: ANN401 - as above, and any value
    """The payload with one field of every record of every list replaced."""
    for number in _from_the_last(payload):
        table = tables_of(payload)[number]
        if having := _having(table, name):
            for record in having:
                table.put(record, name, value)
            payload = table.written()
    return payload


def dropped(payload: Any, name: str) -> Any:  # noqa: ANN401 - as above
    """The payload with one field of every record of every list taken away."""
    for number in _from_the_last(payload):
        table = tables_of(payload)[number]
        if having := _having(table, name):
            for record in having:
                table.drop(record, name)
            payload = table.written()
    return payload


def few(names: list[str], most: int) -> list[str]:
    """Not more than so many, spread over all."""
    step = max(1.0, len(names) / most)
    return [names[int(place * step)] for place in range(min(most, len(names)))]


def names_of(payload: Any) -> list[str]:  # noqa: ANN401 - as above
    """Every field of every list whose fields have names that say something."""
    return [name for table in tables_of(payload) if table.named for name in _names(table)]


def _of_field(payload: Any, number: int, name: str) -> Iterator[Damaged]:  # noqa: ANN401 - as above
    gone = tables_of(payload)[number]
    for record in _having(gone, name):
        gone.drop(record, name)
    yield Damaged(GONE, name, gone.written())
    table = tables_of(payload)[number]
    dated = [record for record in _having(table, name) if _DATE.search(str(table.fields(record)[name]))]
    if dated and not any(isinstance(table.fields(record)[name], dict | list) for record in dated):
        for record in dated:
            written = str(table.fields(record)[name])
            table.put(record, name, _DATE.sub(lambda found: _DIGIT.sub("0", found[0]), written))
        yield Damaged(ZERO, name, table.written())


def _names(table: PayloadTable) -> list[str]:
    """The fields that the records have, as they are written, without what lies within lists of their own."""
    found: dict[str, None] = {}
    for record in range(min(table.size(), 20)):
        found |= dict.fromkeys(table.fields(record))
    return list(found)[:_MOST_FIELDS]


def _from_the_last(payload: Any) -> Iterator[int]:  # noqa: ANN401 - as above
    """The numbers of the lists: one that is none any more, once a field is gone, leaves those before it in place."""
    return reversed(range(len(tables_of(payload))))


def _having(table: PayloadTable, name: str) -> list[int]:
    return [record for record in range(table.size()) if name in table.fields(record)]
