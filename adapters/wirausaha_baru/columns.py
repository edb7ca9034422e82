"""Readings of single cells: texts, amounts, dates, telephones and numbers. Pure."""

from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final

from adapters.legacy.dates import Date, day_first_date, excel_day
from adapters.legacy.nik import nik_from_cell, nik_mismatches
from adapters.legacy.numbers import indonesian_number, plain_number, rupiah, zero_is_none
from adapters.legacy.phones import phone
from adapters.legacy.reading import Reading, absent
from adapters.legacy.spelled_dates import indonesian_date
from adapters.legacy.texts import PLACEHOLDERS, plain_text
from adapters.wirausaha_baru.codes import KBLI, SEXES, STATES
from adapters.wirausaha_baru.wire import Cell, PesertaRow
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.enterprise import EnterpriseStatus
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.money import Money
from schemas.numbers import nib

_NO_LICENCE: Final = PLACEHOLDERS | {"ada", "1"}
_KBLI_DIGITS: Final = 5
_MOST_AID: Final = Decimal(10) ** 12


def written(cell: Cell) -> str | None:
    """Return a cell as text, without the apostrophe that marks a text in a spreadsheet."""
    return None if cell is None else str(cell).strip().removeprefix("'")


def text(cell: Cell, *, nothing: AbstractSet[str] = PLACEHOLDERS) -> Reading[str]:
    """Return free text. A character that is invalid in the declared charset adds a doubt."""
    reading = plain_text(written(cell), placeholders=nothing, spreadsheet=True)
    lost = reading.value is not None and "\ufffd" in reading.value
    return reading.with_doubts(DoubtCode.TEXT_ENCODING) if lost else reading


def money(cell: Cell) -> Reading[Money]:
    """Read `Rp. 7.500.000,-`, or a number cell."""
    reading = zero_is_none(indonesian_number(written(cell)) if isinstance(cell, str) else plain_number(cell))
    amount = reading.value
    if amount is None:
        return absent(*reading.doubts)
    if amount > _MOST_AID:
        return absent(DoubtCode.NUMBER_OVERFLOW)
    if amount * 100 != int(amount * 100):
        return absent(DoubtCode.NUMBER_AMBIGUOUS)
    return rupiah(reading)


def day(cell: Cell) -> Date:
    """Read a spreadsheet's day number, or `dd/mm/yyyy` in a text cell."""
    if isinstance(cell, str):
        return day_first_date(written(cell), separator="/")
    return excel_day(cell)


def long_date(cell: Cell) -> Date:
    """Read the Indonesian long form, or a spreadsheet's day number."""
    return excel_day(cell) if isinstance(cell, int | float) else indonesian_date(written(cell))


def telephone(cell: Cell) -> Reading[str]:
    """Read a telephone number. A number cell may have lost its leading 0: it gets one, with a doubt."""
    read = phone(written(cell))
    if read.value is not None or not isinstance(cell, int):
        return read
    padded = phone(f"0{cell}")
    return read if padded.value is None else padded.with_doubts(DoubtCode.PHONE_FORM)


def enterprise_state(cell: Cell) -> Reading[EnterpriseStatus]:
    """Return the state of an enterprise: unknown for a word that is not in the table, none if no word is stated."""
    reading = text(cell)
    if reading.value is None:
        return absent(*reading.doubts)
    state = STATES.get(reading.value.casefold())
    return Reading(state) if state else Reading(EnterpriseStatus.UNKNOWN, (DoubtCode.STATUS_UNKNOWN,))


def nik(w: PesertaRow) -> Reading[Identifier]:
    """Return the NIK; exact only as valid text that agrees with the sex in the same row."""
    reading = nik_from_cell(w.nik)
    if reading.value is None:
        return reading
    doubts = nik_mismatches(reading.value, None, SEXES.get((written(w.jenis_kelamin) or "").strip().casefold()))
    if not doubts:
        return reading
    return Reading(reading.value.model_copy(update={"exact": False}), (*reading.doubts, *doubts))


def kbli(cell: Cell) -> Reading[Coded]:
    """Return the KBLI code: five digits of text, or a number that may have lost its leading 0.

    Anything else is not a KBLI code.
    """
    reading = text(cell)
    if reading.value is None:
        return absent(*reading.doubts)
    digits = reading.value
    lost = isinstance(cell, int) and len(digits) == _KBLI_DIGITS - 1
    code = digits.zfill(_KBLI_DIGITS) if lost else digits
    if not (code.isascii() and code.isdigit() and len(code) == _KBLI_DIGITS):
        return absent(DoubtCode.NUMBER_FORM)
    return Reading(Coded(scheme=KBLI, code=code), (DoubtCode.KBLI_LEADING_ZERO_LOST,) if lost else ())


def licence_number(cell: Cell) -> Reading[Identifier]:
    """Return the NIB: thirteen digits of text, or a number that may have lost its leading 0, which is not exact.

    Older licences are not NIBs.
    """
    reading = text(cell, nothing=_NO_LICENCE)
    if reading.value is None:
        return absent(*reading.doubts)
    lost = isinstance(cell, int) and len(reading.value) == nib.LENGTH - 1
    number = reading.value.zfill(nib.LENGTH) if lost else reading.value
    if not nib.is_valid(number):
        return absent(DoubtCode.NUMBER_FORM)
    identifier = Identifier(scheme=IdentifierScheme.NIB, value=nib.validate(number), exact=not lost)
    return Reading(identifier, (DoubtCode.NUMBER_AMBIGUOUS,) if lost else ())
