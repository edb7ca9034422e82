"""Damages to every record of a list: drop a field, add one, set dates to zeros. Also: duplicate one record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from conformance.leaks import CANARY
from conformance.mutation.payloads import tables_of
from conformance.mutation.tables import PayloadTable

MISSING_FIELD: Final = "missing field"
ADDED_FIELD: Final = "additional field"
ZERO_DATE: Final = "zero date"
DUPLICATE_KEY: Final = "duplicate key"

_MAX_FIELDS: Final = 60
_ADDED_FIELD: Final = "tambahan_baru"
_DATE: Final = re.compile(r"\d{4}[-/]\d{2}[-/]\d{2}|\d{2}[-/]\d{2}[-/]\d{4}")
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class DamagedPayload:
    """A payload with one damaged list. `name`: the damaged field, or empty; `kind`: the kind of damage."""

    kind: str
    name: str
    payload: Any = field(repr=False)


def damaged_payloads(payload: Any, seen: set[tuple[str, str]], most: int) -> Iterator[DamagedPayload]:  # noqa: ANN401 - bytes, or rows
    """Yield every damage of this kind to one payload, except fields of lists that were `seen` in another payload.

    `most`: maximum number of fields per list.
    """
    for number, list_ in enumerate(tables_of(payload)):
        names = [name for name in _names(list_) if (str(number), name) not in seen and list_.named]
        if not names:
            continue
        seen.update((str(number), name) for name in names)
        for name in spread_sample(names, most):
            yield from _of_field(payload, number, name)
        more = tables_of(payload)[number]
        for record in range(more.size()):
            more.set_field(record, _ADDED_FIELD, CANARY)
        yield DamagedPayload(ADDED_FIELD, "", more.serialise())
        twice = tables_of(payload)[number]
        twice.double(0)
        yield DamagedPayload(DUPLICATE_KEY, "", twice.serialise())


def replaced(payload: Any, name: str, value: Any) -> Any:  # noqa: ANN401 - as above, and any value
    """Return the payload with one field of every record of every list replaced by `value`."""
    for number in _from_the_last(payload):
        table = tables_of(payload)[number]
        if having := _having(table, name):
            for record in having:
                table.set_field(record, name, value)
            payload = table.serialise()
    return payload


def dropped(payload: Any, name: str) -> Any:  # noqa: ANN401 - as above
    """Return the payload without one field of every record of every list."""
    for number in _from_the_last(payload):
        table = tables_of(payload)[number]
        if having := _having(table, name):
            for record in having:
                table.drop_field(record, name)
            payload = table.serialise()
    return payload


def spread_sample(names: list[str], most: int) -> list[str]:
    """Return at most `most` names, spread evenly."""
    step = max(1.0, len(names) / most)
    return [names[int(place * step)] for place in range(min(most, len(names)))]


def names_of(payload: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return every field of every list with meaningful field names."""
    return [name for table in tables_of(payload) if table.named for name in _names(table)]


def _of_field(payload: Any, number: int, name: str) -> Iterator[DamagedPayload]:  # noqa: ANN401 - as above
    gone = tables_of(payload)[number]
    for record in _having(gone, name):
        gone.drop_field(record, name)
    yield DamagedPayload(MISSING_FIELD, name, gone.serialise())
    table = tables_of(payload)[number]
    dated = [record for record in _having(table, name) if _DATE.search(str(table.fields(record)[name]))]
    if dated and not any(isinstance(table.fields(record)[name], dict | list) for record in dated):
        for record in dated:
            written = str(table.fields(record)[name])
            table.set_field(record, name, _DATE.sub(lambda found: _DIGIT.sub("0", found[0]), written))
        yield DamagedPayload(ZERO_DATE, name, table.serialise())


def _names(table: PayloadTable) -> list[str]:
    """Return the fields of the first records, in order, without those in nested lists."""
    found: dict[str, None] = {}
    for record in range(min(table.size(), 20)):
        found |= dict.fromkeys(table.fields(record))
    return list(found)[:_MAX_FIELDS]


def _from_the_last(payload: Any) -> Iterator[int]:  # noqa: ANN401 - as above
    """Yield the numbers of the lists from the last one.

    A change may make a list unrecognisable; in this order the numbers of the lists before it stay valid.
    """
    return reversed(range(len(tables_of(payload))))


def _having(table: PayloadTable, name: str) -> list[int]:
    return [record for record in range(table.size()) if name in table.fields(record)]
