"""The system of the water utility: `POST /h2h`, JSON with `KUNCI`, `LAYANAN` and `NIK`.

Every answer has status 200: `{"rc": "0000", "kolom": [names], "baris": [[values]]}`. 0063 is "nothing found", 0014
refuses the key, 0030 refuses the request.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from invented_simulators.shared import OTHER, RESIDENT, Row, asked_fields, named, rows_of, specification
from simulators.people import Person
from simulators.spec import Settings, SimulatorState, secret

_CONNECTIONS: Final = {RESIDENT.nik: "0110203", OTHER.nik: "0110777"}


def _customer(person: Person) -> Row:
    return {
        "NOSAMB": _CONNECTIONS[person.nik],
        "NAMA": named(person),
        "NIK": person.nik,
        "ALAMAT": person.street,
        "KELURAHAN": person.kelurahan,
    }


def bills() -> list[Row]:
    """Return the bills."""
    return [
        {
            "NOREK": f"R{month[3:]}{month[:2]}{_CONNECTIONS[person.nik]}",
            **_customer(person),
            "BULAN": month,
            "JUMLAH": amount,
            "DENDA": penalty,
            "TEMPO": f"20/{month}",
            "STATUS": status,
        }
        for person, month, amount, penalty, status in (
            (RESIDENT, "11/2026", "185.400,00", "0,00", "BELUM BAYAR"),
            (RESIDENT, "10/2026", "172.900,00", "10.000,00", "TERLAMBAT"),
            (RESIDENT, "02/2019", "98.000,00", "0,00", "DIHAPUSBUKUKAN"),
            (OTHER, "11/2026", "64.250,00", "0,00", "LUNAS"),
        )
    ]


def connections() -> list[Row]:
    """Return the connections."""
    return [
        {**_customer(RESIDENT), "PASANG": "17/08/2018", "STATUS": "AKTIF"},
        {**_customer(OTHER), "PASANG": "01/03/2021", "STATUS": "SEGEL"},
    ]


def outages() -> list[Row]:
    """Return the outages."""
    columns = ("NOMOR", "JUDUL", "URAIAN", "LOKASI", "KELURAHAN", "MULAI", "SELESAI", "TINGKAT", "STATUS")
    pipe, pump = "Pipa bocor di Mantuil", "Perawatan pompa"
    return [
        dict(zip(columns, row, strict=True))
        for row in (
            (
                "G-31",
                pipe,
                "Air padam",
                "Jl. Contoh Dermaga",
                "Mantuil",
                "2026-11-23 06:30",
                "",
                "BERAT",
                "BERLANGSUNG",
            ),
            ("G-32", pump, "-", "-", "Pekauman", "2026-12-01 22:00", "2026-12-02 04:00", "RINGAN", "DIJADWALKAN"),
            ("G-33", "Air keruh", "-", "-", "Teluk Dalam", "2026-11-20 10:00", "", "AGAK BERAT", "DIPANTAU"),
        )
    ]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"access_key": secret(folder, "access-key")}


SIMULATOR: Final = specification("pdam", _settings)


def _table(rows: Sequence[Row]) -> Response:
    if not rows:
        return JSONResponse({"rc": "0063", "rd": "DATA TIDAK DITEMUKAN"})
    baris = [list(row.values()) for row in rows]
    return JSONResponse({"rc": "0000", "rd": "SUKSES", "kolom": list(rows[0]), "baris": baris})


def build(office: str | None, state: SimulatorState) -> ASGIApp:
    """Build the server."""
    key = secret(state.folder, "access-key")

    async def answer(request: Request) -> Response:
        asked = await asked_fields(request)
        service, nik = asked.get("LAYANAN"), asked.get("NIK")
        if asked.get("KUNCI") != key:
            return JSONResponse({"rc": "0014", "rd": "KUNCI TIDAK DIKENAL"})
        if service == "GANGGUAN":
            return _table(outages())
        if service == "REKENING":
            return _table(rows_of(bills(), "NIK", nik))
        if service == "SAMBUNGAN":
            return _table(rows_of(connections(), "NIK", nik))
        if service == "ECHO":
            return JSONResponse({"rc": "0000", "rd": "SUKSES", "kolom": ["ECHO"], "baris": []})
        return JSONResponse({"rc": "0030", "rd": "LAYANAN TIDAK DIKENAL"})

    return Starlette(routes=[Route("/h2h", answer, methods=["POST"])])
