"""The payloads of SIPD, under the names of its own columns; what is not named here never leaves the answer.

Lenient: numbers may come for texts, unknown columns are ignored. Nothing is shown by `repr`.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from adapters.legacy.envelopes import empty_as


class Wire(BaseModel):
    """What all of them have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class Jawaban(Wire):
    """Every answer. `code` 200 with a text of success says nothing yet: errors stand in `log`."""

    code: int
    msg: str | None = None
    log: Annotated[tuple[str, ...], empty_as(None, "")] = ()
    data: JsonValue = None


class Daftar(Wire):
    """A stretch of a list; its rows are read one by one."""

    data: list[object]
    total: Annotated[int, Field(ge=0)]


class Program(Wire):
    """One record of PLAN: a programme, an activity or a sub-activity, as far as its columns are filled in."""

    tahun: Annotated[str, Field(min_length=1)]
    kode_program: str | None = None
    nama_program: str | None = None
    kode_giat: str | None = None
    nama_giat: str | None = None
    kode_sub_giat: str | None = None
    nama_sub_giat: str | None = None
    kode_skpd: str | None = None
    pagu: str | None = None
    indikator: str | None = None

    @property
    def place(self) -> str:
        """By what a line is told from others of its list: year, agency and codes, as they are written."""
        return "/".join(
            part or "" for part in (self.tahun, self.kode_skpd, self.kode_program, self.kode_giat, self.kode_sub_giat)
        )


class Pengusul(Wire):
    """Who made a proposal, as they themselves are told."""

    nik: str | None = None
    nama: str | None = None


class Usulan(Wire):
    """One record of PROPOSAL."""

    id_usulan: Annotated[str, Field(pattern=r"^[0-9]{1,11}$")]
    tahun: str | None = None
    masalah: str | None = None
    giat_teks: str | None = None
    alamat_teks: str | None = None
    anggaran: str | None = None
    koefisien: str | None = None
    id_kelurahan: str | None = None
    detail_latpeta: str | None = None
    detail_langpeta: str | None = None
    status_usul_teks: str | None = None
    is_batal: str | None = None
    is_tolak: str | None = None
    tolak_teks: str | None = None
    rekom_lurah_anggaran: str | None = None
    rekom_lurah_rekomendasi: str | None = None
    rekom_camat_anggaran: str | None = None
    rekom_camat_rekomendasi: str | None = None
    rekom_mitra_anggaran: str | None = None
    rekom_mitra_rekomendasi: str | None = None
    rekom_skpd_anggaran: str | None = None
    rekom_skpd_rekomendasi: str | None = None
    rekom_tapd_anggaran: str | None = None
    rekom_tapd_rekomendasi: str | None = None
    tgl_usul: str | None = None
    pengusul: Pengusul | None = None
