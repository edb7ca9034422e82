"""The service's answers, with its own names; what is not named here never leaves the answer.

Lenient: unknown elements are ignored. Number plates, patrols and whoever was involved are not read at all.
"""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """What all of them have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class CekLayananResponse(Wire):
    """Whether the service is there."""

    status: str


class DaftarKejadianResponse(Wire):
    """What stands beside the incidents of one page; these are read one by one."""

    adaLagi: str  # noqa: N815 - the system's own name
    waktuData: str | None = None  # noqa: N815 - the system's own name


class KondisiLalinResponse(Wire):
    """What stands beside the roads; these are read one by one."""

    waktuData: str | None = None  # noqa: N815 - the system's own name


class Kejadian(Wire):
    """One record of INCIDENT."""

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
    """One record of CONDITION: one direction of a stretch of road."""

    kodeRuas: str = Field(min_length=1, max_length=64)  # noqa: N815 - the system's own name
    namaRuas: str | None = None  # noqa: N815 - the system's own name
    arah: str | None = None
    waktu: str | None = None
    kecepatan: str | None = None
    volume: str | None = None
    tingkat: str | None = None
    lat: str | None = None
    lng: str | None = None
