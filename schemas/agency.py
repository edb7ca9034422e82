"""Agencies of the city (cv:PublicOrganisation), which own the systems and the services."""

from typing import Annotated

from schemas.classes import Classed, general
from schemas.codes import Code
from schemas.identifiers import Identifier
from schemas.places import RegionReference
from schemas.references import AgencyReference
from schemas.texts import Text


class AgencyKind(Code):
    """The kind of an agency."""

    AGENCY = "agency", "Dinas", "Agency"
    SECRETARIAT = "secretariat", "Sekretariat", "Secretariat"
    KECAMATAN = "kecamatan", "Kantor kecamatan", "Office of a kecamatan"
    KELURAHAN = "kelurahan", "Kantor kelurahan", "Office of a kelurahan"
    PARTNER = "partner", "Mitra", "Partner"


class Agency(Classed):
    """An agency (SKPD), the office of a kecamatan or kelurahan, or a partner such as the regional police."""

    id: Annotated[str, general("Kode", "The agency's id", examples=["dinas-kesehatan"])]
    name: Annotated[Text, general("Nama", "Name")]
    abbreviation: Annotated[str | None, general("Singkatan", "Abbreviation", examples=["Dinkes"])] = None
    other_names: Annotated[
        tuple[str, ...], general("Nama lain", "Other names under which systems know it, such as earlier ones")
    ] = ()
    identifiers: Annotated[tuple[Identifier, ...], general("Pengenal", "Its codes in other code lists")] = ()
    kind: Annotated[AgencyKind, general("Jenis", "Kind")] = AgencyKind.AGENCY
    parent: Annotated[AgencyReference | None, general("Induk", "The agency that it belongs to")] = None
    region: Annotated[RegionReference | None, general("Wilayah", "The kecamatan or kelurahan whose office it is")] = (
        None
    )

    def reference(self) -> AgencyReference:
        """Return a reference to this agency."""
        return AgencyReference(id=self.id, name=self.name)
