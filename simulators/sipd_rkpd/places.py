"""SIPD's own numbers of kecamatan and kelurahan, which match no other system's."""

from functools import lru_cache
from typing import Final

from simulators.kelurahan import Kelurahan, kelurahan

_FIRST_KECAMATAN: Final = 4101
_FIRST_KELURAHAN: Final = 61504


@lru_cache(maxsize=1)
def numbers() -> dict[int, Kelurahan]:
    """Return every kelurahan by its number, sorted by the name of its kecamatan, then by its own."""
    ordered = sorted(kelurahan(), key=lambda place: (place.kecamatan, place.name))
    return dict(enumerate(ordered, start=_FIRST_KELURAHAN))


def number_of(code: str) -> int:
    """Return the number of the kelurahan with this dotted code."""
    return next(number for number, place in numbers().items() if place.code == code)


def kecamatan_of(number: int) -> int:
    """Return the number of the kecamatan of a kelurahan."""
    names = sorted({place.kecamatan for place in kelurahan()})
    return _FIRST_KECAMATAN + names.index(numbers()[number].kecamatan)
