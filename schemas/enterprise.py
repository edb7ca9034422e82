"""Enterprises that were founded in the city's programmes (schema.org LocalBusiness; KBLI 2020 activity codes).

Only the public part of a business: its owner is in the participant's enrolment, not here.
"""

from typing import Annotated

from schemas.classes import general
from schemas.codes import PHASE_OF_STATUS, TEXT_OF_STATUS, Coded, Phase, Status, StatusPhase, StatusText
from schemas.filters import Words, in_region, mentions
from schemas.identifiers import Identifier
from schemas.places import Location, region_code, region_name
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Query, Resource
from schemas.texts import Text


class EnterpriseStatus(Status):
    """The state of an enterprise."""

    STARTED = "started", Phase.OPEN, "Baru dimulai", "Started recently"
    ACTIVE = "active", Phase.OPEN, "Aktif", "Active"
    STOPPED = "stopped", Phase.STOPPED, "Berhenti", "Stopped"
    MOVED = "moved", Phase.STOPPED, "Pindah", "Moved away"
    UNTRACED = "untraced", Phase.STOPPED, "Tidak terlacak", "Cannot be traced"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Enterprise(Body):
    """The public part of a business."""

    name: Annotated[str | None, general("Nama usaha", "Name")] = None
    activity: Annotated[str | None, general("Jenis usaha", "Line of business, in the agency's words")] = None
    kbli: Annotated[Coded | None, general("KBLI", "Activity code, KBLI 2020, five digits")] = None
    identifiers: Annotated[tuple[Identifier, ...], general("Pengenal", "Numbers of the business, such as its NIB")] = ()
    year: Annotated[int | None, general("Angkatan", "Cohort of the programme it came from")] = None
    agency: Annotated[AgencyReference | None, general("SKPD pembina", "The agency that supports it")] = None
    status: Annotated[EnterpriseStatus | None, general("Status usaha", "Status; null if the agency states none")] = None
    status_text: StatusText = TEXT_OF_STATUS
    phase: StatusPhase = PHASE_OF_STATUS
    location: Annotated[Location | None, general("Lokasi", "Kelurahan of the business")] = None


class EnterpriseQuery(Query):
    """Filters of enterprises: region, cohort, status, agency, text."""

    region: str | None = None
    year: int | None = None
    status: EnterpriseStatus | None = None
    agency: str | None = None
    text: Words | None = None


def _matches(enterprise: Enterprise, query: EnterpriseQuery) -> bool:
    return (
        in_region(region_code(enterprise.location), query.region)
        and query.year in (None, enterprise.year)
        and query.status in (None, enterprise.status)
        and query.agency in (None, enterprise.agency.id if enterprise.agency else None)
        and (query.text is None or mentions(query.text, enterprise.name, enterprise.activity))
    )


ENTERPRISE: Resource[Enterprise, EnterpriseQuery] = Resource(
    name="enterprise",
    prefix="ent",
    title=Text(id="Usaha", en="Enterprise"),
    body=Enterprise,
    query=EnterpriseQuery,
    order=("name", "id"),
    owner=None,
    matches=_matches,
    searched=lambda enterprise: (enterprise.name, enterprise.activity, region_name(enterprise.location)),
)
