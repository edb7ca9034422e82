"""The library system: `POST /layanan/{status,anggota,denda,cabang}.php`, JSON, with the key in `X-Kunci`.

Every answer has status 200: `{"sukses": 1, "pesan": "OK", "hasil": […]}`, or `sukses` 0 with a text in `pesan`.
"""

from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from invented_simulators.shared import OTHER, RESIDENT, Row, asked_fields, named, rows_of, specification
from simulators.spec import Settings, SimulatorState, secret

_HOURS: Final = ["08.00-16.00"] * 4 + ["08.00-11.00", "09.00-12.00", "TUTUP"]
BRANCHES: Final[list[Row]] = [
    {
        "kode": "PST",
        "nama": "Perpustakaan Contoh Pusat",
        "alamat": "Jl. Contoh Baca No. 1",
        "kelurahan": "Pekauman",
        "lintang": "-3,3301",
        "bujur": "114,5902",
        "telp": "0511-3250001",
        "jadwal": _HOURS,
    },
    {
        "kode": "MTL",
        "nama": "Pojok Baca Mantuil",
        "alamat": "Jl. Contoh Dermaga",
        "kelurahan": "MANTUIL",
        "lintang": "0",
        "bujur": "0",
        "telp": "-",
        "jadwal": _HOURS,
    },
]


def members() -> list[Row]:
    """Return the members."""
    return [
        {
            "no_anggota": f"PB-{serial}",
            "nama": named(person),
            "nik": person.nik,
            "hp": person.phone,
            "tgl_daftar": "02/01/2026",
            "berlaku_sd": "31/12/2026",
            "status": status,
        }
        for serial, person, status in ((2026011, RESIDENT, "AKTIF"), (2026027, OTHER, "DITINJAU"))
    ]


def fines() -> list[Row]:
    """Return the fines."""
    return [
        {
            "id_denda": f"D{number}",
            "no_anggota": f"PB-20260{11 if person is RESIDENT else 27}",
            "nama": named(person),
            "nik": person.nik,
            "tgl_kembali": day,
            "jumlah": amount,
            "tgl_bayar": paid,
            "lunas": "Y" if paid else "T",
        }
        for number, person, day, amount, paid in (
            (7001, RESIDENT, "14/10/2026", "15.000,00", ""),
            (7002, RESIDENT, "03/03/2026", "2.500,00", "05/03/2026"),
            (7003, OTHER, "20/09/2026", "7.500,00", ""),
        )
    ]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"api_key": secret(folder, "api-key")}


SIMULATOR: Final = specification("perpustakaan", _settings)


def build(office: str | None, state: SimulatorState) -> ASGIApp:
    """Build the server."""
    key = secret(state.folder, "api-key")

    async def answer(request: Request) -> Response:
        if request.headers.get("x-kunci") != key:
            return JSONResponse({"sukses": 0, "pesan": "KUNCI SALAH"})
        nik = (await asked_fields(request)).get("nik")
        found = {
            "status": [],
            "anggota": rows_of(members(), "nik", nik),
            "denda": rows_of(fines(), "nik", nik),
            "cabang": BRANCHES,
        }.get(request.path_params["layanan"])
        if found is None:
            return JSONResponse({"sukses": 0, "pesan": "LAYANAN TIDAK ADA"})
        return JSONResponse({"sukses": 1, "pesan": "OK", "hasil": found})

    return Starlette(routes=[Route("/layanan/{layanan}.php", answer, methods=["POST"])])
