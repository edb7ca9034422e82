"""Agencies of the city (cv:PublicOrganisation): who owns the systems and the services."""

from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general
from schemas.texts import Text


class AgencyKind(StrEnum):
    """What kind of body an agency is."""

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
