"""KK number, the number of a family card: 16 digits, no check digit.

`PPRRSS DDMMYY NNNN`: region and date of issue (nothing is added to the day), and a serial that is not 0000.
"""

from datetime import date
from typing import Final

from schemas.numbers import NumberComponentError, NumberError, digits_only, without

LENGTH: Final = 16


def compact(number: str) -> str:
    """Remove spaces, dots, hyphens and apostrophes."""
    return without(number, " .-'\u2019\u00a0\t")


def validate(number: str) -> str:
    """Return the compact number if it is 16 digits with a valid day of issue and serial. Raises `NumberError`."""
    number = digits_only(compact(number), LENGTH, "a KK number")
    try:
        date(2000 + int(number[10:12]), int(number[8:10]), int(number[6:8]))
    except ValueError:
        raise NumberComponentError("a KK number holds a possible day of issue") from None
    if number.endswith("0000"):
        raise NumberComponentError("a KK number's serial is not 0000")
    return number


def is_valid(number: str) -> bool:
    """Return whether `validate` accepts the number."""
    try:
        validate(number)
    except NumberError:
        return False
    return True


def format(number: str) -> str:  # noqa: A001 - python-stdnum's own name for it
    """Return the number in its three parts, for people to read."""
    number = compact(number)
    return " ".join((number[:6], number[6:12], number[12:]))
