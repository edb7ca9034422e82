"""Readiness: the things that a resident has to bring for a service, and those that the city's systems already have."""

from typing import Annotated

from schemas.classes import Classed, general
from schemas.codes import Code
from schemas.service import Requirement


class RequirementState(Code):
    """Whether a requirement is met.

    `met`: a record proves it. `missing`: no system has such a record, so the resident must bring the document.
    `unknowable-now`: a system that might have the record failed, or may not be queried about this person yet.
    """

    MET = "met", "Sudah ada", "Met"
    MISSING = "missing", "Harus dibawa", "Must be brought"
    UNKNOWABLE_NOW = "unknowable-now", "Belum dapat diketahui", "Cannot be known now"


class Witness(Classed):
    """A record that proves that a requirement is met, or a system that might have such a record."""

    resource: Annotated[str, general("Jenis data", "Resource", examples=["resident"])]
    system: Annotated[str, general("Sistem", "System", examples=["dukcapil"])]
    office: Annotated[str | None, general("Kantor", "Office of the system")] = None
    id: Annotated[str | None, general("Nomor", "Id of the record; null for a system that was not queried")] = None


class RequirementReadiness(Requirement):
    """One requirement of a service, and whether the caller meets it."""

    state: Annotated[RequirementState, general("Keadaan", "Whether it is met")]
    met_by: Annotated[tuple[Witness, ...], general("Dipenuhi oleh", "Records that prove it")] = ()
    waits_for: Annotated[
        tuple[Witness, ...], general("Menunggu", "Systems that might have a record; for the reason see sources")
    ] = ()
