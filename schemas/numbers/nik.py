"""NIK, the number of a person in the civil register: 16 digits, no check digit.

`PPRRSS DDMMYY NNNN`: region of first issue (province, city, kecamatan), birth date with 40 added to a woman's day, a
serial that is not 0000. People move while the prefix stays, registers contain errors, and the year has two digits. So
the data in a number may raise a doubt, but never states residence, birth date or sex as a fact.

Source: Law 23/2006 on population administration, article 13, and its implementing Government Regulation 40/2019.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from schemas.numbers import NumberComponentError, NumberError, digits_only, without
from schemas.places import CITY_CODE, regions
from schemas.resident import Sex

LENGTH: Final = 16
SYNTHETIC_REGION: Final = "637199"
_WOMAN: Final = 40
# The first two digits of every province's code (Kemendagri), with the four provinces of Papua created in 2022.
_PROVINCES: Final = frozenset(
    str(code) for code in (*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82)
) | {"91", "92", "93", "94", "95", "96"}


class RegionValidity(StrEnum):
    """Validity of the region part of a NIK."""

    KNOWN = "known"
    PLAUSIBLE = "plausible"
    UNKNOWN = "unknown"


def compact(number: str) -> str:
    """Remove spaces, dots, hyphens and apostrophes."""
    return number if number.isdigit() else without(number, " .-'\u2019\u00a0\t")


def validate(number: str) -> str:
    """Return the compact number if it is 16 digits with a valid date and serial. Raises `NumberError`.

    The region is not checked here: see `region_validity`. A number that starts with 0 is a temporary number of a
    register, not a NIK.
    """
    number = digits_only(compact(number), LENGTH, "a NIK")
    if number.startswith("0"):
        raise NumberComponentError("a NIK that starts with 0 is a temporary number")
    if not claimed_birth_dates(number):
        raise NumberComponentError("a NIK holds a possible birth date")
    if number.endswith("0000"):
        raise NumberComponentError("a NIK's serial is not 0000")
    return number


def is_valid(number: str) -> bool:
    """Return whether `validate` accepts the number."""
    try:
        validate(number)
    except NumberError:
        return False
    return True


def format(number: str) -> str:  # noqa: A001 - python-stdnum's own name for it
    """Return the number in its three parts, for people to read: `637199 450290 0011`."""
    number = compact(number)
    return " ".join((number[:6], number[6:12], number[12:]))


def claimed_birth_dates(number: str) -> tuple[date, ...]:
    """Return the possible birth dates, earliest first: the year has two digits, so there are up to two.

    Empty when the six digits are not a date. `number` is compact.
    """
    day, month, year = int(number[6:8]), int(number[8:10]), int(number[10:12])
    day -= _WOMAN if day > _WOMAN else 0
    found = []
    for century in (1900, 2000):
        try:
            found.append(date(century + year, month, day))
        except ValueError:
            continue
    return tuple(found)


def claimed_sex(number: str) -> Sex:
    """Return the sex encoded in the number. `number` is compact."""
    return Sex.FEMALE if int(number[6:8]) > _WOMAN else Sex.MALE


def region_validity(number: str) -> RegionValidity:
    """Return whether the region part is known, plausible (another city) or impossible. `number` is compact.

    Only this city's kecamatan, and the reserved synthetic one, are known; of other regions only the province is
    checked.
    """
    region = number[:6]
    if region.startswith(CITY_CODE.replace(".", "")):
        known = region == SYNTHETIC_REGION or f"{CITY_CODE}.{region[4:]}" in regions()
        return RegionValidity.KNOWN if known else RegionValidity.UNKNOWN
    possible = region[:2] in _PROVINCES and region[2:4] != "00" and region[4:] != "00"
    return RegionValidity.PLAUSIBLE if possible else RegionValidity.UNKNOWN
