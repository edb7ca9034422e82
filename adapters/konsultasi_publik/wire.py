"""The rows of the views, under the names of their columns, and the forms that are kept as JSON in a column of text.

Columns of the type tinyint(1) hold 0 to 9 here; a driver that makes booleans of them is refused, row by row.
"""

from hashlib import blake2b
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from adapters.legacy.envelopes import Part

_SUFFIX_BYTES = 4


class Wire(BaseModel):
    """A row: unknown columns are dropped, nothing is required but what makes the key. Its `repr` shows no values."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Without any of its values, since people's own words stand in some."""
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class Isian(Wire):
    """A form. `uraian` and `penyelenggara` stand in that of an event, `isi` in that of a contribution."""

    uraian: str | None = None
    penyelenggara: str | None = None
    isi: str | None = None


class Dokumen(Wire):
    """A document of an event."""

    nama: str | None = None
    jenis: str | None = None
    mime: str | None = None
    ukuran: StrictInt | None = None
    terbit: str | None = None


class Masukan(Wire):
    """A contribution to an event, without whoever made it."""

    isian: str | None = None
    jawaban: str | None = None
    tampil: StrictInt
    masuk: str | None = None


class Konsultasi(Wire):
    """An event, with its documents and contributions. `ganda` is ours: set where several rows share one number."""

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
        """The table and the number: a number alone stands in two tables."""
        return f"{self.tabel}/{self.id}"

    @property
    def key(self) -> str:
        """The code; where rows of different content share it, each with a suffix made of what it says."""
        return f"{self.code}~{self.ganda}" if self.ganda else self.code

    @property
    def content(self) -> str:
        """A fingerprint of the row itself."""
        said = self.model_dump_json(exclude={"ganda", "dokumen", "masukan"})
        return blake2b(said.encode(), digest_size=_SUFFIX_BYTES).hexdigest()


class Kotak(Wire):
    """What the inbox holds of one contribution."""

    id: StrictInt
    isi: str
