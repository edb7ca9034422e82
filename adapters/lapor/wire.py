"""The payloads of LAPOR, under the names of its own keys; what is not named here never leaves the answer.

Lenient: numbers may come for texts, unknown members are ignored. Nothing is shown by `repr`.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from adapters.legacy.envelopes import empty_as


class Wire(BaseModel):
    """What all of them have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class Kepala(Wire):
    """What every answer says of itself: "1" is good, anything else comes with words."""

    status: str
    pesan: str | None = None


class Halaman(Wire):
    """A page of reports; its rows are read one by one."""

    page: Annotated[int, Field(ge=1)]
    totalpage: Annotated[int, Field(ge=0)]
    total: Annotated[int, Field(ge=0)]
    data: list[object]


class Satu(Wire):
    """One report by itself."""

    data: object


class Topik(Wire):
    """A topic."""

    id: str
    topic_name: str


class Tanggapan(Wire):
    """An agency's answer to a report."""

    tanggal: str | None = None
    instansi: str | None = None
    isi: str | None = None


class Pelapor(Wire):
    """Who made a report, as they themselves are told."""

    nik: str | None = None
    namadepan: str | None = None
    namabelakang: str | None = None


class Laporan(Wire):
    """One record of COMPLAINT: a report, whether listed, pushed or by itself. `topik_nama` is put in by the client."""

    trackingid: Annotated[str, Field(pattern=r"^[0-9]{1,12}$")]
    judul: str | None = None
    isi: str | None = None
    topik: str | None = None
    topik_nama: str | None = None
    tanggal: str | None = None
    perubahan: str | None = None
    tenggat: str | None = None
    kelurahan: str | None = None
    kecamatan: str | None = None
    lokasi: str | None = None
    lat: str | None = None
    lng: str | None = None
    instansi: str | None = None
    tahap: str | None = None
    rahasia: str | None = None
    anonim: str | None = None
    tanggapan: Annotated[tuple[Tanggapan, ...], empty_as(None, "")] = ()
    pelapor: Pelapor | None = None
