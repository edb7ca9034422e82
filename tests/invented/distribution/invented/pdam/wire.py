"""The payloads of the water utility, with its own names. `Tabel` contains the rows of each of the others."""

from typing import Annotated

from pydantic import Field, JsonValue

from invented.shared import Column, WireRecord


class Tabel(WireRecord):
    """Every answer: a code, the names of the columns, and the rows as lists of values."""

    rc: str
    kolom: tuple[str, ...] = ()
    baris: Annotated[tuple[JsonValue, ...], Field(repr=False)] = ()


class Rekening(WireRecord):
    """A bill of one connection for one month."""

    NOREK: Column = None
    NOSAMB: Column = None
    NAMA: Column = None
    NIK: Column = None
    ALAMAT: Column = None
    KELURAHAN: Column = None
    BULAN: Column = None
    JUMLAH: Column = None
    DENDA: Column = None
    TEMPO: Column = None
    STATUS: Column = None


class Sambungan(WireRecord):
    """A connection to the water network."""

    NOSAMB: Column = None
    NAMA: Column = None
    NIK: Column = None
    ALAMAT: Column = None
    KELURAHAN: Column = None
    PASANG: Column = None
    STATUS: Column = None


class Gangguan(WireRecord):
    """An outage, planned or not."""

    NOMOR: Column = None
    JUDUL: Column = None
    URAIAN: Column = None
    LOKASI: Column = None
    KELURAHAN: Column = None
    MULAI: Column = None
    SELESAI: Column = None
    TINGKAT: Column = None
    STATUS: Column = None
