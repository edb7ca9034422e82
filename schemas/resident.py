"""A resident, as recorded in one register (shaped on FHIR Patient: identifiers, name, address)."""

from enum import StrEnum
from typing import Annotated

from schemas.classes import general, personal, specific
from schemas.dates import UncertainDate
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.places import Address
from schemas.records import Body
from schemas.resources import Owner, Query, Resource
from schemas.texts import Coded, Text


class Sex(StrEnum):
    """Sex as the register states it (FHIR administrative gender)."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class Resident(Body):
    """The entry of one person in one civil register.

    Entries of several registers are shown side by side, never merged.
    """

    name: Annotated[str | None, personal("Nama lengkap", "Full name, as the register writes it")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the person in the register")] = ()
    sex: Annotated[Sex | None, personal("Jenis kelamin", "Sex")] = None
    birth_place: Annotated[str | None, personal("Tempat lahir", "Place of birth")] = None
    birth_date: Annotated[UncertainDate | None, personal("Tanggal lahir", "Date of birth")] = None
    religion: Annotated[Coded | None, specific("Agama", "Religion")] = None
    marital_status: Annotated[Coded | None, personal("Status perkawinan", "Marital status")] = None
    occupation: Annotated[Coded | None, personal("Pekerjaan", "Occupation")] = None
    education: Annotated[Coded | None, personal("Pendidikan", "Education")] = None
    family_role: Annotated[Coded | None, personal("Hubungan keluarga", "Role in the family")] = None
    address: Annotated[Address | None, general("Alamat", "Registered address")] = None


def exact_nik(identifiers: tuple[Identifier, ...]) -> str | None:
    """Return the NIK that proves the ownership of a record: the only exact one; None if there are none or several."""
    found = {i.value for i in identifiers if i.scheme is IdentifierScheme.NIK and i.exact}
    return found.pop() if len(found) == 1 else None


def _owner(resident: Resident) -> Owner:
    region = resident.address.region.code if resident.address and resident.address.region else None
    return Owner(nik=exact_nik(resident.identifiers), region=region)


class ResidentQuery(Query):
    """No filters: residents are queried only by the subject of the call."""


RESIDENT: Resource[Resident, ResidentQuery] = Resource(
    name="resident",
    prefix="res",
    title=Text(id="Penduduk", en="Resident"),
    body=Resident,
    query=ResidentQuery,
    order=("id",),
    owner=_owner,
    matches=lambda _body, _query: True,
    scope="profile.read",
    may_be_held=False,
)
