"""The payloads of e-kelurahan, with the system's column names."""

import re
from hashlib import sha256
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

FILE: Final = re.compile(r"/berkas/([0-9]{1,9})")
"""The address of a file, with the file's number."""

_DIGITS: Final = 12


class Wire(BaseModel):
    """A payload: unknown columns are dropped, numbers are read as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Show no values, because most are personal."""
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class DataTable(Wire):
    """One page of a list, in the format of the DataTables widget. The rows are validated one by one."""

    recordsFiltered: Annotated[int, Field(ge=0)]  # noqa: N815 - the widget's own name
    data: list[object]


class Layanan(Wire):
    """A letter of the catalogue."""

    kode: Annotated[str, Field(min_length=1)]
    nama: str | None = None
    klasifikasi: str | None = None
    persyaratan: str | None = None
    jangka_waktu: str | None = None
    biaya: str | None = None
    produk: str | None = None
    pengaduan: str | None = None
    dasar_hukum: str | None = None
    aktif: str | None = None


class Stempel(Wire):
    """One stamp in the history of an application."""

    pada: str
    oleh: str
    langkah: str
    catatan: str = ""


class Berkas(Wire):
    """One file of an application, and the address of its link."""

    jenis: str
    nomor: str = ""
    tanggal: str = ""
    tautan: str

    @property
    def document_id(self) -> str:
        """The file's number, from its link. If the link has another address, a digest of the row."""
        numbered = FILE.fullmatch(self.tautan)
        if numbered:
            return numbered[1]
        row = f"{self.jenis}\n{self.nomor}\n{self.tanggal}\n{self.tautan}"
        return f"x{sha256(row.encode('utf-8', 'backslashreplace')).hexdigest()[:_DIGITS]}"


class Permohonan(Wire):
    """An application. Lists contain its columns; `riwayat`, `berkas` and `tindakan` come only from its page."""

    tabel: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    id: Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]
    jenis: str | None = None
    nik: str | None = None
    nama: str | None = None
    tanggal_lahir: str | None = None
    kelurahan: str | None = None
    kecamatan: str | None = None
    keperluan: str | None = None
    tanggal: str | None = None
    dikirim: str | None = None
    verifikasi: str | None = None
    paraf: str | None = None
    status: str | None = None
    siap_ambil: str | None = None
    no_surat: str | None = None
    tanggal_ambil: str | None = None
    keterangan: str | None = None
    riwayat: tuple[Stempel, ...] = ()
    berkas: tuple[Berkas, ...] = ()
    tindakan: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """The table and the zero-padded id: the id alone is not unique across the three tables."""
        return f"{self.tabel}/{self.id.zfill(4)}"
