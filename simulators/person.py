"""One invented resident, and the generators of identity numbers.

Nothing here belongs to a real person. All NIK and KK numbers start with 637199, a kecamatan that does not exist. No NIK
ends in 0, so a spreadsheet number of a NIK (15 digits, the last one becomes 0) is never another person's NIK.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final, Literal

REGION: Final = "637199"
Sex = Literal["L", "P"]
Relation = Literal["head", "spouse", "child"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented resident.

    `nik` and `kk` have 16 digits and `insurance_card` 13, or all three are empty for a person without numbers. `sex` is
    L (man) or P (woman). `kelurahan_code` is the dotted Kemendagri code; `rt` and `rw` are plain numbers. `phone` is
    national, digits only. `alias` is the other name under which some systems store the same person.
    """

    nik: str
    kk: str
    name: str
    sex: Sex
    birth_date: date
    birth_place: str
    street: str
    kelurahan_code: str
    kelurahan: str
    kecamatan: str
    postcode: str
    rt: int
    rw: int
    phone: str
    religion: str
    occupation: str
    education: str
    relation: Relation
    married: bool
    insurance_card: str
    mother_name: str
    alias: str | None = None


def nik_of(birth_date: date, sex: Sex, serial: int) -> str:
    """Return the NIK of the reserved region for this birth date and sex; `serial` is 1 to 9999.

    Format: region, DDMMYY with 40 added to a woman's day, serial; there is no check digit.
    """
    if not 1 <= serial <= 9999:
        raise ValueError("a serial has four digits and is not 0000")
    day = birth_date.day + (40 if sex == "P" else 0)
    return f"{REGION}{day:02d}{birth_date:%m%y}{serial:04d}"


def kk_of(issued: date, serial: int) -> str:
    """Return a family card number of the reserved region: region, DDMMYY of issue, serial."""
    return f"{REGION}{issued:%d%m%y}{serial:04d}"


class NumberGenerator:
    """Generates unused numbers; `taken` are the numbers in use."""

    def __init__(self, random: Random, taken: Iterable[str]) -> None:
        self._random = random
        self._taken = set(taken)
        self._people = 0

    def nik(self, born: date, sex: Sex) -> str:
        """Return a new NIK for this birth date and sex."""
        return self._unused(lambda serial: nik_of(born, sex, serial))

    def kk(self) -> str:
        """Return a new family card number."""
        issued = date(self._random.randrange(2004, 2025), self._random.randrange(1, 13), self._random.randrange(1, 29))
        return self._unused(lambda serial: kk_of(issued, serial))

    def phone_and_card(self) -> tuple[str, str]:
        """Return a telephone number and a health insurance card number, both from unassigned ranges."""
        self._people += 1
        return f"081200{self._people:06d}", f"00090{self._people:08d}"

    def _unused(self, number_of: Callable[[int], str]) -> str:
        while True:
            number = number_of(self._random.randrange(1, 1000) * 10 + self._random.randrange(1, 10))
            if number not in self._taken:
                self._taken.add(number)
                return number
