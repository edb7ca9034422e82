"""The payloads of LAPOR, with its key names; keys without a field here are dropped.

Lenient: numbers are accepted as texts, unknown members are ignored. `repr` shows no values.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from adapters.legacy.envelopes import empty_as


class Wire(BaseModel):
    """The base of all payloads."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class Kepala(Wire):
    """The status of every answer: "1" is success, anything else comes with a message."""

    status: str
    pesan: str | None = None


class Halaman(Wire):
    """A page of reports; its rows are validated one by one."""

    page: Annotated[int, Field(ge=1)]
    totalpage: Annotated[int, Field(ge=0)]
    total: Annotated[int, Field(ge=0)]
    data: list[object]


class Satu(Wire):
    """The envelope of one report."""

    data: object


class Topik(Wire):
    """A topic."""

    id: str
    topic_name: str


class Tanggapan(Wire):
    """An agency's reply to a report."""

    tanggal: str | None = None
    instansi: str | None = None
    isi: str | None = None


class Pelapor(Wire):
    """The reporter of a report, disclosed only to themselves."""

    nik: str | None = None
    namadepan: str | None = None
    namabelakang: str | None = None


class Laporan(Wire):
    """A report: from a list, from a call-back, or requested by itself. The client sets `topik_nama`."""

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
