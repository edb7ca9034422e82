"""The system of market levies: `POST /retribusi/servis.asp`, a form with `aksi`, `pemakai`, `sandi` and `nik`, XML.

Every answer has status 200 and the charset windows-1252. The old column for the NIK has 15 characters; the search
compares as many as a row has.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from invented_simulators.shared import OTHER, RESIDENT, Row, named, specification
from simulators.spec import Settings, SimulatorState, secret

USER: Final = "gerbang"
_OLD_COLUMN: Final = 15


def levies() -> list[Row]:
    """Return the levies. One row is old, and has lost the last digit of the NIK."""
    return [
        {
            "no_skrd": f"SKRD/26/{number}",
            "no_kios": stall,
            "pasar": "Pasar Contoh Lama",
            "kelurahan": "Kel. Pekauman",
            "pedagang": named(person),
            "nik": person.nik[:_OLD_COLUMN] if number == 104 else person.nik,
            "masa": month,
            "pokok": "1.250.000,00",
            "denda": penalty,
            "jatuh_tempo": f"{month}25",
            "tgl_setor": paid,
            "status": status,
        }
        for number, person, stall, month, penalty, paid, status in (
            (101, RESIDENT, "B-12", "202610", "25.000,00", "00000000", "MENUNGGAK"),
            (102, RESIDENT, "B-12", "202609", "0,00", "20260920", "LUNAS"),
            (103, RESIDENT, "B-12", "202611", "0,00", "00000000", "DISPENSASI"),
            (104, RESIDENT, "C-03", "201907", "0,00", "00000000", "BELUM"),
            (105, OTHER, "A-01", "202611", "0,00", "00000000", "BELUM"),
        )
    ]


def licences() -> list[Row]:
    """Return the licences."""
    return [
        {
            "no_izin": f"511.2/{number}/PSR",
            "no_kios": stall,
            "pasar": "Pasar Contoh Lama",
            "kelurahan": "Kel. Pekauman",
            "pedagang": named(person),
            "nik": person.nik,
            "mulai": "20250701",
            "sampai": "20280630",
            "status": status,
        }
        for number, person, stall, status in ((77, RESIDENT, "B-12", "BERLAKU"), (78, OTHER, "A-01", "DIBEKUKAN"))
    ]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"username": USER, "password": secret(folder, "password")}


SIMULATOR: Final = specification("retribusi-pasar", _settings)


def _document(code: str, text: str, element: str, rows: Sequence[Row]) -> Response:
    written = "".join(
        f"<{element}>{''.join(f'<{name}>{escape(str(value))}</{name}>' for name, value in row.items())}</{element}>\n"
        for row in rows
    )
    body = (
        '<?xml version="1.0" encoding="windows-1252"?>\n'
        f"<jawaban><kode>{code}</kode><ket>{text}</ket><daftar>\n{written}</daftar></jawaban>"
    )
    return Response(body.encode("cp1252"), media_type="text/xml")


def build(office: str | None, state: SimulatorState) -> ASGIApp:
    """Build the server."""
    password = secret(state.folder, "password")

    async def answer(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("latin-1")).items()}
        if form.get("pemakai") != USER or form.get("sandi") != password:
            return _document("91", "PEMAKAI DITOLAK", "x", ())
        tables = {"cek": ("x", []), "tagihan": ("skrd", levies()), "izin": ("izin", licences())}
        element, rows = tables.get(form.get("aksi", ""), ("", None))
        if rows is None:
            return _document("30", "AKSI TIDAK DIKENAL", "x", ())
        nik = form.get("nik", "")
        return _document("00", "BERHASIL", element, [row for row in rows if nik and nik.startswith(row["nik"])])

    return Starlette(routes=[Route("/retribusi/servis.asp", answer, methods=["POST"])])
