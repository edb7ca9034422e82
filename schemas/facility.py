"""Places where residents go, health facilities, and the queues of their clinics (FHIR Location). They name no person.

A health facility is a profile of a place. Any other kind, such as a library, a market or a school, is a `place` with a
code of its own in `kind`.
"""

from datetime import date
from typing import Annotated

from schemas.classes import Classed, general
from schemas.codes import Code, Coded
from schemas.filters import BoundingBox, Words, in_region, inside, mentions
from schemas.identifiers import Identifier
from schemas.places import Location, position_of, region_code, region_name
from schemas.records import Body
from schemas.references import AgencyReference, Reference, RefersTo
from schemas.resources import Query, Resource
from schemas.texts import Text

FACILITY_KINDS = "facility-kind"
"""The code list of `FacilityKind`."""


class FacilityKind(Code):
    """The kind of a health facility."""

    PUSKESMAS = "puskesmas", "Puskesmas", "Health centre"
    PUSTU = "pustu", "Puskesmas pembantu", "Branch of a health centre"
    CLINIC = "clinic", "Klinik", "Clinic"
    HOSPITAL = "hospital", "Rumah sakit", "Hospital"


class OpeningHours(Classed):
    """The opening hours of a place on one day of the week (1 Monday to 7 Sunday), in local time."""

    weekday: Annotated[int, general("Hari", "Day of the week, 1 is Monday")]
    opens: Annotated[str, general("Buka", "Opens", examples=["08:00"])]
    closes: Annotated[str, general("Tutup", "Closes", examples=["14:00"])]


class Place(Body):
    """Somewhere one goes."""

    kind: Annotated[Coded | None, general("Jenis", "Kind of place")] = None
    name: Annotated[str, general("Nama", "Name", examples=["Puskesmas Pekauman"])]
    identifiers: Annotated[tuple[Identifier, ...], general("Pengenal", "Numbers of the place in registers")] = ()
    agency: Annotated[AgencyReference | None, general("Dinas", "Agency that runs it")] = None
    location: Annotated[Location | None, general("Lokasi", "Location")] = None
    phone: Annotated[str | None, general("Telepon", "Telephone, E.164")] = None
    hours: Annotated[tuple[OpeningHours, ...], general("Jadwal", "Opening hours")] = ()


class PlaceQuery(Query):
    """Filters of places: region, kind (a code), bounding box, text."""

    region: str | None = None
    kind: str | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def matches_place(place: Place, query: PlaceQuery, *texts: str | Text | None) -> bool:
    """Return whether a place meets the filters that all places have. `texts` are searched beside its own."""
    return (
        in_region(region_code(place.location), query.region)
        and (query.kind is None or (place.kind is not None and place.kind.code == query.kind))
        and inside(position_of(place.location), query.bbox)
        and (query.text is None or mentions(query.text, *place_texts(place), *texts))
    )


def place_texts(place: Place) -> tuple[str | Text | None, ...]:
    """Return the texts of a place that the search indexes, its headline first."""
    return (place.name, place.location.text if place.location else None, region_name(place.location))


PLACE: Resource[Place, PlaceQuery] = Resource(
    name="place",
    prefix="plc",
    title=Text(id="Tempat", en="Place"),
    body=Place,
    query=PlaceQuery,
    order=("name", "id"),
    owner=None,
    matches=matches_place,
    searched=place_texts,
)


class Facility(Place):
    """A health facility."""

    kind: Annotated[Coded, general("Jenis", "Kind of facility")] = Coded.of(FACILITY_KINDS, FacilityKind.PUSKESMAS)
    clinics: Annotated[tuple[Coded, ...], general("Poli", "Clinics")] = ()


class FacilityQuery(PlaceQuery):
    """Filters of facilities: region, kind, bounding box, text."""


def _clinics(facility: Facility) -> tuple[Text | None, ...]:
    return tuple(clinic.text for clinic in facility.clinics)


FACILITY: Resource[Facility, FacilityQuery] = Resource(
    name="facility",
    prefix="fac",
    title=Text(id="Fasilitas kesehatan", en="Health facility"),
    body=Facility,
    query=FacilityQuery,
    order=("name", "id"),
    owner=None,
    matches=lambda facility, query: matches_place(facility, query, *_clinics(facility)),
    searched=lambda facility: (*place_texts(facility), *_clinics(facility)),
    generic=PLACE,
)


class Queue(Body):
    """The state of one clinic's queue today. It names no patient."""

    facility: Annotated[Reference, general("Faskes", "Facility"), RefersTo("facility", "fac")]
    clinic: Annotated[Coded, general("Poli", "Clinic")]
    day: Annotated[date, general("Tanggal", "Day")]
    called: Annotated[str | None, general("Nomor dipanggil", "Number being served", examples=["A-012"])] = None
    total: Annotated[int | None, general("Jumlah antrean", "Numbers issued")] = None
    waiting: Annotated[int | None, general("Sisa antrean", "Still waiting")] = None
    note: Annotated[str | None, general("Keterangan", "Note")] = None


class QueueQuery(Query):
    """Filters of queues: the facility's id."""

    facility: str | None = None


QUEUE: Resource[Queue, QueueQuery] = Resource(
    name="queue",
    prefix="que",
    title=Text(id="Antrean", en="Queue"),
    body=Queue,
    query=QueueQuery,
    order=("clinic.code", "id"),
    owner=None,
    matches=lambda queue, query: query.facility in (None, queue.facility.id),
)
