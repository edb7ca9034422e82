"""The grant of a remote adapter: its rows, as an operator configures them and as the adapter describes itself.

The grant is pinned in the gateway's settings; the probe compares it with the description. Durations are in seconds.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict

from adapters.contract import Need
from adapters.remote.wire import Wire, described
from schemas.code_lists import CodeList
from schemas.texts import Text

Seconds = int | float


class RowLimits(Wire):
    """The load that one office of the system can take."""

    concurrent: Annotated[int, described("Permintaan serempak", "Maximum number of concurrent requests", ge=1, le=100)]
    slowest_seconds: Annotated[Seconds, described("Jawaban terlama", "Longest wait for one answer", gt=0, le=60)]
    per_minute: Annotated[
        int | None, described("Permintaan per menit", "Maximum number of requests a minute", gt=0)
    ] = None
    per_day: Annotated[int | None, described("Permintaan per hari", "Maximum number of requests a day", gt=0)] = None
    max_items: Annotated[
        int,
        described("Rekaman terbanyak", "Maximum number of records of one feed, over all its parts", gt=0, le=1_000_000),
    ] = 10_000


class Way(StrEnum):
    """How a resource is read: queried live, or fetched completely on a schedule."""

    ASK = "ask"
    FEED = "feed"


class ReadRow(Wire):
    """One resource that the system provides."""

    resource: Annotated[str, described("Jenis data", "Name of the resource", examples=["bill"])]
    way: Annotated[Way, described("Cara", "Queried live (ask), or fetched on a schedule (feed)")]
    one: Annotated[bool, described("Satu rekaman", "Whether single records can be read by key")] = False
    content: Annotated[bool, described("Dokumen", "Whether records have documents")] = False
    pushes: Annotated[
        frozenset[str], described("Saringan", "Filters of the query that the system applies; the gateway filters again")
    ] = frozenset()
    max_bytes: Annotated[int, described("Ukuran terbesar", "Largest answer in bytes", ge=1, le=50_000_000)] = 4_000_000
    fresh_seconds: Annotated[Seconds, described("Segar", "Feed: age up to which a snapshot counts as held", ge=0)] = 0
    keep_seconds: Annotated[Seconds, described("Simpan", "Feed: age up to which a snapshot is served", ge=0)] = 0


class WriteRow(Wire):
    """One command that the system carries out."""

    name: Annotated[str, described("Nama perintah", "Name of the command", examples=["submit-application"])]
    idempotent: Annotated[bool, described("Idempoten", "Whether sending it twice does no harm")]
    settle_seconds: Annotated[Seconds, described("Waktu tenang", "Wait after a send before `absent` is reliable", ge=0)]
    look: Annotated[bool, described("Dapat dicari", "Whether a write can be looked up by its receipt code")]
    max_bytes: Annotated[int, described("Ukuran terbesar", "Largest answer in bytes", ge=1, le=1_000_000)] = 100_000


class AdapterGrant(Wire):
    """The permissions of a remote adapter: its description without id and protocol.

    Pinned in the gateway's settings.
    """

    model_config = ConfigDict(extra="forbid")

    agency: Annotated[str, described("Dinas", "Id of the agency that owns the system", pattern=r"^[a-z][a-z0-9-]*$")]
    title: Annotated[Text, described("Judul", "Title in both languages")]
    version: Annotated[str, described("Versi adaptor", "Version of the adapter", min_length=1)]
    contact: Annotated[str, described("Kontak", "Whom to inform when the system fails", min_length=1)]
    assumed: Annotated[bool, described("Andaian", "Whether the system's interface is assumed, not specified")] = False
    limits: Annotated[RowLimits, described("Batas", "Load limits of the system")]
    needs: Annotated[
        frozenset[Need], described("Pengenal", "Identifiers of a resident that the system is entitled to receive")
    ]
    reads: Annotated[tuple[ReadRow, ...], described("Bacaan", "Resources that can be read")]
    writes: Annotated[tuple[WriteRow, ...], described("Tulisan", "Commands that can be sent")] = ()
    codes: Annotated[
        tuple[CodeList, ...], described("Daftar kode", "Code lists of the coded values in records, for /v1/codes")
    ] = ()


class Description(AdapterGrant):
    """The description of a remote adapter by itself; must equal the grant."""

    model_config = ConfigDict(extra="ignore")

    protocol: Annotated[Literal["1"], described("Versi protokol", "Version of this protocol")]
    id: Annotated[str, described("Id", "Id of the system; never changes", pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
