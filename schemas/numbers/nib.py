"""NIB, the business identification number that OSS gives out: 13 digits, no published check digit."""

from typing import Final

from schemas.numbers import NumberComponentError, NumberError, digits_only, without

LENGTH: Final = 13


def compact(number: str) -> str:
    """Without the spaces, dots, hyphens and apostrophes that people and spreadsheets put in."""
    return without(number, " .-'\u2019\u00a0\t")


def validate(number: str) -> str:
    """The compact number, when it is 13 digits and not all zeros; otherwise a `NumberError`."""
    number = digits_only(compact(number), LENGTH, "a NIB")
    if not number.strip("0"):
        raise NumberComponentError("a NIB is not all zeros")
    return number


def is_valid(number: str) -> bool:
    """Whether `validate` accepts it."""
    try:
        validate(number)
    except NumberError:
        return False
    return True


def format(number: str) -> str:  # noqa: A001 - python-stdnum's own name for it
    """As it is printed: thirteen digits without a space."""
    return compact(number)
