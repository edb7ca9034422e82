"""Numbers that identify people and things: NIK, KK, telephone, enterprise and insurance numbers.

Each number has a module of its own in python-stdnum's shape (`compact`, `validate`, `is_valid`, `format`);
here are the types that records carry.
"""

from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general, personal


class IdentifierScheme(StrEnum):
    """What kind of number an identifier is."""

    NIK = "nik"
    KK = "kk"
    INSURANCE_CARD = "insurance-card"
    NIB = "nib"
    QUEUE_CODE = "queue-code"
    RECORD_NUMBER = "record-number"


class Identifier(Classed):
    """A number by which a register knows a person or a thing (FHIR Identifier).

    `exact` is False when the number was repaired or is doubtful: such a number never proves whose a record is.
    """

    scheme: Annotated[IdentifierScheme, general("Jenis pengenal", "Kind of number")]
    value: Annotated[str, personal("Nilai", "The number; masked unless its release was granted")]
    exact: Annotated[bool, general("Persis", "Whether the number stands as the register wrote it")] = True
