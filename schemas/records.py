"""Records: a canonical object, with its source and the time of its data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from schemas.classes import Classed, general
from schemas.quality import Quality


class Body(Classed):
    """The content of a resource; the gateway adds id and provenance. Each kind of resource derives from it directly."""


B_co = TypeVar("B_co", bound=Body, covariant=True)


class Provenance(Classed):
    """The source of a record, and the time of its data."""

    system: Annotated[str, general("Sistem", "System", examples=["e-kelurahan"])]
    office: Annotated[str | None, general("Kantor", "Office of the system", examples=["pekauman"])] = None
    fetched_at: Annotated[datetime, general("Diambil pada", "When the gateway fetched it")]
    as_of: Annotated[datetime | None, general("Keadaan per", "Time of the data, as the system states it")] = None
    quality: Annotated[tuple[Quality, ...], general("Mutu", "Doubts about this record")] = ()


@dataclass(frozen=True, slots=True)
class Record(Generic[B_co]):
    """One canonical object inside the gateway. Only `gateway.policy.disclosure` turns it into an answer.

    `key` is the system's own key, which never leaves the gateway. `id` is the opaque public id, made from system,
    office and key.
    """

    id: str
    key: str
    body: B_co
    provenance: Provenance
