"""Enterprises that were founded in the city's programmes (schema.org LocalBusiness; KBLI 2020 activity codes).

Only the public part of a business: its owner is in the participant's enrolment, not here.
"""

from enum import StrEnum
from typing import Annotated

from schemas.classes import general
from schemas.filters import Words, mentions
from schemas.places import RegionReference
from schemas.records import Body
from schemas.resources import Query, Resource
from schemas.texts import Coded, Text


class EnterpriseScale(StrEnum):
    """Size of an enterprise (PP 7/2021)."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class EnterpriseStatus(StrEnum):
    """The state of an enterprise."""

    STARTED = "started"
    ACTIVE = "active"
    STOPPED = "stopped"
    MOVED = "moved"
    UNTRACED = "untraced"


class Enterprise(Body):
    """The public part of a business."""

    name: Annotated[str | None, general("Nama usaha", "Name")] = None
    activity: Annotated[str | None, general("Jenis usaha", "Line of business, in the agency's words")] = None
    kbli: Annotated[Coded | None, general("KBLI", "Activity code, KBLI 2020, five digits")] = None
    scale: Annotated[EnterpriseScale | None, general("Skala", "Scale")] = None
    nib: Annotated[str | None, general("NIB", "Business identification number, 13 digits")] = None
    year: Annotated[int | None, general("Angkatan", "Cohort of the programme it came from")] = None
    agency: Annotated[str | None, general("SKPD pembina", "The agency that supports it")] = None
    status: Annotated[EnterpriseStatus | None, general("Status usaha", "Status")] = None
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan")] = None


class EnterpriseQuery(Query):
    """Filters of enterprises: kelurahan, cohort, status, agency, scale, text."""

    region: str | None = None
    year: int | None = None
    status: EnterpriseStatus | None = None
    agency: str | None = None
    scale: EnterpriseScale | None = None
    text: Words | None = None


def _matches(enterprise: Enterprise, query: EnterpriseQuery) -> bool:
    region = enterprise.region.code if enterprise.region else None
    return all(
        (
            query.region in (None, region),
            query.year in (None, enterprise.year),
            query.status in (None, enterprise.status),
            query.agency in (None, enterprise.agency),
            query.scale in (None, enterprise.scale),
            query.text is None or mentions(query.text, enterprise.name, enterprise.activity),
        )
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
    searched=lambda enterprise: (
        enterprise.name,
        enterprise.activity,
        enterprise.region.name if enterprise.region else None,
    ),
)
