"""Telephone columns, converted to E.164.

A valid number belongs to Indonesia's numbering plan (libphonenumber), mobile or landline, with its trunk 0 or its
country code. Premium numbers, and numbers that cannot be dialled from abroad, are invalid.
"""

import re
from typing import Final

from adapters.legacy.reading import Reading, absent
from schemas.doubts import DoubtCode
from schemas.numbers import without

_BETWEEN: Final = re.compile(r"[/,;]|\bdan\b")
_SEPARATORS: Final = " .-()[]\u00a0\t\u2010\u2011\u2013'"
_WRITTEN: Final = re.compile(r"(?:\+?620?|0)([1-9][0-9]{4,15})", re.ASCII)
"""The trunk 0, the country code, or both, as in "+62 (0)812"; then the national number."""


def phones(written: str | None) -> Reading[tuple[str, ...]]:
    """Return all numbers of one cell, separated by `/`, `,`, `;` or *dan*. Invalid ones are dropped, with a doubt."""
    if written is None or not written.strip():
        return absent()
    read = [_e164(part) for part in map(str.strip, _BETWEEN.split(written)) if part]
    good = tuple(dict.fromkeys(number for number in read if number is not None))
    doubts = () if good and None not in read else (DoubtCode.PHONE_FORM,)
    return Reading(good or None, doubts)


def phone(written: str | None) -> Reading[str]:
    """Return the first number of the cell, with a doubt when there are more."""
    reading = phones(written)
    if reading.value is None:
        return absent(*reading.doubts)
    more = (DoubtCode.PHONE_FORM,) if len(reading.value) > 1 and not reading.doubts else ()
    return Reading(reading.value[0], (*reading.doubts, *more))


def _e164(written: str) -> str | None:
    found = _WRITTEN.fullmatch(without(written, _SEPARATORS))
    if found is None:
        return None
    import phonenumbers

    number = phonenumbers.PhoneNumber(country_code=62, national_number=int(found[1]))
    if phonenumbers.number_type(number) not in {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE,
    }:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
