"""Number columns, one function per declared notation.

Amounts are returned as `Decimal`, so that nineteen digits stay exact; pass the text or the int as the system sent it.
Negative amounts are refused, because no register here has any. Coordinates have a separate function.
"""

import re
from decimal import Decimal
from typing import Final, Never

from pydantic import ValidationError

from adapters.legacy.reading import Reading, absent
from schemas.doubts import DoubtCode
from schemas.money import Money

Written = str | int | float | Decimal | None

_NOTHING: Final = frozenset({"-", "--"})
_OVERFLOWS: Final = frozenset(map(Decimal, (2147483647, 4294967295, 9223372036854775807, 18446744073709551615)))
_LEAST_OVERFLOW: Final = min(_OVERFLOWS)
_OVERFLOW_DIGITS: Final = len(str(_LEAST_OVERFLOW))
_PLAIN: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_INDONESIAN: Final = re.compile(r"-?(\d{1,3}(\.\d{3})+|\d+)(,(\d+|-))?", re.ASCII)
_AMERICAN: Final = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", re.ASCII)
_COMMA: Final = re.compile(r"-?\d+(,\d+)?", re.ASCII)
_CURRENCY: Final = re.compile(r"(?i)^(rp|idr)\.?\s*")


def _bounded(text: str) -> Reading[Decimal]:
    number = Decimal(text)
    # The hash of a decimal is slow.
    if number >= _LEAST_OVERFLOW and number in _OVERFLOWS:
        return absent(DoubtCode.NUMBER_OVERFLOW)
    return absent(DoubtCode.NUMBER_AMBIGUOUS) if number < 0 else Reading(number)


def _prepared(written: Written) -> str | Reading[Never]:
    """Return the written characters, or the reading of an empty column."""
    if type(written) is str:  # most columns
        text = written.strip()
        if text and text not in _NOTHING:
            return text
    if written is None or isinstance(written, bool):
        return absent() if written is None else absent(DoubtCode.NUMBER_AMBIGUOUS)
    if isinstance(written, float):
        written = Decimal(repr(written))
    text = format(written, "f") if isinstance(written, Decimal) else str(written).strip()
    if not text:
        return absent()
    return absent(DoubtCode.PLACEHOLDER) if text in _NOTHING else text


def plain_number(written: Written) -> Reading[Decimal]:
    """Read a number with a decimal point and no thousands separator: `1250000.00`.

    Of a float, its shortest digits are used.
    """
    text = _prepared(written)
    if isinstance(text, Reading):
        return text
    return _bounded(text) if _PLAIN.fullmatch(text) else absent(DoubtCode.NUMBER_AMBIGUOUS)


def indonesian_number(written: str | None) -> Reading[Decimal]:
    """Read Indonesian notation: `1.250.000,50`, `Rp. 7.500.000,-`."""
    text = _prepared(written)
    if isinstance(text, Reading):
        return text
    text = _CURRENCY.sub("", text)
    if not _INDONESIAN.fullmatch(text):
        return absent(DoubtCode.NUMBER_AMBIGUOUS)
    return _bounded(text.replace(".", "").replace(",-", "").replace(",", "."))


def american_number(written: str | None) -> Reading[Decimal]:
    """Read American notation: `12,500`, `12,500.75`."""
    text = _prepared(written)
    if isinstance(text, Reading):
        return text
    return _bounded(text.replace(",", "")) if _AMERICAN.fullmatch(text) else absent(DoubtCode.NUMBER_AMBIGUOUS)


def coordinate(written: Written, *, decimal_comma: bool = False, zero_is_absent: bool = False) -> Reading[float]:
    """Read signed degrees with a decimal point, or with a decimal comma (`-3,3194`) if declared.

    `zero_is_absent` declares a column in which 0 stands for no value.
    """
    text = _prepared(written)
    if isinstance(text, Reading):
        return text
    if not (_COMMA if decimal_comma else _PLAIN).fullmatch(text):
        return absent(DoubtCode.NUMBER_AMBIGUOUS)
    degrees = float(text.replace(",", "."))
    return absent() if zero_is_absent and degrees == 0 else Reading(degrees)


def count(written: Written) -> Reading[int]:
    """Read a whole number, sent as a number or as text (`"25"`)."""
    if type(written) is str and len(written) < _OVERFLOW_DIGITS and written.isascii() and written.isdigit():
        return Reading(int(written))
    reading = plain_number(written)
    if reading.value is not None and reading.value != reading.value.to_integral_value():
        return absent(DoubtCode.NUMBER_AMBIGUOUS)
    return reading.map(int)


def zero_is_none(reading: Reading[Decimal]) -> Reading[Decimal]:
    """Drop 0, for required columns in which 0 stands for no value."""
    return absent(*reading.doubts, DoubtCode.PLACEHOLDER) if reading.value == 0 else reading


def rupiah(reading: Reading[Decimal]) -> Reading[Money]:
    """Return the amount as money. An implausible one (25 digits, or more than six decimals) is absent, with a doubt."""
    if reading.value is None:
        return absent(*reading.doubts)
    try:
        return Reading(Money(amount=reading.value), reading.doubts)
    except ValidationError:
        return absent(*reading.doubts, DoubtCode.NUMBER_AMBIGUOUS)
