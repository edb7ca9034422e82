"""Rules for passwords: refused if too short, too long, too common, or made of the person's own names.

The stored form is checked (`normalise_password`), so that a common password in full-width letters counts as the common
one. There are no composition rules. zxcvbn provides the list of common passwords and the estimate for their variants;
both work offline. Source: OWASP ASVS 5.0, V6.2.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from anyio import to_thread

from gateway.identity.passwords import normalise_password

SHORTEST = 8
SHORTEST_OF_STAFF = 12
LONGEST = 128

_CITY_WORDS = (
    "gerbang",
    "banjarmasin",
    "kota",
    "kalsel",
    "kelurahan",
    "puskesmas",
    "indonesia",
    "bismillah",
    "rahasia",
)
_ESTIMATED = 72
"""Number of characters that zxcvbn estimates; of a longer password, only its beginning."""
_FEWEST_GUESSES = 10**6


class Weakness(StrEnum):
    """Reason of a refusal; also the key of its text."""

    SHORT = "password_short"
    LONG = "password_long"
    COMMON = "password_common"
    SAME = "password_same"


async def find_weakness(password: str, names: Iterable[str], *, staff: bool) -> Weakness | None:
    """Return why this password is refused for a person with these `names`, or None. `staff`: officers and operators."""
    password = normalise_password(password)
    if len(password) < (SHORTEST_OF_STAFF if staff else SHORTEST):
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    return Weakness.COMMON if await to_thread.run_sync(_is_common, password, list(names)) else None


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _is_common(password: str, names: list[str]) -> bool:
    from zxcvbn import zxcvbn

    plain = password.strip().casefold()
    if plain in _common():
        return True
    words = [part for name in names for part in (name, *name.split())]
    estimate = zxcvbn(password[:_ESTIMATED], user_inputs=[*words, *_CITY_WORDS])
    return int(estimate["guesses"]) < _FEWEST_GUESSES
