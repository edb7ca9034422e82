"""Date columns with Indonesian month names or weekdays: `9 Juni 2022`, `09 JUN 22`, `Kamis, 09-06-2022`."""

import re
from typing import Final

from adapters.legacy.dates import Date, day_first_date, of_parts, whole_day
from adapters.legacy.reading import absent
from schemas.doubts import DoubtCode

_WEEKDAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
_WEEKDAY_VARIANTS: Final = {"jum'at": "jumat", "jumaat": "jumat", "ahad": "minggu"}
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari jan", "februari feb pebruari peb", "maret mar", "april apr", "mei", "juni jun", "juli jul",
            "agustus agu agt ags", "september sep sept", "oktober okt", "november nopember nov nop", "desember des",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_PARTED: Final = re.compile(r"(?:([A-Za-z']+),\s*)?(.+)")
_SPELLED: Final = re.compile(r"(\d{1,2})[ -]([A-Za-z]+)\.?[ -](\d{4}|\d{2})")


def _spelled(text: str, pivot: int | None) -> Date:
    found = _SPELLED.fullmatch(text)
    if not found:
        return day_first_date(text, pivot=pivot)
    month = _MONTHS.get(found[2].lower())
    year = int(found[3])
    if month is None:
        return absent(DoubtCode.DATE_IMPOSSIBLE)
    if len(found[3]) == 2:
        if pivot is None:
            return absent(DoubtCode.DATE_IMPOSSIBLE)
        year += 1900 if year >= pivot else 2000
    return of_parts(year, month, int(found[1]))


def indonesian_date(text: str | None, *, pivot: int | None = None) -> Date:
    """Read an Indonesian date, with or without a weekday; the month is a name or a number.

    A weekday that does not fit the date adds a doubt. `pivot` is for two-digit years: years from the pivot on are 19xx,
    the others 20xx; without it such a date is absent.
    """
    if text is None:
        return absent()
    found = _PARTED.fullmatch(" ".join(text.split()))
    if not found:
        return absent(DoubtCode.DATE_ZERO)
    reading = _spelled(found[2], pivot)
    day = whole_day(reading).value
    if not found[1] or day is None:
        return reading
    named = found[1].lower()
    fits = _WEEKDAYS[day.weekday()] == _WEEKDAY_VARIANTS.get(named, named)
    return reading if fits else reading.with_doubts(DoubtCode.DATE_IMPOSSIBLE)
