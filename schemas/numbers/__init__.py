"""Numbers of people and things, one module each, in python-stdnum's shape.

They are our own because python-stdnum's `id.nik` refuses numbers of newer provinces and takes some birth years for a
century earlier. Tests compare both wherever python-stdnum is right.

Every module offers `compact` (separators removed), `validate` (the number in its canonical form, or an error of the
tree below), `is_valid` and `format`. The errors never repeat the number.

    NumberError
    ├── NumberFormatError      characters that do not belong there
    ├── NumberLengthError      too short or too long
    └── NumberComponentError   a part of it means nothing (day 40, serial 0000, no such area code)
"""


class NumberError(ValueError):
    """The root of the tree: this is not such a number. The message never holds the number."""


class NumberFormatError(NumberError):
    """There are characters in it that do not belong there."""


class NumberLengthError(NumberError):
    """It is too short or too long."""


class NumberComponentError(NumberError):
    """A part of it means nothing."""


def digits_only(number: str, length: int, what: str) -> str:
    """`number` itself, when it is `length` ASCII digits; `what` names it in the error."""
    if not (number.isascii() and number.isdigit()):
        raise NumberFormatError(f"{what} has digits only")
    if len(number) != length:
        raise NumberLengthError(f"{what} has {length} digits")
    return number


def without(number: str, separators: str) -> str:
    """`number` without any of the characters of `separators`."""
    return number.translate(dict.fromkeys(map(ord, separators)))
