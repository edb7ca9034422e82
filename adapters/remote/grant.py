"""What an operator grants a remote adapter, and what the adapter says of itself: the table of its rows.

Pinned in the gateway's settings; the probe compares. Durations are in seconds.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict

from adapters.contract import Need
from adapters.remote.wire import Wire, says
from schemas.texts import Text

Seconds = int | float


class RowLimits(Wire):
    """What one office of the system can bear."""

    concurrent: Annotated[int, says("Permintaan serempak", "Most requests at a time", ge=1, le=100)]
    slowest_seconds: Annotated[Seconds, says("Jawaban terlama", "Slowest answer worth waiting for", gt=0, le=60)]
    per_minute: Annotated[int | None, says("Permintaan per menit", "Most requests a minute", gt=0)] = None
    per_day: Annotated[int | None, says("Permintaan per hari", "Most requests a day", gt=0)] = None
    max_items: Annotated[
        int, says("Rekaman terbanyak", "Most records of one answer, all its pages together", gt=0, le=1_000_000)
    ] = 10_000


class Way(StrEnum):
    """How a resource is read: asked for live, or fetched whole on a schedule."""

    ASK = "ask"
    FEED = "feed"


class ReadRow(Wire):
    """One resource that the system answers for."""

    resource: Annotated[str, says("Jenis data", "Name of the resource", examples=["bill"])]
    way: Annotated[Way, says("Cara", "Asked for live, or fed")]
    one: Annotated[bool, says("Satu rekaman", "Whether single records can be asked for by key")] = False
    content: Annotated[bool, says("Dokumen", "Whether records have documents")] = False
    pushes: Annotated[
        frozenset[str], says("Saringan", "Filters of the query that the system honours; the gateway filters again")
    ] = frozenset()
    max_bytes: Annotated[int, says("Ukuran terbesar", "Largest answer in bytes", ge=1, le=50_000_000)] = 4_000_000
    fresh_seconds: Annotated[Seconds, says("Segar", "Of a feed: how old a snapshot may be and count as held", ge=0)] = 0
    keep_seconds: Annotated[Seconds, says("Simpan", "Of a feed: how long a snapshot may be shown", ge=0)] = 0


class WriteRow(Wire):
    """One command that the system carries out."""

    name: Annotated[str, says("Nama perintah", "Name of the command", examples=["submit-application"])]
    idempotent: Annotated[bool, says("Idempoten", "Whether sending it twice does no harm")]
    settle_seconds: Annotated[Seconds, says("Waktu tenang", "How long until `absent` can be believed", ge=0)]
    look: Annotated[bool, says("Dapat dicari", "Whether a write can be looked up by its receipt code")]
    max_bytes: Annotated[int, says("Ukuran terbesar", "Largest answer in bytes", ge=1, le=1_000_000)] = 100_000


class Granted(Wire):
    """What an adapter may do: all of it but the system's id. Pinned in the gateway's settings."""

    model_config = ConfigDict(extra="forbid")

    agency: Annotated[str, says("Dinas", "Id of the agency that owns the system", pattern=r"^[a-z][a-z0-9-]*$")]
    title: Annotated[Text, says("Judul", "Title in both languages")]
    version: Annotated[str, says("Versi adaptor", "Version of the adapter", min_length=1)]
    contact: Annotated[str, says("Kontak", "Whom to tell when something is wrong", min_length=1)]
    assumed: Annotated[bool, says("Andaian", "Whether the system's interface rests on assumptions")] = False
    limits: Annotated[RowLimits, says("Batas", "What the system can bear")]
    needs: Annotated[frozenset[Need], says("Pengenal", "Identifiers of a resident that the system is entitled to see")]
    reads: Annotated[tuple[ReadRow, ...], says("Bacaan", "What it answers for")]
    writes: Annotated[tuple[WriteRow, ...], says("Tulisan", "What it carries out")] = ()


class Description(Granted):
    """What a remote adapter says of itself; it has to be what was granted."""

    model_config = ConfigDict(extra="ignore")

    protocol: Annotated[Literal["1"], says("Versi protokol", "Version of this protocol")]
    id: Annotated[str, says("Id", "Id of the system; never changes", pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
