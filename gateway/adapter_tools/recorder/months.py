"""Names of months as written in the city: Indonesian or English, in full or short, also in older spelling."""

from typing import Final

from gateway.adapter_tools.recorder.vocabulary import MONTHS

_WAYS: Final = (
    MONTHS,
    (
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    ),
    ("jan", "feb", "mar", "apr", "mei", "jun", "jul", "agu", "sep", "okt", "nov", "des"),
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
)
_LIKE: Final = {
    "pebruari": "februari",
    "nopember": "november",
    "agust": "agu",
    "agt": "agu",
    "ags": "agu",
    "sept": "sep",
    "nop": "nov",
}
_KNOWN: Final = {name: (way, number) for way in reversed(_WAYS) for number, name in enumerate(way, 1)}

NAMES: Final = "|".join(sorted({*_KNOWN, *_LIKE}, key=len, reverse=True))
"""A regular expression of all names, the longest first."""


def _found(name: str) -> tuple[tuple[str, ...], int]:
    folded = name.casefold()
    return _KNOWN[_LIKE.get(folded, folded)]


def number_of(name: str) -> int:
    """The month from 1 to 12. Raises `KeyError` for a text that is no name of a month."""
    return _found(name)[1]


def named_like(name: str, month: int) -> str:
    """Another month's name, in the same language, length and capitals."""
    other = _found(name)[0][month - 1]
    return other.upper() if name.isupper() else other.title() if name[0].isupper() else other
