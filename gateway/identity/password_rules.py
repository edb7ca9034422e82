"""Which passwords are refused: too short, too long, too common, or made of the person's own names.

What is judged is what is kept (`composed`): a common password in letters of full width is the common one. There are
no rules of composition. The list of common passwords, and the estimate of what is a variant of one, are zxcvbn's; both
work offline. Source: OWASP ASVS 5.0, V6.2.
"""

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from anyio import to_thread

from gateway.identity.passwords import composed

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
"""zxcvbn takes no more characters; what is longer is judged by its beginning."""
_FEWEST_GUESSES = 10**6


class Weakness(StrEnum):
    """Why a password is refused; also the key of the sentence that says so."""

    SHORT = "password_short"
    LONG = "password_long"
    COMMON = "password_common"
    SAME = "password_same"


async def weakness(password: str, names: Iterable[str], *, staff: bool) -> Weakness | None:
    """Why this password is refused for somebody with these `names`, or None. `staff` are officers and operators."""
    password = composed(password)
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
