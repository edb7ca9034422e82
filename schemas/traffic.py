"""Traffic: incidents (Open511 events), cameras, and conditions (Smart Data Models TrafficFlowObserved).

Number plates, faces, offenders and patrol positions are police data: no field here can contain them.
"""

from datetime import datetime
from typing import Annotated

from schemas.classes import general
from schemas.codes import PHASE_OF_STATUS, TEXT_OF_STATUS, Code, Coded, Phase, Status, StatusPhase, StatusText
from schemas.dates import Moment
from schemas.filters import BoundingBox, Words, between, inside, mentions
from schemas.notice import NOTICE, Notice, NoticeQuery, Severity, matches_notice, notice_texts
from schemas.places import Location, position_of
from schemas.records import Body
from schemas.resources import Query, Resource
from schemas.texts import Text

INCIDENT_KINDS = "incident-kind"
"""The code list of `IncidentKind`."""


class IncidentKind(Code):
    """The kind of an incident."""

    ACCIDENT = "accident", "Kecelakaan", "Accident"
    FLOOD = "flood", "Banjir", "Flood"
    FALLEN_TREE = "fallen-tree", "Pohon tumbang", "Fallen tree"
    ROAD_WORKS = "road-works", "Pekerjaan jalan", "Road works"
    CLOSURE = "closure", "Penutupan jalan", "Closure"
    EVENT = "event", "Acara", "Event"
    FIRE = "fire", "Kebakaran", "Fire"
    OTHER = "other", "Lainnya", "Other"
    UNKNOWN = "unknown", "Tidak diketahui", "Unknown"


class Incident(Notice):
    """An event that disturbs traffic."""

    kind: Annotated[Coded, general("Jenis", "Kind of incident")]
    severity: Annotated[Severity | None, general("Keparahan", "Severity")] = Severity.UNKNOWN


class IncidentQuery(NoticeQuery):
    """Filters of incidents: those of notices."""


INCIDENT: Resource[Incident, IncidentQuery] = Resource(
    name="incident",
    prefix="inc",
    title=Text(id="Kejadian lalu lintas", en="Traffic incident"),
    body=Incident,
    query=IncidentQuery,
    order=("-starts_at", "id"),
    owner=None,
    matches=matches_notice,
    searched=notice_texts,
    generic=NOTICE,
)


class CameraStatus(Status):
    """Whether a camera works, as checked by the gateway; what a system merely claims is `unknown`."""

    ONLINE = "online", Phase.OPEN, "Menyala", "Online"
    OFFLINE = "offline", Phase.STOPPED, "Mati", "Offline"
    UNKNOWN = "unknown", None, "Tidak diketahui", "Unknown"


class Camera(Body):
    """A traffic camera. It contains only public addresses."""

    name: Annotated[str, general("Nama", "Name")]
    location: Annotated[Location | None, general("Lokasi", "Location")] = None
    status: Annotated[CameraStatus, general("Status", "Status")] = CameraStatus.UNKNOWN
    status_text: StatusText = TEXT_OF_STATUS
    phase: StatusPhase = PHASE_OF_STATUS
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
        and inside(position_of(camera.location), query.bbox)
        and mentions(query.text, camera.name)
    ),
    searched=lambda camera: (camera.name,),
)


class Congestion(Code):
    """The degree of congestion, in five steps from free to jammed."""

    FREE = "free", "Lancar", "Free-flowing"
    BUSY = "busy", "Ramai lancar", "Busy but flowing"
    HEAVY = "heavy", "Padat", "Heavy"
    SLOW = "slow", "Padat merayap", "Slow-moving"
    JAMMED = "jammed", "Macet", "Jammed"
    UNKNOWN = "unknown", "Tidak diketahui", "Unknown"


class Condition(Body):
    """The state of traffic on one stretch of road, observed once."""

    road: Annotated[str, general("Ruas", "Stretch of road")]
    direction: Annotated[str | None, general("Arah", "Direction")] = None
    observed_at: Annotated[datetime | None, general("Diamati pada", "When it was observed")] = None
    congestion: Annotated[Congestion, general("Tingkat", "Degree of congestion")] = Congestion.UNKNOWN
    saturation: Annotated[
        float | None, general("Derajat jenuh", "Degree of saturation: traffic divided by capacity, 1 is full")
    ] = None
    speed: Annotated[float | None, general("Kecepatan rata-rata", "Average speed, km/h")] = None
    vehicle_flow: Annotated[int | None, general("Arus kendaraan", "Vehicles an hour")] = None
    location: Annotated[Location | None, general("Lokasi", "Location")] = None


class ConditionQuery(Query):
    """Filters of conditions: degree of congestion, observed from/until, bounding box, text in the road's name."""

    congestion: Congestion | None = None
    observed_from: Moment | None = None
    observed_until: Moment | None = None
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
        and inside(position_of(condition.location), query.bbox)
        and mentions(query.text, condition.road)
    ),
)
