"""Readiness: what a resident would have to bring for a service, and what of it the city's systems know already."""

from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general
from schemas.service import Requirement


class RequirementState(StrEnum):
    """Whether a requirement is met.

    `met`: a record shows it. `missing`: no system has such a record, so that it must be brought. `unknowable-now`: a
    system that would know failed, or may not be asked about this person yet.
    """

    MET = "met"
    MISSING = "missing"
    UNKNOWABLE_NOW = "unknowable-now"


class Witness(Classed):
    """A record that shows that a requirement is met, or a system that would know whether it is."""

    resource: Annotated[str, general("Jenis data", "Resource", examples=["resident"])]
    system: Annotated[str, general("Sistem", "System", examples=["dukcapil"])]
    office: Annotated[str | None, general("Kantor", "Office of the system")] = None
    id: Annotated[str | None, general("Nomor", "Id of the record; null for a system that could not be asked")] = None


class RequirementReadiness(Requirement):
    """One requirement of a service, and whether the caller meets it."""

    state: Annotated[RequirementState, general("Keadaan", "Whether it is met")]
    met_by: Annotated[tuple[Witness, ...], general("Dipenuhi oleh", "Records that show it")] = ()
    waits_for: Annotated[tuple[Witness, ...], general("Menunggu", "Systems that would know, and why: see sources")] = ()
