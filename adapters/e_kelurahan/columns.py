"""Parts that the normalisation of services and of applications share. Pure."""

from typing import Final

from adapters.legacy.reading import Doubts
from adapters.legacy.texts import plain_text
from schemas.doubts import DoubtCode
from schemas.references import AgencyReference

AGENCY: Final = "tata-pemerintahan"
AGENCY_REFERENCE: Final = AgencyReference(id=AGENCY)
LONGEST_WORD: Final = 40
"""Longest code that a record keeps, in characters."""


def one_word(written: str | None) -> str:
    """Return a code as one line; empty if there is none. A code may be a word that stands for no value in a text."""
    return plain_text(written, placeholders=frozenset()).value or ""


def note_unknown_status(word: str, doubts: Doubts) -> None:
    """Note that no table has this status, with its word; an empty one is missing."""
    doubts.note_unknown("/status", DoubtCode.STATUS_UNKNOWN if word else DoubtCode.FIELD_MISSING, word)
