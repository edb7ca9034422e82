"""The elements of the system of market levies, with its own names."""

from invented.shared import Column, WireRecord


class Skrd(WireRecord):
    """A levy of one stall for one month."""

    no_skrd: Column = None
    no_kios: Column = None
    pasar: Column = None
    kelurahan: Column = None
    pedagang: Column = None
    nik: Column = None
    masa: Column = None
    pokok: Column = None
    denda: Column = None
    jatuh_tempo: Column = None
    tgl_setor: Column = None
    status: Column = None


class Izin(WireRecord):
    """A licence for one stall."""

    no_izin: Column = None
    no_kios: Column = None
    pasar: Column = None
    kelurahan: Column = None
    pedagang: Column = None
    nik: Column = None
    mulai: Column = None
    sampai: Column = None
    status: Column = None
