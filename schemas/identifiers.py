"""Identifiers of people and things: NIK, KK, insurance card, NIB and others; and persons.

The validation of each number is a module in `schemas.numbers`; this module has the types that records contain.
"""

from typing import Annotated

from schemas.classes import Classed, general, personal
from schemas.codes import Code
from schemas.dates import PartialDate


class IdentifierScheme(Code):
    """The kind of an identifier."""

    NIK = "nik", "Nomor induk kependudukan", "Civil number"
    KK = "kk", "Nomor kartu keluarga", "Family card number"
    INSURANCE_CARD = "insurance-card", "Nomor kartu jaminan", "Insurance card number"
    NIB = "nib", "Nomor induk berusaha", "Business identification number"
    HEALTH_FACILITY = "health-facility", "Kode fasilitas kesehatan BPJS", "BPJS code of a health facility"
    SIPD = "sipd", "Kode SKPD di SIPD", "Code of the agency in SIPD"


PERSONAL_SCHEMES = frozenset({IdentifierScheme.NIK, IdentifierScheme.KK, IdentifierScheme.INSURANCE_CARD})
"""The schemes that identify persons. The mask hides or shortens such a number wherever it occurs."""


class Identifier(Classed):
    """A number that identifies a person or a thing in a register (FHIR Identifier).

    `exact` is False when the number was repaired or is doubtful: such a number never proves the ownership of a record.
    """

    scheme: Annotated[IdentifierScheme, general("Jenis pengenal", "Kind of number")]
    value: Annotated[str, general("Nilai", "The number; that of a person is masked unless its release was granted")]
    exact: Annotated[bool, general("Persis", "Whether the number is unchanged and without doubt")] = True


def exact_nik(identifiers: tuple[Identifier, ...]) -> str | None:
    """Return the NIK that proves the ownership of a record: the only exact one; None if there are none or several."""
    found: str | None = None
    for one in identifiers:
        if one.exact and one.scheme is IdentifierScheme.NIK:
            if found is not None and found != one.value:
                return None
            found = one.value
    return found


class Person(Classed):
    """A person in a record: an applicant, a holder, a payer, a patient (schema.org Person)."""

    name: Annotated[str | None, personal("Nama", "Name")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the person")] = ()
    birth_date: Annotated[
        PartialDate | None, personal("Tanggal lahir", "Date of birth, as many parts as are known", examples=["1990-02"])
    ] = None
    phone: Annotated[str | None, personal("Telepon", "Telephone, E.164", examples=["+6281200000000"])] = None

    @property
    def nik(self) -> str | None:
        """The NIK that proves that a record belongs to this person, if there is one."""
        return exact_nik(self.identifiers)
