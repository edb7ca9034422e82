"""The service's answers, with its own names; columns without a field here are dropped.

Lenient: unknown elements are ignored. Number plates, patrols and persons involved are not read.
"""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """The base of all payloads."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class CekLayananResponse(Wire):
    """Whether the service is available."""

    status: str


class DaftarKejadianResponse(Wire):
    """The members of a page other than the incidents, which are validated one by one."""

    adaLagi: str  # noqa: N815 - the system's own name
    waktuData: str | None = None  # noqa: N815 - the system's own name


class KondisiLalinResponse(Wire):
    """The members of the answer other than the roads, which are validated one by one."""

    waktuData: str | None = None  # noqa: N815 - the system's own name


class Kejadian(Wire):
    """One incident."""

    idKejadian: str = Field(min_length=1, max_length=64)  # noqa: N815 - the system's own name
    jenis: str | None = None
    judul: str | None = None
    uraian: str | None = None
    lokasi: str | None = None
    lat: str | None = None
    lng: str | None = None
    waktu: str | None = None
    waktuSelesai: str | None = None  # noqa: N815 - the system's own name
    tingkat: str | None = None
    status: str | None = None


class Ruas(Wire):
    """One direction of a stretch of road."""

    kodeRuas: str = Field(min_length=1, max_length=64)  # noqa: N815 - the system's own name
    namaRuas: str | None = None  # noqa: N815 - the system's own name
    arah: str | None = None
    waktu: str | None = None
    kecepatan: str | None = None
    volume: str | None = None
    tingkat: str | None = None
    lat: str | None = None
    lng: str | None = None
