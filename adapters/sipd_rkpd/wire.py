"""The payloads of SIPD, with its column names; columns without a field here are dropped.

Lenient: numbers are accepted as texts, unknown columns are ignored. `repr` shows no values.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from adapters.legacy.envelopes import empty_as


class Wire(BaseModel):
    """The base of all payloads."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        return ()


class Jawaban(Wire):
    """Every answer. `code` 200 with a message of success does not prove success: errors are in `log`."""

    code: int
    msg: str | None = None
    log: Annotated[tuple[str, ...], empty_as(None, "")] = ()
    data: JsonValue = None


class Daftar(Wire):
    """One page of a list; its rows are validated one by one."""

    data: list[object]
    total: Annotated[int, Field(ge=0)]


class Program(Wire):
    """A line of a plan: a programme, an activity or a sub-activity, by its deepest filled column."""

    tahun: Annotated[str, Field(min_length=1)]
    kode_program: str | None = None
    nama_program: str | None = None
    kode_giat: str | None = None
    nama_giat: str | None = None
    kode_sub_giat: str | None = None
    nama_sub_giat: str | None = None
    kode_skpd: str | None = None
    nama_skpd: str | None = None
    pagu: str | None = None
    indikator: str | None = None

    @property
    def place(self) -> str:
        """The identity of a line within its list: year, agency and codes, as they are written."""
        return "/".join(
            part or "" for part in (self.tahun, self.kode_skpd, self.kode_program, self.kode_giat, self.kode_sub_giat)
        )


class Pengusul(Wire):
    """The proposer of a proposal, disclosed only to themselves."""

    nik: str | None = None
    nama: str | None = None


class Usulan(Wire):
    """One proposal."""

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
