"""The population of the simulated city: all simulators use the same people, each in its own format."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from random import Random
from types import MappingProxyType
from typing import Final

from simulators.families import Families
from simulators.kelurahan import Kelurahan, kelurahan
from simulators.person import REGION, Person, Relation, Sex, kk_of, nik_of

__all__ = ["DEMONSTRATION", "REGION", "Person", "Relation", "Sex", "nik_of", "population"]

_LARGEST_FAMILY: Final = 5


def _demonstration(name: str, sex: Sex, born: date, serial: int, *, home: str, mother: str, occupation: str) -> Person:
    place = next(one for one in kelurahan() if one.code == home)
    return Person(
        nik=nik_of(born, sex, serial),
        kk=kk_of(date(2017, 8, 17), serial),
        name=name,
        sex=sex,
        birth_date=born,
        birth_place="Banjarmasin",
        street=f"Jl. Contoh Ulin No. {serial}",
        kelurahan_code=place.code,
        kelurahan=place.name,
        kecamatan=place.kecamatan,
        postcode=place.postcode,
        rt=7,
        rw=1,
        phone=f"0812009900{serial:02d}",
        religion="Islam",
        occupation=occupation,
        education="SLTA/Sederajat",
        relation="head",
        married=False,
        insurance_card=f"00099{serial:08d}",
        mother_name=mother,
    )


def _demonstration_people() -> Iterator[tuple[str, Person]]:
    mantuil, pekauman = "63.71.01.1001", "63.71.01.1003"
    yield (
        "resident",
        _demonstration(
            "Galuh Kenanga Pelangi",
            "P",
            date(1990, 2, 5),
            11,
            home=mantuil,
            mother="Aluh Melati Hujan",
            occupation="Wiraswasta",
        ),
    )
    yield (
        "resident-damaged",
        _demonstration(
            "Rusmadi Ulin Telaga",
            "L",
            date(1985, 11, 23),
            27,
            home=pekauman,
            mother="Bariah Pandan Embun",
            occupation="Pedagang",
        ),
    )
    renamed = _demonstration(
        "Norlaila Teratai Senja",
        "P",
        date(1994, 7, 14),
        33,
        home=mantuil,
        mother="Raudah Kapul Muara",
        occupation="Penjahit",
    )
    yield "resident-renamed", replace(renamed, alias="Laila Rumbia Fajar")
    unregistered = _demonstration(
        "Utuh Galam Riam", "L", date(1999, 4, 30), 41, home=pekauman, mother="Jumiati Nipah Awan", occupation="Nelayan"
    )
    yield "resident-no-nik", replace(unregistered, nik="", kk="", insurance_card="")


DEMONSTRATION: Final[Mapping[str, Person]] = MappingProxyType(dict(_demonstration_people()))
"""The people of the demonstration accounts, by account name.

Each demonstrates one case. `resident` has records in every system. `resident-damaged` has wrong records: another
birth date in Dukcapil, a zero date in e-kelurahan, and in wirausaha-baru a NIK that lost its last digits as a
number. `resident-renamed` is stored by name in Dukcapil and e-puskesmas, by alias in e-kelurahan and wirausaha-baru.
`resident-no-nik` has no NIK.
"""


def _quotas(size: int) -> Iterator[tuple[Kelurahan, int]]:
    """Yield the number of residents of each kelurahan: an equal minimum (30 if possible), the rest by number of RT."""
    places = kelurahan()
    floor = min(30, size // len(places))
    spare = size - floor * len(places)
    total = sum(place.neighbourhoods for place in places)
    before = 0
    for place in places:
        after = before + place.neighbourhoods
        yield place, floor + spare * after // total - spare * before // total
        before = after


@lru_cache(maxsize=4)
def population(seed: int = 637199, size: int = 2400) -> tuple[Person, ...]:
    """Return all residents: the demonstration people first, then families in all 52 kelurahan.

    The same `seed` and `size` give the same people on every version of Python. `size` counts all residents; from 1,564
    on, at least 30 live in each kelurahan.
    """
    invented = size - len(DEMONSTRATION)
    if invented < 0:
        raise ValueError("size must not be less than the number of demonstration people")
    random = Random(seed)
    families = Families(random, (number for person in DEMONSTRATION.values() for number in (person.nik, person.kk)))
    people = list(DEMONSTRATION.values())
    for place, quota in _quotas(invented):
        left = quota
        while left:
            members = min(left, random.randrange(1, _LARGEST_FAMILY + 1))
            people.extend(families.family(place, members))
            left -= members
    return tuple(people)
