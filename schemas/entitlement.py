"""Entitlements: something that a person holds for a time, such as a place in a programme, a card or a licence.

An enrolment in a programme is a profile of an entitlement. Any other kind, such as a library card, a market stall or a
water connection, is an `entitlement` with a code of its own in `kind`.
"""

from typing import Annotated

from schemas.classes import general, personal
from schemas.codes import (
    PHASE_OF_STATUS,
    TEXT_OF_STATUS,
    Coded,
    PersonalStatusPhase,
    PersonalStatusText,
    Phase,
    Status,
)
from schemas.dates import Period
from schemas.identifiers import Person
from schemas.places import Location, region_code
from schemas.records import Body
from schemas.references import AgencyReference
from schemas.resources import Owner, Query, Resource
from schemas.texts import Text


class EntitlementStatus(Status):
    """Whether an entitlement is in force."""

    REQUESTED = "requested", Phase.OPEN, "Diajukan", "Requested"
    ACTIVE = "active", Phase.OPEN, "Berlaku", "In force"
    SUSPENDED = "suspended", Phase.WAITING_FOR_YOU, "Ditangguhkan", "Suspended"
    EXPIRED = "expired", Phase.DONE, "Berakhir", "Expired"
    REJECTED = "rejected", Phase.STOPPED, "Ditolak", "Rejected"
    REVOKED = "revoked", Phase.STOPPED, "Dicabut", "Revoked"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Entitlement(Body):
    """Something that a person holds for a time."""

    kind: Annotated[Coded | None, general("Jenis", "Kind of entitlement")] = None
    title: Annotated[str | None, personal("Judul", "What the person holds, in words")] = None
    number: Annotated[str | None, personal("Nomor", "Number of the card, licence or place")] = None
    status: Annotated[EntitlementStatus | None, personal("Status", "Status")] = None
    status_text: PersonalStatusText = TEXT_OF_STATUS
    phase: PersonalStatusPhase = PHASE_OF_STATUS
    validity: Annotated[Period | None, personal("Masa berlaku", "Period in which it is in force")] = None
    agency: Annotated[AgencyReference | None, general("Dinas", "Agency that grants it")] = None
    location: Annotated[Location | None, general("Lokasi", "Location")] = None
    holder: Annotated[Person, personal("Pemegang", "Person who holds it")]


class EntitlementQuery(Query):
    """Filters of entitlements: kind (a code), the agency's id, status."""

    kind: str | None = None
    agency: str | None = None
    status: EntitlementStatus | None = None


def matches_entitlement(entitlement: Entitlement, query: EntitlementQuery) -> bool:
    """Return whether an entitlement meets the filters that all entitlements have."""
    agency = entitlement.agency.id if entitlement.agency else None
    return (
        (query.kind is None or (entitlement.kind is not None and entitlement.kind.code == query.kind))
        and query.agency in (None, agency)
        and query.status in (None, entitlement.status)
    )


def owner_of_entitlement(entitlement: Entitlement) -> Owner:
    """Return the holder, and the region of the entitlement."""
    return Owner(nik=entitlement.holder.nik, region=region_code(entitlement.location))


def entitlement_texts(entitlement: Entitlement) -> tuple[str | Text | None, ...]:
    """Return the texts of an entitlement that the search indexes, its headline first."""
    place = entitlement.location.text if entitlement.location else None
    return (entitlement.title, entitlement.number, entitlement.kind.text if entitlement.kind else None, place)


ENTITLEMENT: Resource[Entitlement, EntitlementQuery] = Resource(
    name="entitlement",
    prefix="etl",
    title=Text(id="Hak", en="Entitlement"),
    body=Entitlement,
    query=EntitlementQuery,
    order=("-validity.start", "id"),
    owner=owner_of_entitlement,
    matches=matches_entitlement,
    scope="entitlements.read",
    for_officers=False,
    searched=entitlement_texts,
)
