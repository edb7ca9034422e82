"""Telephone columns, converted to E.164."""

import re
from typing import Final

from adapters.legacy.reading import Reading, absent
from schemas.numbers import phone as number
from schemas.quality import QualityCode

_BETWEEN: Final = re.compile(r"[/,;]|\bdan\b")


def phones(written: str | None) -> Reading[tuple[str, ...]]:
    """Return all numbers of one cell, separated by `/`, `,`, `;` or *dan*. Invalid ones are dropped, with a doubt."""
    if written is None or not written.strip():
        return absent()
    parts = [part for part in map(str.strip, _BETWEEN.split(written)) if part]
    good = tuple(dict.fromkeys(number.validate(part) for part in parts if number.is_valid(part)))
    doubts = () if good and all(map(number.is_valid, parts)) else (QualityCode.PHONE_FORM,)
    return Reading(good or None, doubts)


def phone(written: str | None) -> Reading[str]:
    """Return the first number of the cell, with a doubt when there are more."""
    reading = phones(written)
    if reading.value is None:
        return absent(*reading.doubts)
    more = (QualityCode.PHONE_FORM,) if len(reading.value) > 1 and not reading.doubts else ()
    return Reading(reading.value[0], (*reading.doubts, *more))
