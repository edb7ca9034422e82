"""The payloads of the system of the sports halls, with its own names."""

from typing import Annotated

from pydantic import Field

from invented.shared import Column, WireRecord


class Sewa(WireRecord):
    """A booking of a court for some hours of one day."""

    kode: Column = None
    pemesan: Column = None
    nik: Annotated[int | None, Field(repr=False)] = None
    telepon: Column = None
    gedung: Column = None
    lapangan: Column = None
    hari: Column = None
    jam: Column = None
    status: Column = None


class Gedung(WireRecord):
    """A hall; `letak` is latitude and longitude, `buka` the hours of every day."""

    id: Column = None
    nama: Column = None
    alamat: Column = None
    kelurahan: Column = None
    letak: Column = None
    buka: Column = None
