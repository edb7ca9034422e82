"""The state of the legacy systems, as reported by the gateway."""

from datetime import datetime
from typing import Annotated

from schemas.classes import Classed, general
from schemas.codes import Code
from schemas.envelope import Cause, SourceState
from schemas.references import AgencyReference
from schemas.texts import Text


class CircuitState(Code):
    """State of the circuit breaker of an office."""

    CLOSED = "closed", "Ditanya seperti biasa", "Calls are sent"
    OPEN = "open", "Dijeda", "Calls are paused"
    HALF_OPEN = "half-open", "Dicoba lagi", "A trial call is sent"


class QualityLevel(Code):
    """The level that an adapter has reached in the conformance suite."""

    BRONZE = "bronze", "Perunggu", "Bronze"
    SILVER = "silver", "Perak", "Silver"
    GOLD = "gold", "Emas", "Gold"
    PLATINUM = "platinum", "Platina", "Platinum"


class LevelState(Code):
    """Whether a quality level is still valid."""

    CURRENT = "current", "Berlaku", "Current"
    OLD = "old", "Sudah lama", "Checked long ago"
    STALE = "stale", "Kode lain yang diuji", "Another version of the code was checked"


class SystemState(Code):
    """Whether the gateway uses a system."""

    LIVE = "live", "Ditanya", "In service"
    FAILED = "failed", "Adaptor tidak dapat dimuat", "The adapter could not be loaded"


class SnapshotStatus(Classed):
    """The age of the gateway's snapshot of one resource."""

    resource: Annotated[str, general("Jenis data", "Resource")]
    state: Annotated[SourceState, general("Keadaan", "held, stale or failed")]
    fetched_at: Annotated[datetime | None, general("Diambil pada", "When the snapshot was fetched")] = None
    as_of: Annotated[datetime | None, general("Keadaan per", "Time of the data, as the system states it")] = None
    records: Annotated[int | None, general("Jumlah", "Records in the snapshot")] = None
    set_aside: Annotated[int | None, general("Disisihkan", "Records that could not be normalised")] = None
    cause: Annotated[Cause | None, general("Sebab", "Why the last fetch failed")] = None


class OfficeStatus(Classed):
    """The state of one office of a system, as observed by the gateway."""

    id: Annotated[str | None, general("Kantor", "Office, null for a system without offices")] = None
    name: Annotated[Text | None, general("Nama", "Name")] = None
    circuit: Annotated[CircuitState, general("Sirkuit", "State of its circuit breaker")]
    last_success_at: Annotated[datetime | None, general("Terakhir berhasil", "Last successful answer")] = None
    last_cause: Annotated[Cause | None, general("Sebab terakhir", "Why the last attempt failed, if it did")] = None
    retry_at: Annotated[datetime | None, general("Coba lagi pada", "When the next request will be sent")] = None
    snapshots: Annotated[tuple[SnapshotStatus, ...], general("Salinan", "Snapshots held from it")] = ()


class System(Classed):
    """A legacy system behind the gateway."""

    id: Annotated[str, general("Kode", "The system's id", examples=["e-kelurahan"])]
    name: Annotated[Text, general("Nama", "Name")]
    state: Annotated[SystemState, general("Keadaan", "live, or failed when its adapter could not be loaded")] = (
        SystemState.LIVE
    )
    reason: Annotated[Text | None, general("Alasan", "Why its adapter could not be loaded; null if it is live")] = None
    agency: Annotated[AgencyReference | None, general("Pemilik", "The agency that owns it; null while failed")]
    adapter_version: Annotated[str | None, general("Versi adaptor", "Version of the adapter; null while failed")]
    assumed: Annotated[
        bool, general("Antarmuka diandaikan", "Whether the system's interface is not public, and therefore assumed")
    ]
    resources: Annotated[tuple[str, ...], general("Jenis data", "Resources that it provides")]
    level: Annotated[QualityLevel | None, general("Tingkat mutu", "Quality level; null while never checked")] = None
    level_at: Annotated[datetime | None, general("Diperiksa pada", "When the level was computed")] = None
    level_state: Annotated[
        LevelState | None, general("Keadaan tingkat", "current, old, or stale when the adapter has changed since")
    ] = None
    unproven: Annotated[
        tuple[str, ...],
        general("Belum teruji", "Resources and commands that are not served, because its level is too low"),
    ] = ()
    drift: Annotated[
        int | None, general("Perubahan", "Changes of its answers not yet accepted by an operator; null while failed")
    ] = None
    offices: Annotated[tuple[OfficeStatus, ...], general("Kantor", "Its offices")]
