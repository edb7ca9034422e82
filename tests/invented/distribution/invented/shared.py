"""Columns, code lists, statuses and persons: the parts that the five adapters have in common."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from adapters.contract import Call
from adapters.errors import QueryRefusedError, UnusableRecordError
from adapters.legacy.dates import clock_time
from adapters.legacy.nik import nik_from_text
from adapters.legacy.numbers import indonesian_number, rupiah
from adapters.legacy.phones import phone
from adapters.legacy.reading import Doubts, Reading
from adapters.legacy.texts import plain_text
from schemas.code_lists import CodeList, CodeValue
from schemas.codes import Coded, Status
from schemas.doubts import DoubtCode
from schemas.facility import OpeningHours
from schemas.identifiers import Identifier, Person
from schemas.money import Money
from schemas.texts import Text

S = TypeVar("S", bound=Status)

Column = Annotated[str | None, Field(repr=False)]
"""A text column. `repr` does not show it, since it may contain personal data."""


class WireRecord(BaseModel):
    """A payload: unknown keys are dropped, numbers are read as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)


def code_list(scheme: str, name: Text, **texts: Text) -> CodeList:
    """Return a code list; the name of each further argument is a code, with hyphens for underscores."""
    values = tuple(CodeValue(code=code.replace("_", "-"), text=text) for code, text in texts.items())
    return CodeList(scheme=scheme, name=name, values=values)


def coded(codes: CodeList, code: str) -> Coded:
    """Return a value of a declared list, with its text."""
    return next(Coded(scheme=codes.scheme, code=code, text=one.text) for one in codes.values if one.code == code)


def known_status(doubts: Doubts, words: Mapping[str, S], word: str | None, unknown: S, *, public_word: bool) -> S:
    """Return the status of a word; `unknown`, with a doubt, for a word that no table has.

    `public_word` states that the status is no personal data, so that the doubt may contain the word.
    """
    found = words.get((word or "").strip().upper())
    if found is not None:
        return found
    code = DoubtCode.STATUS_UNKNOWN if word else DoubtCode.FIELD_MISSING
    if public_word:
        doubts.note_unknown("/status", code, word)
    else:
        doubts.note("/status", code)
    return unknown


def person(
    doubts: Doubts,
    field: str,
    name: str | None,
    nik: str | Reading[Identifier] | None,
    telephone: str | None = None,
) -> Person:
    """Return the person of a record; `nik` is a text column, or the reading of a column of another type."""
    number = doubts.collect(f"{field}/identifiers", nik if isinstance(nik, Reading) else nik_from_text(nik))
    return Person(
        name=doubts.collect(f"{field}/name", plain_text(name)),
        identifiers=(number,) if number is not None else (),
        phone=doubts.collect(f"{field}/phone", phone(telephone)),
    )


def subject_nik(call: Call[Any, Any]) -> str | None:
    """Return the NIK of the resident in question; None for one without a NIK. Raises `QueryRefusedError`."""
    if call.subject is None:
        raise QueryRefusedError("this system is asked about one resident only")
    return call.subject.nik


def key_of(number: str | None) -> str:
    """Return the system's own number of a record. Raises `UnusableRecordError` for none."""
    if number is None or not number.strip():
        raise UnusableRecordError("a record without its number")
    return number.strip()


def money(written: str | None) -> Reading[Money]:
    """Read an amount in Indonesian notation: `1.250.000,00`."""
    return rupiah(indonesian_number(written))


def opening_hours(doubts: Doubts, weekday: int, written: str | None) -> OpeningHours | None:
    """Read the hours of one day, `08.00-16.00`; None for a day on which the place is closed."""
    begin, separator, end = (written or "").partition("-")
    if not separator:
        return None
    opens = doubts.collect("/hours", clock_time(begin))
    closes = doubts.collect("/hours", clock_time(end))
    if opens is None or closes is None:
        return None
    return OpeningHours(weekday=weekday, opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}")
