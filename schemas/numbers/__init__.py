"""Validation of identification and telephone numbers, one module each, with the interface of python-stdnum.

They replace python-stdnum because its `id.nik` refuses numbers of newer provinces and reads some birth years a century
too early. Tests compare both wherever python-stdnum is right.

Every module has `compact` (separators removed), `validate` (the number in its canonical form, or an error below),
`is_valid` and `format`. The errors never contain the number.

    NumberError
    ├── NumberFormatError      invalid characters
    ├── NumberLengthError      too short or too long
    └── NumberComponentError   an invalid component (day 40, serial 0000, no such area code)
"""

from functools import cache


class NumberError(ValueError):
    """The root of the tree: not a valid number. The message never contains the number."""


class NumberFormatError(NumberError):
    """The number contains invalid characters."""


class NumberLengthError(NumberError):
    """The number is too short or too long."""


class NumberComponentError(NumberError):
    """A component of the number is invalid."""


def digits_only(number: str, length: int, what: str) -> str:
    """Return `number` if it is `length` ASCII digits; `what` names the kind of number in the error."""
    if not (number.isascii() and number.isdigit()):
        raise NumberFormatError(f"{what} has digits only")
    if len(number) != length:
        raise NumberLengthError(f"{what} has {length} digits")
    return number


def without(number: str, separators: str) -> str:
    """Return `number` without any of the characters of `separators`."""
    return number.translate(_removal(separators))


@cache
def _removal(separators: str) -> dict[int, None]:
    return dict.fromkeys(map(ord, separators))
