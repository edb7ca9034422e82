"""Date and time columns, one function per declared format.

Dates are returned as `PartialDate` texts, because registers have birth dates of which only the year is known;
`whole_day` accepts complete dates only. Times are timezone-aware, in the city's zone (WITA, UTC+8).
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, Never

from adapters.legacy.reading import Reading, absent
from schemas.dates import WITA, PartialDate
from schemas.doubts import DoubtCode

WIB: Final = timezone(timedelta(hours=7), "WIB")

_OLDEST: Final = 120
_WHOLE: Final = len("1990-02-05")
_NOTHING: Final = frozenset({"", "-"})
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[ T]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d+)?)?", re.ASCII)
_SECONDS: Final = len("1990-02-05 10:30:00")
_DAY_FIRST_MOMENT: Final = re.compile(r"(\S+) +(\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)?", re.ASCII)
_SERVICE_TIME: Final = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)", re.ASCII)
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_PHANTOM: Final = 60

Date = Reading[PartialDate]


def _impossible() -> Reading[Never]:
    return absent(DoubtCode.DATE_IMPOSSIBLE)


def of_parts(year: int, month: int, day: int) -> Date:
    """Return the date of three numbers in which 0 stands for unknown."""
    if year == 0:
        return absent(DoubtCode.DATE_ZERO)
    try:
        if month == 0 and day == 0:
            return Reading(f"{year:04d}", (DoubtCode.DATE_ZERO,))
        if day == 0:
            return Reading(date(year, month, 1).isoformat()[:7], (DoubtCode.DATE_ZERO,))
        return Reading(date(year, month, day).isoformat())
    except ValueError:
        return _impossible()


def iso_date(text: str | None) -> Date:
    """Read `yyyy-mm-dd`. `0000-00-00` is absent; `1990-00-00` is the year 1990."""
    return _year_first(text, _ISO)


def compact_date(text: str | None) -> Date:
    """Read `yyyymmdd`. `00000000` is absent; `19900000` is the year 1990."""
    return _year_first(text, _COMPACT)


def _year_first(text: str | None, form: re.Pattern[str]) -> Date:
    if text is None:
        return absent()
    text = text.strip()
    if text in _NOTHING or not text.strip("0-"):
        return absent(DoubtCode.DATE_ZERO)
    found = form.fullmatch(text)
    return of_parts(int(found[1]), int(found[2]), int(found[3])) if found else _impossible()


def day_first_date(text: str | None, *, separator: str = "-", pivot: int | None = None) -> Date:
    """Read `dd-mm-yyyy`, or `dd/mm/yyyy` with `separator="/"`; leading zeros may be missing.

    A two-digit year is absent, with a doubt, unless the column declares a `pivot`: years from the pivot on are 19xx,
    the others 20xx.
    """
    if text is None:
        return absent()
    text = text.strip()
    if text in _NOTHING or not text.strip(f"0{separator}"):
        return absent(DoubtCode.DATE_ZERO)
    found = _DAY_FIRST.fullmatch(text)
    if not found or found[2] != separator:
        return _impossible()
    year = int(found[4])
    if len(found[4]) == 2:
        if pivot is None:
            return _impossible()
        year += 1900 if year >= pivot else 2000
    return of_parts(year, int(found[3]), int(found[1]))


def local_time(text: str | None, zone: timezone = WITA) -> Reading[datetime]:
    """Read `yyyy-mm-dd hh:mm[:ss]` without a zone, in the zone that the column declares.

    A system that stores WIB and adds an hour to it stores WITA: declare WITA.
    """
    if text is None:
        return absent()
    text = text.strip()
    if _MOMENT.fullmatch(text):
        try:
            return Reading(datetime.fromisoformat(text[:_SECONDS]).replace(tzinfo=zone).astimezone(WITA))
        except (ValueError, OverflowError):
            pass
    zeros = text in _NOTHING or not text.strip("0-:. T")
    return absent(DoubtCode.DATE_ZERO) if zeros else _impossible()


def day_first_time(text: str | None, *, separator: str = "-", zone: timezone = WITA) -> Reading[datetime]:
    """Read `dd-mm-yyyy hh:mm[:ss]`, or another `separator`, without a zone, in the zone that the column declares."""
    if text is None:
        return absent()
    text = text.strip()
    if text in _NOTHING or not text.strip(f"0:. {separator}"):
        return absent(DoubtCode.DATE_ZERO)
    found = _DAY_FIRST_MOMENT.fullmatch(text)
    if not found:
        return _impossible()
    day = whole_day(day_first_date(found[1], separator=separator))
    if day.value is None:
        return absent(*day.doubts or (DoubtCode.DATE_IMPOSSIBLE,))
    try:
        clock = time(int(found[2]), int(found[3]), int(found[4] or 0))
        return Reading(datetime.combine(day.value, clock, zone).astimezone(WITA), day.doubts)
    except (ValueError, OverflowError):
        return _impossible()


def epoch_seconds(number: int | None) -> Reading[datetime]:
    """Read seconds since 1970 in UTC."""
    if number is None:
        return absent()
    if number == 0:
        return absent(DoubtCode.DATE_DEFAULT_1970)
    try:
        return Reading(datetime.fromtimestamp(number, UTC).astimezone(WITA))
    except (ValueError, OverflowError, OSError):
        return _impossible()


def epoch_milliseconds(number: int | None) -> Reading[datetime]:
    """Read milliseconds since 1970 in UTC; fractions of a second are dropped."""
    return epoch_seconds(None if number is None else number // 1000)


def clock_time(text: str | None, *, midnight_is_none: bool = False) -> Reading[time]:
    """Read `hh:mm`. Set `midnight_is_none` where the system writes `00:00` for "none"."""
    if text is None:
        return absent()
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return absent(DoubtCode.DATE_IMPOSSIBLE)
    read = time(int(found[1]), int(found[2]))
    return absent() if midnight_is_none and read == time() else Reading(read)


def service_time(text: str | None) -> Reading[timedelta]:
    """Read a GTFS time: hours may exceed 24; counted from noon minus twelve hours of the service day."""
    if text is None:
        return absent()
    found = _SERVICE_TIME.fullmatch(text.strip())
    if not found:
        return absent(DoubtCode.DATE_IMPOSSIBLE)
    return Reading(timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3])))


def excel_day(serial: float | None) -> Date:
    """Read an Excel serial day of the 1900 date system. 60 is its 29 February 1900, which does not exist."""
    if serial is None:
        return absent()
    if not 1 <= serial < 2_958_466 or int(serial) == _EXCEL_PHANTOM:
        return _impossible()
    days = int(serial) + (1 if serial < _EXCEL_PHANTOM else 0)
    return Reading((_EXCEL_EPOCH + timedelta(days=days)).isoformat())


def not_default_1970(reading: Date) -> Date:
    """Drop 1970-01-01, for columns of systems that store it when a date could not be parsed."""
    if reading.value is not None and reading.value == "1970-01-01":
        return absent(*reading.doubts, DoubtCode.DATE_DEFAULT_1970)
    return reading


def plausible_birth(reading: Date, today: date) -> Date:
    """Add a doubt to a birth date in the future or more than 120 years ago; the date itself is kept."""
    if reading.value is None:
        return reading
    year, month, day = ([int(part) for part in reading.value.split("-")] + [1, 1])[:3]
    fits = date(year, month, day) <= today and today.year - year <= _OLDEST
    return reading if fits else reading.with_doubts(DoubtCode.DATE_IMPOSSIBLE)


def whole_day(reading: Date) -> Reading[date]:
    """Return the date if day, month and year are known, else no value; the doubts are kept."""
    if reading.value is None:
        return absent(*reading.doubts)
    if len(reading.value) != _WHOLE:
        return absent(*reading.doubts)
    return Reading(date.fromisoformat(reading.value), reading.doubts)
