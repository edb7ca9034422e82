"""What stands in the files, row by row: the columns' own names, and what their file and title say of them.

Nothing is required and nothing is read into a value here: a cell keeps the type that the spreadsheet gave it, because
a number and a text are two different statements (a NIK kept as a number has lost digits).

What the client adds has names of its own, in lower case: `skpd` and `tahun` from the file's name, `program` from the
title rows, `jumlah_peserta` counted, `ganda` where rows share a key (see `Row.key`).
"""

from hashlib import blake2b
from typing import Annotated, Final

from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, StringConstraints

from adapters.legacy.texts import PLACEHOLDERS

# Longer than anything that belongs into such a list; a row with more is refused rather than read.
LONGEST_TEXT: Final = 2000

_DIGEST_BYTES: Final = 12
_SUFFIX_BYTES: Final = 4
_SHORTEST_NIB: Final = 12

# What people type into a name's column because something has to stand there.
NO_NAME: Final = PLACEHOLDERS | {"1"}

CellText = Annotated[StrictStr, StringConstraints(max_length=LONGEST_TEXT)]
Cell = CellText | StrictInt | Annotated[StrictFloat, AllowInfNan(False)] | None


def said(cell: str | float | None) -> str:
    """A cell's content for comparing: capitals, one blank, without the spreadsheet's apostrophe."""
    return " ".join(str("" if cell is None else cell).split()).removeprefix("'").upper()


def digest(*parts: str | float | None, size: int = _DIGEST_BYTES) -> str:
    """A short fingerprint of what the cells say."""
    return blake2b("\x1f".join(map(said, parts)).encode("utf-8", "replace"), digest_size=size).hexdigest()


class Row(BaseModel):
    """One row of a file. The running number in the column NO is made anew with every file, so it is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    skpd: str
    ganda: str | None = None

    def identity(self) -> tuple[str | float | None, ...]:
        """What says which of the agency's records this is."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """Stable however often, and in whichever order, the file is written again.

        Where rows of one file share it, all of them bear a suffix made of everything that they say (Q39): the key of
        none depends on the order, but it changes when a double appears or goes.
        """
        own = digest(self.skpd, *self.identity())
        return f"{own}~{self.ganda}" if self.ganda else own

    @property
    def content(self) -> str:
        """A fingerprint of everything that the row says."""
        return digest(*self.model_dump(exclude={"ganda"}).values(), size=_SUFFIX_BYTES)


class PesertaRow(Row):
    """A participant, from `peserta_<agency>_<year>.xlsx`. Its `repr` shows nothing of the person."""

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
        """The year, who (by NIK where the cell holds any digits, else by name), with which business."""
        numbered = any(character.isdigit() for character in said(self.nik).strip("0"))
        return (self.tahun, self.nik if numbered else self.nama, self.nama_usaha)


class UsahaRow(Row):
    """The business of the same row, without the person behind it."""

    tahun: int
    kelurahan: Cell = Field(default=None, alias="KELURAHAN")
    nama_usaha: Cell = Field(default=None, alias="NAMA USAHA")
    jenis_usaha: Cell = Field(default=None, alias="JENIS USAHA")
    kbli: Cell = Field(default=None, alias="KBLI")
    nib: Cell = Field(default=None, alias="NIB")
    status: Cell = Field(default=None, alias="STATUS")

    def identity(self) -> tuple[str | float | None, ...]:
        """The year, and which business, where."""
        return (self.tahun, self.nama_usaha, self.nib, self.kelurahan)

    @property
    def states_business(self) -> bool:
        """Whether there is a business at all: a name, or a number that could be its NIB."""
        numbered = sum(character.isdigit() for character in said(self.nib)) >= _SHORTEST_NIB
        return numbered or said(self.nama_usaha).casefold() not in NO_NAME | {""}


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
        """The year, and the programme's name."""
        return (self.tahun, self.nama_program)


class TandaTerima(BaseModel):
    """What became of one registration, from `tanda-terima_<agency>.csv`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    kode: CellText = Field(alias="KODE")
    status: CellText = Field(alias="STATUS")
    keterangan: Cell = Field(default=None, alias="KETERANGAN")
