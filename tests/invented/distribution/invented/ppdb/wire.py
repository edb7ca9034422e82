"""The payloads of the system of school admission, with its own names."""

from typing import Annotated

from pydantic import Field, JsonValue

from adapters.legacy.envelopes import Part
from invented.shared import Column, WireRecord


class Envelope(WireRecord):
    """Every answer: a state in words, a text, and the data."""

    status: str
    message: str | None = None
    data: Annotated[dict[str, JsonValue] | None, Field(repr=False)] = None


class Sesi(WireRecord):
    """The data of a login."""

    token: Annotated[str, Field(repr=False, min_length=1)]


class Daftar(WireRecord):
    """The data of a list."""

    list: Annotated[tuple[JsonValue, ...], Field(repr=False)]


class Langkah(WireRecord):
    """A step of a registration; `waktu` in Unix seconds."""

    waktu: int | None = None
    status: Column = None
    oleh: Column = None
    catatan: Column = None


class Pendaftaran(WireRecord):
    """A registration of one child; `dibuat` and `diubah` in Unix seconds."""

    no_daftar: Column = None
    jenjang: Column = None
    wali_nama: Column = None
    wali_nik: Column = None
    wali_hp: Column = None
    anak_nama: Column = None
    anak_nik: Column = None
    anak_lahir: Column = None
    dibuat: Annotated[int | None, Field(repr=False)] = None
    diubah: Annotated[int | None, Field(repr=False)] = None
    status: Column = None
    npsn: Column = None
    sekolah: Column = None
    kelurahan: Column = None
    riwayat: Annotated[tuple[Part[Langkah], ...], Field(repr=False)] = ()
