"""What the gateway says about the systems behind it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from schemas.classes import Classed, general
from schemas.envelope import Cause, SourceState
from schemas.texts import Text


class CircuitState(StrEnum):
    """Whether the gateway is asking an office at the moment."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class QualityLevel(StrEnum):
    """What an adapter has proven in the conformance suite."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


class LevelState(StrEnum):
    """Whether a quality level still says something."""

    CURRENT = "current"
    OLD = "old"
    STALE = "stale"


class SystemState(StrEnum):
    """Whether the gateway asks a system at all."""

    LIVE = "live"
    FAILED = "failed"


class SnapshotStatus(Classed):
    """How old the gateway's snapshot of one resource is."""

    resource: Annotated[str, general("Jenis data", "Resource")]
    state: Annotated[SourceState, general("Keadaan", "held, stale or failed")]
    fetched_at: Annotated[datetime | None, general("Diambil pada", "When the snapshot was fetched")] = None
    as_of: Annotated[datetime | None, general("Keadaan per", "As of when, as the system claims")] = None
    records: Annotated[int | None, general("Jumlah", "Records in the snapshot")] = None
    set_aside: Annotated[int | None, general("Disisihkan", "Records that could not be normalised")] = None
    cause: Annotated[Cause | None, general("Sebab", "Why the last fetch failed")] = None


class OfficeStatus(Classed):
    """How one office of a system is doing, as the gateway sees it."""

    id: Annotated[str | None, general("Kantor", "Office, null for a system without offices")] = None
    title: Annotated[Text | None, general("Nama", "Name")] = None
    circuit: Annotated[CircuitState, general("Sirkuit", "Whether it is being asked")]
    last_success_at: Annotated[datetime | None, general("Terakhir berhasil", "Last good answer")] = None
    last_cause: Annotated[Cause | None, general("Sebab terakhir", "Why the last attempt failed, if it did")] = None
    retry_at: Annotated[datetime | None, general("Coba lagi pada", "When it will be asked again")] = None
    snapshots: Annotated[tuple[SnapshotStatus, ...], general("Salinan", "Snapshots held from it")] = ()


class System(Classed):
    """A legacy system behind the gateway."""

    id: Annotated[str, general("Kode", "The system's id", examples=["e-kelurahan"])]
    title: Annotated[Text, general("Nama", "Name")]
    state: Annotated[SystemState, general("Keadaan", "live, or failed when its adapter could not be loaded")] = (
        SystemState.LIVE
    )
    reason: Annotated[Text | None, general("Alasan", "Why its adapter could not be loaded, if it could not")] = None
    agency: Annotated[str | None, general("Pemilik", "The agency that owns it; null while failed")]
    adapter_version: Annotated[str | None, general("Versi adaptor", "Version of the adapter; null while failed")]
    assumed: Annotated[
        bool, general("Antarmuka diandaikan", "Whether the original's interface is not public, so that it is assumed")
    ]
    resources: Annotated[tuple[str, ...], general("Jenis data", "Resources it answers for")]
    level: Annotated[QualityLevel | None, general("Tingkat mutu", "Quality level; null while never checked")] = None
    level_at: Annotated[datetime | None, general("Diperiksa pada", "When the level was computed")] = None
    level_state: Annotated[
        LevelState | None, general("Keadaan tingkat", "current, old, or stale when other code was checked")
    ] = None
    withheld: Annotated[
        tuple[str, ...], general("Ditahan", "Resources and commands for which its level is too low")
    ] = ()
    drift: Annotated[
        int | None, general("Perubahan", "Changes of its answers that no operator has accepted; null while failed")
    ] = None
    offices: Annotated[tuple[OfficeStatus, ...], general("Kantor", "Its offices")]
