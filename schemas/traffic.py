"""Traffic: incidents (Open511 events), cameras, and conditions (Smart Data Models TrafficFlowObserved).

Number plates, faces, offenders and patrol positions are police data: no field here can contain them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from schemas.classes import general
from schemas.dates import Instant
from schemas.filters import BoundingBox, Words, between, inside, mentions
from schemas.places import Point
from schemas.records import Body
from schemas.resources import Query, Resource
from schemas.texts import Text


class IncidentKind(StrEnum):
    """The kind of an incident."""

    ACCIDENT = "accident"
    FLOOD = "flood"
    FALLEN_TREE = "fallen-tree"
    ROAD_WORKS = "road-works"
    CLOSURE = "closure"
    EVENT = "event"
    FIRE = "fire"
    OTHER = "other"


class Severity(StrEnum):
    """The severity of an incident."""

    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"
    UNKNOWN = "unknown"


class IncidentStatus(StrEnum):
    """Whether an incident continues."""

    ACTIVE = "active"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class Incident(Body):
    """An event that disturbs traffic."""

    kind: Annotated[IncidentKind, general("Jenis", "Kind")]
    original_kind: Annotated[str | None, general("Jenis asli", "The system's own word for an unknown kind")] = None
    title: Annotated[str, general("Judul", "Title")]
    description: Annotated[str | None, general("Uraian", "Description")] = None
    severity: Annotated[Severity, general("Keparahan", "Severity")] = Severity.UNKNOWN
    status: Annotated[IncidentStatus, general("Status", "Status")]
    starts_at: Annotated[datetime | None, general("Mulai", "When it began")] = None
    ends_at: Annotated[datetime | None, general("Selesai", "When it ended")] = None
    place: Annotated[str | None, general("Lokasi", "Location in words")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None


class IncidentQuery(Query):
    """Filters of incidents: kind, severity, status, began from/until, bounding box in degrees, text."""

    kind: IncidentKind | None = None
    severity: Severity | None = None
    status: IncidentStatus | None = None
    starts_from: Instant | None = None
    starts_until: Instant | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


def _incident_matches(incident: Incident, query: IncidentQuery) -> bool:
    return all(
        (
            query.kind in (None, incident.kind),
            query.severity in (None, incident.severity),
            query.status in (None, incident.status),
            between(incident.starts_at, query.starts_from, query.starts_until),
            inside(incident.position, query.bbox),
            query.text is None or mentions(query.text, incident.title, incident.description, incident.place),
        )
    )


INCIDENT: Resource[Incident, IncidentQuery] = Resource(
    name="incident",
    prefix="inc",
    title=Text(id="Kejadian lalu lintas", en="Traffic incident"),
    body=Incident,
    query=IncidentQuery,
    order=("-starts_at", "id"),
    owner=None,
    matches=_incident_matches,
    searched=lambda incident: (incident.title, incident.place, incident.description),
)


class CameraStatus(StrEnum):
    """Whether a camera works, as checked by the gateway; what a system merely claims is `unknown`."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class Camera(Body):
    """A traffic camera. It contains only public addresses."""

    code: Annotated[str, general("Kode", "The camera's code")]
    name: Annotated[str, general("Nama", "Name")]
    position: Annotated[Point | None, general("Letak", "Position")] = None
    status: Annotated[CameraStatus, general("Status", "Status")] = CameraStatus.UNKNOWN
    checked_at: Annotated[datetime | None, general("Diperiksa pada", "When its status was checked")] = None
    snapshot_url: Annotated[str | None, general("Cuplikan", "Address of a still picture")] = None
    stream_url: Annotated[str | None, general("Aliran", "Address of the HLS stream")] = None


class CameraQuery(Query):
    """Filters of cameras: status, bounding box, text in the name."""

    status: CameraStatus | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


CAMERA: Resource[Camera, CameraQuery] = Resource(
    name="camera",
    prefix="cam",
    title=Text(id="Kamera lalu lintas", en="Traffic camera"),
    body=Camera,
    query=CameraQuery,
    order=("name", "id"),
    owner=None,
    matches=lambda camera, query: (
        query.status in (None, camera.status)
        and inside(camera.position, query.bbox)
        and mentions(query.text, camera.name)
    ),
    searched=lambda camera: (camera.name, camera.code),
)


class Congestion(StrEnum):
    """The degree of congestion."""

    FREE = "free"
    HEAVY = "heavy"
    JAMMED = "jammed"
    UNKNOWN = "unknown"


class Condition(Body):
    """The state of traffic on one stretch of road, observed once."""

    road: Annotated[str, general("Ruas", "Stretch of road")]
    direction: Annotated[str | None, general("Arah", "Direction")] = None
    observed_at: Annotated[datetime | None, general("Diamati pada", "When it was observed")] = None
    congestion: Annotated[Congestion, general("Tingkat", "Degree of congestion")] = Congestion.UNKNOWN
    speed: Annotated[float | None, general("Kecepatan rata-rata", "Average speed, km/h")] = None
    volume: Annotated[int | None, general("Volume", "Vehicles an hour")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None


class ConditionQuery(Query):
    """Filters of conditions: degree of congestion, observed from/until, bounding box, text in the road's name."""

    congestion: Congestion | None = None
    observed_from: Instant | None = None
    observed_until: Instant | None = None
    bbox: BoundingBox | None = None
    text: Words | None = None


CONDITION: Resource[Condition, ConditionQuery] = Resource(
    name="condition",
    prefix="cnd",
    title=Text(id="Keadaan lalu lintas", en="Traffic condition"),
    body=Condition,
    query=ConditionQuery,
    order=("road", "id"),
    owner=None,
    matches=lambda condition, query: (
        query.congestion in (None, condition.congestion)
        and between(condition.observed_at, query.observed_from, query.observed_until)
        and inside(condition.position, query.bbox)
        and mentions(query.text, condition.road)
    ),
)
