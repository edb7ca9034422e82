"""A resident, as recorded in one register (shaped on FHIR Patient: identifiers, name, address)."""

from typing import Annotated

from schemas.classes import general, personal, specific
from schemas.codes import Code, Coded
from schemas.dates import PartialDate
from schemas.identifiers import Identifier, exact_nik
from schemas.places import Address, region_code
from schemas.records import Body
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class Sex(Code):
    """Sex as the register states it (FHIR administrative gender); a register that does not state it gives none."""

    MALE = "male", "Laki-laki", "Male"
    FEMALE = "female", "Perempuan", "Female"


class Resident(Body):
    """The entry of one person in one civil register.

    Entries of several registers are shown side by side, never merged.
    """

    name: Annotated[str | None, personal("Nama lengkap", "Full name, as the register writes it")] = None
    identifiers: Annotated[tuple[Identifier, ...], personal("Pengenal", "Numbers of the person in the register")] = ()
    sex: Annotated[Sex | None, personal("Jenis kelamin", "Sex")] = None
    birth_place: Annotated[str | None, personal("Tempat lahir", "Place of birth")] = None
    birth_date: Annotated[
        PartialDate | None, personal("Tanggal lahir", "Date of birth, as many parts as are known")
    ] = None
    religion: Annotated[Coded | None, specific("Agama", "Religion")] = None
    marital_status: Annotated[Coded | None, personal("Status perkawinan", "Marital status")] = None
    occupation: Annotated[Coded | None, personal("Pekerjaan", "Occupation")] = None
    education: Annotated[Coded | None, personal("Pendidikan", "Education")] = None
    family_role: Annotated[Coded | None, personal("Hubungan keluarga", "Role in the family")] = None
    card_status: Annotated[
        Coded | None, personal("Status KTP elektronik", "Whether an electronic identity card was issued")
    ] = None
    address: Annotated[Address | None, general("Alamat", "Registered address")] = None


class ResidentQuery(Query):
    """No filters: residents are queried only by the subject of the call."""


RESIDENT: Resource[Resident, ResidentQuery] = Resource(
    name="resident",
    prefix="res",
    title=Text(id="Penduduk", en="Resident"),
    body=Resident,
    query=ResidentQuery,
    order=("id",),
    owner=lambda resident: Owner(nik=exact_nik(resident.identifiers), region=region_code(resident.address)),
    matches=lambda _body, _query: True,
    scope="profile.read",
    may_be_held=False,
)
