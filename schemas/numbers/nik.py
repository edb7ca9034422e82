"""NIK, the number of a person in the civil register: 16 digits, no check digit.

`PPRRSS DDMMYY NNNN`: region of first issue (province, city, kecamatan), birth date with 40 added to a woman's day, a
serial that is not 0000. People move and the prefix does not, registers err, and the year has two digits: so what a
number *claims* serves to raise a doubt, never to state residence, birth date or sex as a fact.
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
# The first two digits of every province's code (Kemendagri), with the four provinces of Papua made in 2022.
_PROVINCES: Final = frozenset(
    str(code) for code in (*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82)
) | {"91", "92", "93", "94", "95", "96"}


class RegionStanding(StrEnum):
    """What can be said of a NIK's region part."""

    KNOWN = "known"
    PLAUSIBLE = "plausible"
    UNKNOWN = "unknown"


def compact(number: str) -> str:
    """Without the spaces, dots, hyphens and apostrophes that people and spreadsheets put in."""
    return without(number, " .-'\u2019\u00a0\t")


def validate(number: str) -> str:
    """The compact number, when it is 16 digits with a possible date and serial; otherwise a `NumberError`.

    The region is not refused here: see `region_standing`. A number that starts with 0 is a register's temporary one
    and no NIK.
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
    """Whether `validate` accepts it."""
    try:
        validate(number)
    except NumberError:
        return False
    return True


def format(number: str) -> str:  # noqa: A001 - python-stdnum's own name for it
    """In its three parts, for people to read: `637199 450290 0011`."""
    number = compact(number)
    return " ".join((number[:6], number[6:12], number[12:]))


def claimed_birth_dates(number: str) -> tuple[date, ...]:
    """The birth dates that the number may mean, earliest first: the year has two digits, so there are up to two.

    Empty when the six digits are no date. `number` is compact.
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
    """The sex that the number claims. `number` is compact."""
    return Sex.FEMALE if int(number[6:8]) > _WOMAN else Sex.MALE


def region_standing(number: str) -> RegionStanding:
    """Whether the region part is known here, may be right (another city's), or cannot be right. `number` is compact.

    Only this city's kecamatan, and the reserved synthetic one, are known; of others only the province is checked.
    """
    region = number[:6]
    if region.startswith(CITY_CODE.replace(".", "")):
        known = region == SYNTHETIC_REGION or f"{CITY_CODE}.{region[4:]}" in regions()
        return RegionStanding.KNOWN if known else RegionStanding.UNKNOWN
    possible = region[:2] in _PROVINCES and region[2:4] != "00" and region[4:] != "00"
    return RegionStanding.PLAUSIBLE if possible else RegionStanding.UNKNOWN
