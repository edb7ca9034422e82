"""The payloads of the library system, with its own names."""

from typing import Annotated

from pydantic import Field, JsonValue

from invented.shared import Column, WireRecord


class Envelope(WireRecord):
    """Every answer: whether it succeeded, a text, and the rows."""

    sukses: int
    pesan: str | None = None
    hasil: Annotated[list[JsonValue] | None, Field(repr=False)] = None


class Anggota(WireRecord):
    """A member of the library."""

    no_anggota: Column = None
    nama: Column = None
    nik: Column = None
    hp: Column = None
    tgl_daftar: Column = None
    berlaku_sd: Column = None
    status: Column = None


class Denda(WireRecord):
    """A fine for a book that came back late."""

    id_denda: Column = None
    no_anggota: Column = None
    nama: Column = None
    nik: Column = None
    tgl_kembali: Column = None
    jumlah: Column = None
    tgl_bayar: Column = None
    lunas: Column = None


class Cabang(WireRecord):
    """A branch of the library; `jadwal` has one text for each day, from Monday on."""

    kode: Column = None
    nama: Column = None
    alamat: Column = None
    kelurahan: Column = None
    lintang: Column = None
    bujur: Column = None
    telp: Column = None
    jadwal: Annotated[tuple[str | None, ...], Field(repr=False)] = ()
