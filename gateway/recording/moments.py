"""Days in texts: which ones are somebody's birth, and another day in the form of the one before."""

import re
from datetime import date
from typing import Final

from gateway.recording.vocabulary import MONTHS

_YEAR: Final = r"(?:1[89]|20)\d\d"
DATE: Final = (
    rf"(?<![\d.\-/])(?:{_YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{_YEAR})(?![-/.]?\d)"
    rf"|(?<!\d)\d{{1,2}}\s+(?:{'|'.join(MONTHS)})\s+{_YEAR}(?!\d)"
    rf"|(?<!\d)(?:{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){_YEAR})(?!\d)"
)
"""A day as it is written: with signs between its parts, with the month's name, or eight digits in a row."""

_FOUND: Final = re.compile(DATE, re.IGNORECASE)
_PARTS: Final = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_NIK: Final = re.compile(r"(?<!\d)\d{6}(\d\d)(\d\d)(\d\d)\d{4}(?!\d)")
_WOMAN: Final = 40


class Births:
    """The days on which somebody was born, by day, month and the last two digits of the year."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int, int]] = set()

    def learn(self, text: str, *, of_a_person: bool) -> None:
        """Note the days of a column of births, and those that NIK in any text claim."""
        for day, month, year in _NIK.findall(text):
            self._known.add((int(day) % _WOMAN, int(month), int(year)))
        for found in _FOUND.finditer(text) if of_a_person else ():
            born = parts_of(found[0])
            if born is not None:
                self._known.add((born.day, born.month, born.year % 100))

    def __contains__(self, day: date) -> bool:
        return (day.day, day.month, day.year % 100) in self._known


def parts_of(written: str) -> date | None:
    """The day that is written; None for one that never was."""
    try:
        return date(*_numbers(written))
    except ValueError:
        return None


def written_like(written: str, day: int, month: int) -> str:
    """Another day and month in the same form, with the same year."""
    parts = _places(written)
    year_first = len(parts[0]) == 4
    new = [parts[0], f"{month:02d}", f"{day:02d}"] if year_first else [f"{day:02d}", f"{month:02d}", parts[2]]
    if parts[1].isalpha():
        name = MONTHS[month - 1]
        new[1] = name.upper() if parts[1].isupper() else name.title() if parts[1][0].isupper() else name
    if written.isdecimal():
        return "".join(new)
    drawn = iter(new)
    return _PARTS.sub(lambda _: next(drawn), written)


def _places(written: str) -> list[str]:
    if not written.isdecimal():
        return _PARTS.findall(written)
    first = 4 if re.match(rf"{_YEAR}(?:0[1-9]|1[0-2])", written) else 2
    return [written[:first], written[first : first + 2], written[first + 2 :]]


def _numbers(written: str) -> tuple[int, int, int]:
    first, month, last = _places(written)
    number = MONTHS.index(month.casefold()) + 1 if month.isalpha() else int(month)
    return (int(first), number, int(last)) if len(first) == 4 else (int(last), number, int(first))
