"""NIK columns, one function per declared type of the column.

A number that was repaired, or that is implausible, is returned as an identifier that is not exact: it is shown with its
doubt, and never proves the ownership of a record. A value without sixteen digits (or fifteen, in a numeric column) is
absent.
"""

import re
from datetime import date
from math import isfinite
from typing import Final

from adapters.legacy.reading import Reading, absent
from schemas.doubts import DoubtCode
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.numbers import nik
from schemas.resident import Sex

_SHAPE: Final = re.compile(rf"[0-9]{{{nik.LENGTH}}}")
_NOTHING: Final = frozenset({"", "-", "--", "0"})


def _identifier(number: str, *doubts: DoubtCode) -> Reading[Identifier]:
    """Return the identifier for 16 digits. It is exact when there is no doubt about it."""
    sound = nik.is_valid(number) and nik.region_validity(number) is not nik.RegionValidity.UNKNOWN
    doubts = doubts if sound or doubts else (DoubtCode.NIK_FORM,)
    return Reading(Identifier(scheme=IdentifierScheme.NIK, value=number, exact=not doubts), doubts)


def nik_from_text(written: str | None) -> Reading[Identifier]:
    """Read a text column. Fifteen digits are not repaired, because the missing one is unknown."""
    if written is None or written.strip() in _NOTHING:
        return absent()
    number = nik.compact(written)
    return _identifier(number) if _SHAPE.fullmatch(number) else absent(DoubtCode.NIK_FORM)


def nik_from_number(written: int | None) -> Reading[Identifier]:
    """Read a numeric column that keeps every digit (JSON, DECIMAL(16)): only a leading zero may be lost."""
    if not written:
        return absent()
    if written < 0:
        return absent(DoubtCode.NIK_FORM)
    digits = str(written)
    if len(digits) == nik.LENGTH - 1:
        return _identifier(digits.zfill(nik.LENGTH), DoubtCode.NIK_LEADING_ZERO_LOST)
    return nik_from_text(digits)


def nik_from_cell(written: str | float | None) -> Reading[Identifier]:
    """Read a spreadsheet cell. A number cell keeps only fifteen digits, so its NIK is never exact."""
    if written is None or isinstance(written, str):
        return nik_from_text(written)
    if not (isfinite(written) and written == int(written) > 0):
        return absent(DoubtCode.NIK_FORM)
    reading = nik_from_number(int(written))
    if reading.value is None or not reading.value.exact:
        return reading
    return Reading(reading.value.model_copy(update={"exact": False}), (DoubtCode.NIK_FORM,))


def nik_mismatches(number: Identifier | None, birth_date: date | None, sex: Sex | None) -> tuple[DoubtCode, ...]:
    """Return the doubts where the birth date or sex in the number differ from the record; neither is changed."""
    if number is None or not _SHAPE.fullmatch(number.value):
        return ()
    found = []
    if birth_date is not None and birth_date not in nik.claimed_birth_dates(number.value):
        found.append(DoubtCode.NIK_DATE_MISMATCH)
    if sex in (Sex.MALE, Sex.FEMALE) and sex is not nik.claimed_sex(number.value):
        found.append(DoubtCode.NIK_SEX_MISMATCH)
    return tuple(found)
