"""NIK columns, one function per declared type of the column.

A number that was repaired, or that cannot quite be right, comes as an identifier that is not exact: it is shown with
its doubt, and never proves whose a record is. What has not sixteen digits (or fifteen of a number) is absent.
"""

import re
from datetime import date
from math import isfinite
from typing import Final

from adapters.legacy.reading import Reading, absent
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.numbers import nik
from schemas.quality import QualityCode
from schemas.resident import Sex

_SHAPE: Final = re.compile(rf"[0-9]{{{nik.LENGTH}}}")
_NOTHING: Final = frozenset({"", "-", "--", "0"})


def _identifier(number: str, *doubts: QualityCode) -> Reading[Identifier]:
    """`number` has 16 digits; it is exact when nothing speaks against it."""
    sound = nik.is_valid(number) and nik.region_standing(number) is not nik.RegionStanding.UNKNOWN
    doubts = doubts if sound or doubts else (QualityCode.NIK_FORM,)
    return Reading(Identifier(scheme=IdentifierScheme.NIK, value=number, exact=not doubts), doubts)


def nik_from_text(written: str | None) -> Reading[Identifier]:
    """A text column. Fifteen digits are not repaired: nobody knows which one is missing."""
    if written is None or written.strip() in _NOTHING:
        return absent()
    number = nik.compact(written)
    return _identifier(number) if _SHAPE.fullmatch(number) else absent(QualityCode.NIK_FORM)


def nik_from_number(written: int | None) -> Reading[Identifier]:
    """A numeric column that keeps every digit (JSON, DECIMAL(16)): a leading zero may be lost, nothing else."""
    if not written:
        return absent()
    if written < 0:
        return absent(QualityCode.NIK_FORM)
    digits = str(written)
    if len(digits) == nik.LENGTH - 1:
        return _identifier(digits.zfill(nik.LENGTH), QualityCode.NIK_LEADING_ZERO_LOST)
    return nik_from_text(digits)


def nik_from_cell(written: str | float | None) -> Reading[Identifier]:
    """A spreadsheet cell: text is text, but a number kept only fifteen digits, so that it names nobody."""
    if written is None or isinstance(written, str):
        return nik_from_text(written)
    if not (isfinite(written) and written == int(written) > 0):
        return absent(QualityCode.NIK_FORM)
    reading = nik_from_number(int(written))
    if reading.value is None or not reading.value.exact:
        return reading
    return Reading(reading.value.model_copy(update={"exact": False}), (QualityCode.NIK_FORM,))


def disagreements(number: Identifier | None, birth_date: date | None, sex: Sex | None) -> tuple[QualityCode, ...]:
    """Where the number's own claims differ from what the record says; both stay as they are."""
    if number is None or not _SHAPE.fullmatch(number.value):
        return ()
    found = []
    if birth_date is not None and birth_date not in nik.claimed_birth_dates(number.value):
        found.append(QualityCode.NIK_DATE_MISMATCH)
    if sex in (Sex.MALE, Sex.FEMALE) and sex is not nik.claimed_sex(number.value):
        found.append(QualityCode.NIK_SEX_MISMATCH)
    return tuple(found)
