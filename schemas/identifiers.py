"""Identifiers of people and things: NIK, KK, insurance card, NIB and others.

The validation of each number is a module in `schemas.numbers`; this module has the types that records contain.
"""

from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general, personal


class IdentifierScheme(StrEnum):
    """The kind of an identifier."""

    NIK = "nik"
    KK = "kk"
    INSURANCE_CARD = "insurance-card"
    NIB = "nib"
    QUEUE_CODE = "queue-code"
    RECORD_NUMBER = "record-number"


class Identifier(Classed):
    """A number that identifies a person or a thing in a register (FHIR Identifier).

    `exact` is False when the number was repaired or is doubtful: such a number never proves the ownership of a record.
    """

    scheme: Annotated[IdentifierScheme, general("Jenis pengenal", "Kind of number")]
    value: Annotated[str, personal("Nilai", "The number; masked unless its release was granted")]
    exact: Annotated[bool, general("Persis", "Whether the number is unchanged and without doubt")] = True
