"""The rows of the views, with their column names, and the forms that are stored as JSON in a text column.

Columns of type tinyint(1) contain 0 to 9 here; a row from a driver that converts them to booleans is refused.
"""

from hashlib import blake2b
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from adapters.legacy.envelopes import Part

_FINGERPRINT_BYTES = 4


class Wire(BaseModel):
    """A row: unknown columns are dropped, only the parts of the key are required. `repr` shows no values."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Show no values, because some are people's own texts."""
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Isian(Wire):
    """A form. `uraian` and `penyelenggara` belong to an event, `isi` and `bidang` to a contribution."""

    uraian: str | None = None
    penyelenggara: str | None = None
    isi: str | None = None
    bidang: str | None = None


class Dokumen(Wire):
    """A document of an event. `urut` is its number within the event; the view has no other."""

    urut: StrictInt | None = None
    nama: str | None = None
    jenis: str | None = None
    mime: str | None = None
    ukuran: StrictInt | None = None
    terbit: str | None = None

    @property
    def content(self) -> str:
        """A fingerprint of the row."""
        return _fingerprint(self.model_dump_json())


class Masukan(Wire):
    """A contribution to an event, without its author."""

    id: StrictInt | None = None
    isian: str | None = None
    jawaban: str | None = None
    tampil: StrictInt
    masuk: str | None = None

    @property
    def content(self) -> str:
        """A fingerprint of the row."""
        return _fingerprint(self.model_dump_json())


class Konsultasi(Wire):
    """An event, with its documents and contributions. The client sets `ganda` where several rows share one number."""

    tabel: Annotated[str, Field(pattern=r"^[a-z_]{1,20}$")]
    id: Annotated[StrictInt, Field(ge=0)]
    nomor: str | None = None
    judul: str | None = None
    tahap: StrictInt | None = None
    status: str | None = None
    mulai: str | None = None
    selesai: str | None = None
    terima_masukan: StrictInt | None = None
    isian: str | None = None
    tempat: str | None = None
    kelurahan: str | None = None
    lintang: str | None = None
    bujur: str | None = None
    dokumen: tuple[Part[Dokumen], ...] = ()
    masukan: tuple[Part[Masukan], ...] = ()
    ganda: str | None = None

    @property
    def code(self) -> str:
        """The table and the number: the number alone is not unique across the two tables."""
        return f"{self.tabel}/{self.id}"

    @property
    def key(self) -> str:
        """The code; for different rows that share it, with a suffix derived from their content."""
        return f"{self.code}~{self.ganda}" if self.ganda else self.code

    @property
    def content(self) -> str:
        """A fingerprint of the row itself."""
        return _fingerprint(self.model_dump_json(exclude={"ganda", "dokumen", "masukan"}))


class Kotak(Wire):
    """A row of the inbox."""

    id: StrictInt
    isi: str


def _fingerprint(columns: str) -> str:
    return blake2b(columns.encode(), digest_size=_FINGERPRINT_BYTES).hexdigest()
