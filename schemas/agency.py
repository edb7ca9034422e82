"""Agencies of the city (cv:PublicOrganisation), which own the systems and the services."""

from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general
from schemas.texts import Text


class AgencyKind(StrEnum):
    """The kind of an agency."""

    AGENCY = "agency"
    SECRETARIAT = "secretariat"
    PARTNER = "partner"


class Agency(Classed):
    """An agency (SKPD), or a partner such as the regional police."""

    id: Annotated[str, general("Kode", "The agency's id", examples=["dinas-kesehatan"])]
    name: Annotated[Text, general("Nama", "Name")]
    abbreviation: Annotated[str | None, general("Singkatan", "Abbreviation", examples=["Dinkes"])] = None
    kind: Annotated[AgencyKind, general("Jenis", "Kind")] = AgencyKind.AGENCY
    systems: Annotated[tuple[str, ...], general("Sistem", "Ids of the systems that it owns")] = ()
