"""Records: one canonical object, with where it came from and as of when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from schemas.classes import Classed, general
from schemas.quality import Quality


class Body(Classed):
    """What a resource says; the gateway adds id and provenance. Each noun of the schema derives from this, once."""


B_co = TypeVar("B_co", bound=Body, covariant=True)


class Provenance(Classed):
    """Where a record came from, and as of when."""

    system: Annotated[str, general("Sistem", "System", examples=["e-kelurahan"])]
    office: Annotated[str | None, general("Kantor", "Office of the system", examples=["pekauman"])] = None
    fetched_at: Annotated[datetime, general("Diambil pada", "When the gateway asked")]
    as_of: Annotated[datetime | None, general("Keadaan per", "As of when, as the system itself claims")] = None
    quality: Annotated[tuple[Quality, ...], general("Mutu", "Doubts about this record")] = ()


@dataclass(frozen=True, slots=True)
class Record(Generic[B_co]):
    """One canonical object inside the gateway. Only `policy.disclose` turns it into something a caller can see.

    `key` is the system's own key; it never leaves. `id` is the opaque public id made from system, office and key.
    """

    id: str
    key: str
    body: B_co
    provenance: Provenance
