"""The system of the sports halls: `POST /v2/gedung` and `POST /v2/sewa/cari`, basic authentication, bare JSON lists.

It uses the statuses of HTTP: 401 for a wrong account, 404 for a person without bookings.
"""

from base64 import b64encode
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from invented_simulators.shared import OTHER, RESIDENT, Row, asked_fields, named, rows_of, specification
from simulators.spec import Settings, SimulatorState, secret

USER: Final = "gerbang"
_HALL: Final = "GOR Contoh Hasanah"
HALLS: Final[list[Row]] = [
    {
        "id": 1,
        "nama": _HALL,
        "alamat": "Jl. Contoh Raga No. 9",
        "kelurahan": "Teluk Dalam",
        "letak": "-3.3120,114.5825",
        "buka": "07.00-22.00",
    },
    {
        "id": 2,
        "nama": "Lapangan Contoh Mantuil",
        "alamat": "Jl. Contoh Dermaga",
        "kelurahan": "Mantuil",
        "letak": "114.5700,-3.3500",
        "buka": "",
    },
]


def bookings() -> list[Row]:
    """Return the bookings."""
    return [
        {
            "kode": f"GOR-{number}",
            "pemesan": named(person),
            "nik": int(person.nik),
            "telepon": person.phone,
            "gedung": _HALL,
            "lapangan": court,
            "hari": day,
            "jam": hours,
            "status": status,
        }
        for number, person, court, day, hours, status in (
            (2611007, RESIDENT, "Lapangan bulu tangkis 2", "Sabtu, 5 Desember 2026", "19.00-21.00", "DIPESAN"),
            (2611008, RESIDENT, "Lapangan futsal", "Minggu, 8 Nopember 2026", "08.00-10.00", "SELESAI"),
            (2611009, RESIDENT, "Lapangan tenis", "Senin, 7 Desember 2026", "06.00-07.00", "DIGESER"),
            (2611010, OTHER, "Lapangan futsal", "Sabtu, 5 Desember 2026", "19.00-21.00", "DIPESAN"),
        )
    ]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"username": USER, "password": secret(folder, "password")}


SIMULATOR: Final = specification("gor", _settings)


def build(office: str | None, state: SimulatorState) -> ASGIApp:
    """Build the server."""
    account = b64encode(f"{USER}:{secret(state.folder, 'password')}".encode()).decode("ascii")

    def refusal(request: Request) -> Response | None:
        right = request.headers.get("authorization") == f"Basic {account}"
        return None if right else JSONResponse({"galat": "akun ditolak"}, 401)

    async def halls(request: Request) -> Response:
        return refusal(request) or JSONResponse(HALLS)

    async def search(request: Request) -> Response:
        found = rows_of(bookings(), "nik", (await asked_fields(request)).get("nik"))
        return refusal(request) or (JSONResponse(found) if found else JSONResponse({"galat": "tidak ada"}, 404))

    return Starlette(
        routes=[Route("/v2/gedung", halls, methods=["POST"]), Route("/v2/sewa/cari", search, methods=["POST"])]
    )
