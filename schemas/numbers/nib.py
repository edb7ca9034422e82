"""NIB, the business identification number issued by OSS: 13 digits, no published check digit."""

from typing import Final

from schemas.numbers import NumberComponentError, NumberError, digits_only, without

LENGTH: Final = 13


def compact(number: str) -> str:
    """Remove spaces, dots, hyphens and apostrophes."""
    return without(number, " .-'\u2019\u00a0\t")


def validate(number: str) -> str:
    """Return the compact number if it is 13 digits and not all zeros. Raises `NumberError`."""
    number = digits_only(compact(number), LENGTH, "a NIB")
    if not number.strip("0"):
        raise NumberComponentError("a NIB is not all zeros")
    return number


def is_valid(number: str) -> bool:
    """Return whether `validate` accepts the number."""
    try:
        validate(number)
    except NumberError:
        return False
    return True


def format(number: str) -> str:  # noqa: A001 - python-stdnum's own name for it
    """Return the number as printed: thirteen digits without a space."""
    return compact(number)
