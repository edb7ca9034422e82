"""Indonesian telephone numbers; the canonical form is E.164 (`+628123456789`, `+625113354567`).

National numbers start with 0 (trunk), then 8 for a mobile or an area code of two or three digits; 511 is Banjarmasin.
Source: the fundamental technical plan of national telecommunications (FTP Nasional), numbering.
"""

import re
from typing import Final

from schemas.numbers import NumberComponentError, NumberError, NumberFormatError, NumberLengthError, without

_COUNTRY: Final = "62"
_MOBILE: Final = re.compile(r"8[1-9]\d{7,10}", re.ASCII)
_LANDLINE: Final = re.compile(r"(21|22|24|31|61|[2-79]\d\d)([1-9]\d{4,7})", re.ASCII)
_SHORTEST: Final = 8
_LONGEST: Final = 12


def compact(number: str) -> str:
    """Remove spaces, dots, hyphens, apostrophes and brackets; a leading + stays."""
    return without(number, " .-()[]\u00a0\t\u2010\u2011\u2013'")


def _significant(number: str) -> str:
    """Return the national number without trunk or country prefix."""
    digits = number.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise NumberFormatError("a telephone number has digits only")
    if digits.startswith(_COUNTRY):
        # "+62 (0)812" contains the trunk 0 by mistake; no area code starts with 0.
        return digits.removeprefix(_COUNTRY).removeprefix("0")
    if number.startswith("+"):
        raise NumberComponentError("the country code is not Indonesia's")
    if not digits.startswith("0"):
        raise NumberFormatError("a national number starts with 0")
    return digits.removeprefix("0")


def validate(number: str) -> str:
    """Return the number in E.164 if it is an Indonesian mobile or landline number. Raises `NumberError`."""
    significant = _significant(compact(number))
    if not _SHORTEST <= len(significant) <= _LONGEST:
        raise NumberLengthError("a telephone number has 8 to 12 digits after its prefix")
    if not (_MOBILE.fullmatch(significant) or _LANDLINE.fullmatch(significant)):
        raise NumberComponentError("neither a mobile number nor a landline")
    return f"+{_COUNTRY}{significant}"


def is_valid(number: str) -> bool:
    """Return whether `validate` accepts the number."""
    try:
        validate(number)
    except NumberError:
        return False
    return True


def format(number: str) -> str:  # noqa: A001 - python-stdnum's own name for it
    """Format for people to read: `+62 812-3456-789`, `+62 511-3354567`. Raises `NumberError` like `validate`."""
    significant = validate(number).removeprefix(f"+{_COUNTRY}")
    landline = _LANDLINE.fullmatch(significant)
    if landline:
        return f"+{_COUNTRY} {landline[1]}-{landline[2]}"
    return f"+{_COUNTRY} " + "-".join(filter(None, (significant[:3], significant[3:7], significant[7:])))
