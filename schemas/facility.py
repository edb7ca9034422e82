"""Health facilities and the queues of their clinics (FHIR Location). Public: they name no person."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general
from schemas.filters import BoundingBox, Words, inside, mentions
from schemas.places import Point, PublicAddress
from schemas.records import Body
from schemas.resources import Query, Resource
from schemas.texts import Coded, Text


class FacilityKind(StrEnum):
    """The kind of a facility."""

    PUSKESMAS = "puskesmas"
    PUSTU = "pustu"
    CLINIC = "clinic"
    HOSPITAL = "hospital"


class OpeningHours(Classed):
    """The opening hours of a facility on one day of the week (1 Monday to 7 Sunday), in local time."""

    weekday: Annotated[int, general("Hari", "Day of the week, 1 is Monday")]
    opens: Annotated[str, general("Buka", "Opens", examples=["08:00"])]
    closes: Annotated[str, general("Tutup", "Closes", examples=["14:00"])]


class Facility(Body):
    """A health facility."""

    name: Annotated[str, general("Nama", "Name", examples=["Puskesmas Pekauman"])]
    kind: Annotated[FacilityKind, general("Jenis", "Kind")] = FacilityKind.PUSKESMAS
    address: Annotated[PublicAddress | None, general("Alamat", "Address")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None
    phone: Annotated[str | None, general("Telepon", "Telephone, E.164")] = None
    clinics: Annotated[tuple[Coded, ...], general("Poli", "Clinics")] = ()
    hours: Annotated[tuple[OpeningHours, ...], general("Jadwal", "Opening hours")] = ()


class FacilityQuery(Query):
    """Filters of facilities: kelurahan, kind, bounding box, text."""

    region: str | None = None
    kind: FacilityKind | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def _facility_searched(facility: Facility) -> tuple[str | Text | None, ...]:
    place = facility.address
    region = place.region.name if place and place.region else None
    clinics = (clinic.display for clinic in facility.clinics)
    return (facility.name, place.text if place else None, region, *clinics)


def _facility_matches(facility: Facility, query: FacilityQuery) -> bool:
    region = facility.address.region.code if facility.address and facility.address.region else None
    return (
        query.region in (None, region)
        and query.kind in (None, facility.kind)
        and inside(facility.position, query.bbox)
        and (query.text is None or mentions(query.text, *_facility_searched(facility)))
    )


FACILITY: Resource[Facility, FacilityQuery] = Resource(
    name="facility",
    prefix="fac",
    title=Text(id="Fasilitas kesehatan", en="Health facility"),
    body=Facility,
    query=FacilityQuery,
    order=("name", "id"),
    owner=None,
    matches=_facility_matches,
    searched=_facility_searched,
)


class Queue(Body):
    """The state of one clinic's queue today. It names no patient."""

    facility_key: Annotated[str, general("Faskes", "The facility's key in its own system", examples=["pekauman"])]
    clinic: Annotated[Coded, general("Poli", "Clinic")]
    on: Annotated[date, general("Tanggal", "Day")]
    called: Annotated[str | None, general("Nomor dipanggil", "Number being served", examples=["A-012"])] = None
    total: Annotated[int | None, general("Jumlah antrean", "Numbers issued")] = None
    waiting: Annotated[int | None, general("Sisa antrean", "Still waiting")] = None
    note: Annotated[str | None, general("Keterangan", "Note")] = None


class QueueQuery(Query):
    """Filters of queues: the facility's key."""

    facility_key: str | None = None


QUEUE: Resource[Queue, QueueQuery] = Resource(
    name="queue",
    prefix="que",
    title=Text(id="Antrean", en="Queue"),
    body=Queue,
    query=QueueQuery,
    order=("clinic.code", "id"),
    owner=None,
    matches=lambda queue, query: query.facility_key in (None, queue.facility_key),
)
