"""Records: a canonical object, with its source, the time of its data, and the doubts about it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Generic, Self, TypeVar

from pydantic import model_validator

from schemas.classes import Classed, general
from schemas.codes import Status
from schemas.doubts import Doubt


class Body(Classed):
    """The content of a resource; the gateway adds id, doubts and provenance.

    A resource derives from it directly, or from one of the generic bodies, such as `schemas.case.Case`.
    """

    @model_validator(mode="after")
    def _phase_fits_status(self) -> Self:
        status = getattr(self, "status", None)
        if isinstance(status, Status) and getattr(self, "phase", status.phase) is not status.phase:
            raise ValueError("phase must be that of the status, or left out")
        return self


B_co = TypeVar("B_co", bound=Body, covariant=True)


class Provenance(Classed):
    """The source of a record, and the time of its data."""

    system: Annotated[str, general("Sistem", "System", examples=["e-kelurahan"])]
    office: Annotated[str | None, general("Kantor", "Office of the system", examples=["pekauman"])] = None
    fetched_at: Annotated[datetime, general("Diambil pada", "When the gateway fetched it")]
    as_of: Annotated[datetime | None, general("Keadaan per", "Time of the data, as the system states it")] = None


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
    doubts: tuple[Doubt, ...] = ()
