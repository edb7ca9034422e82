"""The system of school admission: `POST /api/masuk` returns a session, `POST /api/pendaftaran/wali` lists by parent.

Every answer has status 200: `{"status": "success", "data": {…}}`, or `status` `error` with a text in `message`. A
session is sent in the header `X-Sesi`. Moments are Unix seconds.
"""

import secrets
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from invented_simulators.shared import OTHER, RESIDENT, Row, asked_fields, named, rows_of, specification
from simulators.faults import Fault, FaultKind
from simulators.people import Person
from simulators.spec import Settings, SimulatorState, secret

USER: Final = "gerbang"
_JUNE: Final = 1_781_827_200
"""19 June 2026, 08:00 WITA."""
_DAY: Final = 86_400


def _registration(number: int, parent: Person, child: str, level: str, status: str, *after: str, **more: Any) -> Row:
    steps = ("DAFTAR", *after, status) if status != "DAFTAR" else ("DAFTAR",)
    history = [
        {"waktu": _JUNE + at * _DAY, "status": step, "oleh": "Panitia PPDB", "catatan": "" if at else "Daftar daring"}
        for at, step in enumerate(steps)
    ]
    return {
        "no_daftar": f"PPDB-2026-{number}",
        "jenjang": level,
        "wali_nama": named(parent),
        "wali_nik": parent.nik,
        "wali_hp": parent.phone,
        "anak_nama": child,
        "anak_nik": f"637199120514{number}",
        "anak_lahir": "2014-05-12",
        "dibuat": _JUNE,
        "diubah": history[-1]["waktu"],
        "status": status,
        "npsn": None,
        "sekolah": None,
        "kelurahan": "Pekauman",
        "riwayat": history,
        **more,
    }


def registrations() -> list[Row]:
    """Return the registrations."""
    school = {"npsn": "69971991", "sekolah": "SMPN Contoh 1"}
    return [
        _registration(1001, RESIDENT, "ANAK CONTOH SATU", "SMP", "DITERIMA", "TERVERIFIKASI", **school),
        _registration(1002, RESIDENT, "ANAK CONTOH DUA", "SD", "TITIPAN", kelurahan="Teluk Dalam"),
        _registration(1003, OTHER, "ANAK CONTOH TIGA", "SMP", "CADANGAN", "TERVERIFIKASI"),
    ]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"username": USER, "password": secret(folder, "password")}


SIMULATOR: Final = specification("ppdb", _settings, session=True)


def _error(text: str) -> Response:
    return JSONResponse({"status": "error", "message": text})


def build(office: str | None, state: SimulatorState) -> ASGIApp:
    """Build the server."""
    password, sessions = secret(state.folder, "password"), set[str]()
    state.count_sessions = lambda: len(sessions)

    def on_change(fault: Fault) -> None:
        if fault.kind is FaultKind.SESSION_EXPIRED:
            sessions.clear()

    state.faults.on_change = on_change

    async def log_in(request: Request) -> Response:
        asked = await asked_fields(request)
        if asked.get("pengguna") != USER or asked.get("sandi") != password:
            return _error("AKUN DITOLAK")
        state.logins += 1
        session = secrets.token_hex(16)
        sessions.add(session)
        return JSONResponse({"status": "success", "data": {"token": session}})

    async def by_parent(request: Request) -> Response:
        if request.headers.get("x-sesi") not in sessions:
            return _error("SESI HABIS")
        found = rows_of(registrations(), "wali_nik", (await asked_fields(request)).get("nik"))
        return JSONResponse({"status": "success", "data": {"total": len(found), "list": found}})

    return Starlette(
        routes=[
            Route("/api/masuk", log_in, methods=["POST"]),
            Route("/api/pendaftaran/wali", by_parent, methods=["POST"]),
        ]
    )
