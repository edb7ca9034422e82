"""The rows of the files, with their column names, and the values from a file's name and title.

Nothing is required and no value is converted here: a cell keeps the type of the spreadsheet, because a number and a
text have different meanings (a NIK stored as a number has lost digits).

Fields that the client adds have lower-case names: `skpd` and `tahun` from the file's name, `program` from the title
rows, `jumlah_peserta` counted, `ganda` where rows share a key (see `Row.key`).
"""

from hashlib import blake2b
from typing import Annotated, Final

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, StringConstraints

from adapters.legacy.texts import PLACEHOLDERS

# Longer than any valid cell; a row with a longer one is refused.
LONGEST_TEXT: Final = 2000

_DIGEST_BYTES: Final = 12
_SUFFIX_BYTES: Final = 4
_SHORTEST_NIB: Final = 12

# Placeholders in the required column of a name.
NO_NAME: Final = PLACEHOLDERS | {"1"}

CellText = Annotated[StrictStr, StringConstraints(max_length=LONGEST_TEXT)]
Cell = CellText | StrictInt | Annotated[StrictFloat, AllowInfNan(False)] | None


def fold_cell(cell: str | float | None) -> str:
    """Return a cell's content for comparison: upper case, single blanks, without the spreadsheet's apostrophe."""
    return " ".join(str("" if cell is None else cell).split()).removeprefix("'").upper()


def digest(*parts: str | float | None, size: int = _DIGEST_BYTES) -> str:
    """Return a short fingerprint of the cells' contents."""
    return blake2b("\x1f".join(map(fold_cell, parts)).encode("utf-8", "replace"), digest_size=size).hexdigest()


def programme_key(agency: str, year: int, name: str) -> str:
    """Return the key of a programme that is alone with this name in its agency's list of this year."""
    return digest(agency, year, name)


class Row(BaseModel):
    """One row of a file. The running number in the column NO changes with every file, so it is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    skpd: str
    ganda: str | None = None

    def identity(self) -> tuple[str | float | None, ...]:
        """Return the values that identify the record among those of the agency."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """A key that does not depend on how often and in which order the file is written.

        Rows of one file that share it all get a suffix derived from their other values (Q39). So no key depends on the
        order, but a key changes when a duplicate appears or disappears.
        """
        own = digest(self.skpd, *self.identity())
        return f"{own}~{self.ganda}" if self.ganda else own

    @property
    def content(self) -> str:
        """A fingerprint of all values of the row."""
        return digest(*self.model_dump(exclude={"ganda"}).values(), size=_SUFFIX_BYTES)


class PesertaRow(Row):
    """A participant, from `peserta_<agency>_<year>.xlsx`. `repr` shows no personal data."""

    tahun: int
    program: str | None = None
    kelurahan: Cell = Field(default=None, alias="KELURAHAN")
    nama: Cell = Field(default=None, alias="NAMA", repr=False)
    nik: Cell = Field(default=None, alias="NIK", repr=False)
    jenis_kelamin: Cell = Field(default=None, alias="L/P", repr=False)
    no_hp: Cell = Field(default=None, alias="NO. HP", repr=False)
    kelompok: Cell = Field(default=None, alias="KELOMPOK", repr=False)
    nama_usaha: Cell = Field(default=None, alias="NAMA USAHA", repr=False)
    jenis_usaha: Cell = Field(default=None, alias="JENIS USAHA", repr=False)
    bantuan: Cell = Field(default=None, alias="BANTUAN", repr=False)
    tanggal_daftar: Cell = Field(default=None, alias="TANGGAL DAFTAR", repr=False)
    status: Cell = Field(default=None, alias="STATUS", repr=False)
    per_tanggal: Cell = Field(default=None, alias="PER TANGGAL", repr=False)

    def identity(self) -> tuple[str | float | None, ...]:
        """The year, the person (by NIK if the cell has digits, else by name), and the business."""
        numbered = any(character.isdigit() for character in fold_cell(self.nik).strip("0"))
        return (self.tahun, self.nik if numbered else self.nama, self.nama_usaha)


class UsahaRow(Row):
    """The business in a participant's row, without its owner."""

    tahun: int
    kelurahan: Cell = Field(default=None, alias="KELURAHAN")
    nama_usaha: Cell = Field(default=None, alias="NAMA USAHA")
    jenis_usaha: Cell = Field(default=None, alias="JENIS USAHA")
    kbli: Cell = Field(default=None, alias="KBLI")
    nib: Cell = Field(default=None, alias="NIB")
    status: Cell = Field(default=None, alias="STATUS")

    def identity(self) -> tuple[str | float | None, ...]:
        """The year, the business, and its kelurahan."""
        return (self.tahun, self.nama_usaha, self.nib, self.kelurahan)

    @property
    def states_business(self) -> bool:
        """Whether the row has a business: a name, or a number that could be a NIB."""
        numbered = sum(character.isdigit() for character in fold_cell(self.nib)) >= _SHORTEST_NIB
        return numbered or fold_cell(self.nama_usaha).casefold() not in NO_NAME | {""}


class ProgramRow(Row):
    """A programme, from `program_<agency>.csv`."""

    nama_program: Cell = Field(default=None, alias="NAMA PROGRAM")
    tahun: Cell = Field(default=None, alias="TAHUN")
    nama_skpd: Cell = Field(default=None, alias="SKPD")
    kuota: Cell = Field(default=None, alias="KUOTA")
    bantuan: Cell = Field(default=None, alias="BANTUAN PER ORANG")
    batas: Cell = Field(default=None, alias="BATAS PENDAFTARAN")
    uraian: Cell = Field(default=None, alias="URAIAN")
    jumlah_peserta: int | None = None

    def identity(self) -> tuple[str | float | None, ...]:
        """The year, and the programme's name: `programme_key` makes the same key of them."""
        return (self.tahun, self.nama_program)


class TandaTerima(BaseModel):
    """The outcome of one registration, from `tanda-terima_<agency>.csv`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    kode: CellText = Field(alias="KODE")
    status: CellText = Field(alias="STATUS")
    keterangan: Cell = Field(default=None, alias="KETERANGAN")
