"""Dates in texts: recognises possible birth dates, and writes another date in the same form."""

import re
from datetime import date, timedelta
from typing import Final

from gateway.adapter_tools.recorder.months import NAMES, named_like, number_of

_YEAR: Final = r"(?:1[89]|20)\d\d"
_SIGN: Final = r"\s{0,2}[-/.\u2010-\u2015\u2212]\s{0,2}"
_OPTIONAL_SEPARATOR: Final = r"(?:[\s\-/.,_\u2010-\u2015\u2212]|bulan|tahun|of)*"
_SEPARATOR: Final = _OPTIONAL_SEPARATOR.removesuffix("*") + "+"
_NUMBER: Final = r"\d{1,2}(?:st|nd|rd|th)?"
_SHORT_YEAR: Final = r"['\u2019]?\d\d(?![:.]?\d)"
_MONTH: Final = rf"(?:{NAMES})"
DATE: Final = (
    rf"(?<![\d.\-/])(?:{_YEAR}{_SIGN}\d{{1,2}}{_SIGN}\d{{1,2}}|\d{{1,2}}{_SIGN}\d{{1,2}}{_SIGN}{_YEAR})(?![-/.]?\d)"
    rf"|(?<!\d){_NUMBER}{_OPTIONAL_SEPARATOR}{_MONTH}{_OPTIONAL_SEPARATOR}(?:{_YEAR}(?!\d)|{_SHORT_YEAR})"
    rf"|(?<![^\W_]){_MONTH}{_OPTIONAL_SEPARATOR}{_NUMBER}{_SEPARATOR}(?:{_YEAR}(?!\d)|{_SHORT_YEAR})"
    rf"|(?<!\d){_YEAR}{_OPTIONAL_SEPARATOR}{_MONTH}{_OPTIONAL_SEPARATOR}{_NUMBER}(?![:.]?\d)"
    rf"|(?<!\d)(?:{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){_YEAR})(?!\d)"
)
"""A written date: with separators, with the month's name, or eight digits in a row."""

_FOUND: Final = re.compile(DATE, re.IGNORECASE)
_PARTS: Final = re.compile(rf"\d+|(?:{NAMES})", re.IGNORECASE)
_ORDINAL: Final = re.compile(r"(\d+)(st|nd|rd|th)\b", re.IGNORECASE)
_NIK: Final = re.compile(r"(?<!\d)\d{6}(\d\d)(\d\d)(\d\d)\d{4}(?!\d)")
_FEMALE_OFFSET: Final = 40
_MONTHS: Final = 12
_FULL: Final = 4
_CENTURY_PIVOT: Final = 69
_NEAR: Final = timedelta(days=3 * 366)
"""Dates in live answers are seldom older than this; birth dates mostly are."""


class Births:
    """Known birth dates, by day, month and the last two digits of the year; `today` is the date of the recording."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._known: set[tuple[int, int, int]] = set()

    def learn(self, text: str, *, of_a_person: bool) -> None:
        """Collect the dates of a column of births, and the birth dates in NIK of any text."""
        for day, month, year in _NIK.findall(text):
            self._known.add((int(day) % _FEMALE_OFFSET, int(month), int(year)))
        for found in _FOUND.finditer(text) if of_a_person else ():
            born = parts_of(found[0])
            if born is not None:
                self._known.add((born.day, born.month, born.year % 100))

    def __contains__(self, day: date) -> bool:
        return (day.day, day.month, day.year % 100) in self._known

    def may_hold(self, day: date) -> bool:
        """Whether the date is a known birth date, or so far from today that it may be an unknown one."""
        return day in self or abs(day - self._today) > _NEAR


def parts_of(date_text: str) -> date | None:
    """The written date; None for an impossible one."""
    parts = _places(date_text)
    year, month, day = _order(parts)
    number = number_of(parts[month]) if parts[month].isalpha() else int(parts[month])
    try:
        return date(_year(parts[year]), number, int(parts[day]))
    except ValueError:
        return None


def middle_of_year(date_text: str) -> date:
    """An approximate date, for an impossible one: the middle of its year."""
    parts = _places(date_text)
    return date(_year(parts[_order(parts)[0]]), 7, 1)


def written_like(date_text: str, day: int, month: int) -> str:
    """Another day and month in the same form, with the same year."""
    parts = _places(date_text)
    _, month_at, day_at = _order(parts)
    named = parts[month_at]
    parts[month_at] = named_like(named, month) if named.isalpha() else str(month).zfill(len(named))
    parts[day_at] = str(day).zfill(len(parts[day_at]))
    if date_text.isdecimal():
        return "".join(parts)
    drawn = iter(parts)
    return _ORDINAL.sub(_ordinal, _PARTS.sub(lambda _: next(drawn), date_text))


def _places(date_text: str) -> list[str]:
    if not date_text.isdecimal():
        return _PARTS.findall(date_text)
    first = 4 if re.match(rf"{_YEAR}(?:0[1-9]|1[0-2])", date_text) else 2
    return [date_text[:first], date_text[first : first + 2], date_text[first + 2 :]]


def _order(parts: list[str]) -> tuple[int, int, int]:
    """The positions of year, month and day; the day before the month, unless there is no such month."""
    named = next((place for place, part in enumerate(parts) if part.isalpha()), None)
    if named is not None:
        first, last = (place for place in range(3) if place != named)
        return (first, named, last) if len(parts[first]) == _FULL else (last, named, first)
    if len(parts[0]) == _FULL:
        return 0, 1, 2
    return (2, 0, 1) if int(parts[0]) <= _MONTHS < int(parts[1]) else (2, 1, 0)


def _year(date_text: str) -> int:
    year = int(date_text)
    return year if len(date_text) == _FULL else year + (2000 if year < _CENTURY_PIVOT else 1900)


def _ordinal(found: re.Match[str]) -> str:
    number = int(found[1])
    ending = "th" if number in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return found[1] + (ending.upper() if found[2].isupper() else ending)
