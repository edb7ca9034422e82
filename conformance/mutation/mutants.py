"""Generated damages: change one value of one record, or some bytes. The damages are reproducible by seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from conformance.damages.bodies import json_of, written_json
from conformance.leaks import CANARY
from conformance.mutation.payloads import tables_of
from conformance.mutation.tables import PayloadTable

UNFIT_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 77_777_777, 1.5, 10**30, 1e308, [], {}, [None], [[]], {"nik": CANARY}, {"": None}),
    *("", " ", "0", "-", "-1", "N/A", "null", "NaN", "1e999", "9" * 40, "A" * 5000, CANARY, "\x00", "\x1b[2J"),
    *("0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00-00-0000", "31/02/2026", "99:99", "24:00:00"),
    *("9999-12-31T23:59:60+14:00", "-1000-01-01", "1.250.000,-", "1,250,000.00", "(1.000)", "6371999999999999999"),
    *(
        "<b>tebal</b>",
        "&#0;",
        "' OR 1=1 --",
        "../../etc/passwd",
        "{",
        "[]",
        "%00",
        "\u00e2\u0098\u0083",
        "\u00c3\u0083",
    ),
)
"""Values that real applications send, and some malicious ones."""

_IN_A_RECORD: Final = 0.75
_ADDED_FIELD: Final = "tambahan_baru"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged payload.

    `record`: the numbers of the list and of the record, if the damage affects nothing else.
    """

    kind: str
    payload: Any = field(repr=False)
    record: tuple[int, int] | None = None


def mutant(payload: Any, random: Random) -> Mutant | None:  # noqa: ANN401 - bytes, or rows
    """Return one damage; None if nothing in the payload can be damaged."""
    tables = tables_of(payload)
    if tables and (isinstance(payload, tuple) or random.random() < _IN_A_RECORD):
        number = random.randrange(len(tables))
        return _in_record(tables[number], number, random)
    if not isinstance(payload, bytes) or not payload:
        return None
    document = json_of(payload) if random.random() < 0.5 else None
    if document is not None:
        return Mutant("a value anywhere", written_json(_anywhere(document, random)))
    how = random.choice(_BYTES)
    return Mutant(f"bytes: {how.__name__.strip('_')}", how(payload, random))


def without_record(payload: Any, record: tuple[int, int]) -> Iterator[Any]:  # noqa: ANN401 - bytes, or rows
    """Yield the payload without one record, then with that record empty, for systems that state the record count.

    The remaining records must survive any damage to that record.
    """
    for act in ("remove", "empty"):
        table = tables_of(payload)[record[0]]
        getattr(table, act)(record[1])
        yield table.serialise()


def unfit_value(random: Random) -> Any:  # noqa: ANN401 - JSON
    """Return a value that does not belong in any field."""
    return random.choice(UNFIT_VALUES)


def damaged_json(document: Any, random: Random) -> Any:  # noqa: ANN401 - JSON
    """Return the document with one of its values changed, added or removed."""
    return _anywhere(document, random)


def _in_record(table: PayloadTable, number: int, random: Random) -> Mutant:
    record = random.randrange(table.size())
    names = list(table.fields(record))
    kind = random.choices(("changed", "missing", "more", "doubled"), (14, 3, 1, 1))[0] if names else "more"
    name = _ADDED_FIELD if kind == "more" else random.choice(names)
    if kind in {"changed", "more"}:
        table.set_field(record, name, unfit_value(random))
    elif kind == "missing":
        table.drop_field(record, name)
    else:
        table.double(record)
    alone = kind != "doubled" and table.affects_only_record(record, name)
    return Mutant(f"a record: {kind}", table.serialise(), (number, record) if alone else None)


def _anywhere(value: Any, random: Random) -> Any:  # noqa: ANN401 - JSON
    """Descend at random and change the value found."""
    if not isinstance(value, dict | list) or not value or random.random() < 0.15:
        return unfit_value(random)
    if isinstance(value, list):
        place = random.randrange(len(value))
        return [*value[:place], _anywhere(value[place], random), *value[place + 1 :]]
    name = random.choice(list(value))
    if random.random() < 0.1:
        return {key: inner for key, inner in value.items() if key != name}
    return {**value, name: _anywhere(value[name], random)}


def _flipped(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.randint(1, 8)):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut_off(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content))]


def _cut_out(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content))
    return content[:start] + content[start + random.randint(1, 64) :]


def _put_in(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content))
    return content[:start] + random.randbytes(random.randint(1, 16)) + content[start:]


def _again(content: bytes, random: Random) -> bytes:
    start = random.randrange(len(content))
    return content[:start] + content[start : start + random.randint(1, 200)] + content[start:]


_BYTES: Final[tuple[Callable[[bytes, Random], bytes], ...]] = (_flipped, _cut_off, _cut_out, _put_in, _again)
