"""The old application's interface: `POST /pbb/api/tagihan.php` with a form, JSON back, always status 200 (Q04)."""

import json
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs

from simulators.pbb.legacy.register import Register

PATH: Final = "/pbb/api/tagihan.php"
FOUND: Final = 200
NOT_FOUND: Final = 101
NOT_ALLOWED: Final = 201
INCOMPLETE: Final = 202
_LARGEST: Final = 10_000


class Billing:
    """Answers one form. The key belongs to this application and is not shared with the gateway."""

    def __init__(self, register: Register, key: str) -> None:
        self._register = register
        self._key = key

    def answer(self, form: dict[str, list[str]]) -> dict[str, Any]:
        """Return the answer to a form; only the code in the body reports the outcome (Q04)."""
        if form.get("kunci", [""])[0] != self._key:
            return _without_data(NOT_ALLOWED, "Kunci API tidak dikenal")
        nik = form.get("nik", [""])[0]
        if not nik:
            return _without_data(INCOMPLETE, "NIK wajib diisi")
        rows = self._register.of(nik)
        year = form.get("tahun", [""])[0]
        rows = [row for row in rows if year in ("", row["THN_PAJAK_SPPT"])]
        return (
            {"message_code": FOUND, "message": "OK", "data": rows}
            if rows
            else _without_data(NOT_FOUND, "Data tidak ditemukan")
        )


def _without_data(code: int, message: str) -> dict[str, Any]:
    return {"message_code": code, "message": message, "data": None}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, billing: Billing, *connection: Any) -> None:  # noqa: ANN401 - socketserver's own arguments
        self._billing = billing
        super().__init__(*connection)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), _LARGEST)) if length.isdigit() else b""
        if self.path == PATH:
            answer = self._billing.answer(parse_qs(body.decode("latin1")))
        else:
            answer = _without_data(INCOMPLETE, "Halaman tidak ada")
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - http.server's own signature
        """Log nothing: the form contains a NIK."""


class BillingServer(ThreadingHTTPServer):
    """The old application on a separate loopback port; `port` 0 selects a free one."""

    daemon_threads = True

    def __init__(self, billing: Billing, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), partial(_Handler, billing))

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own signature
        """Ignore disconnecting clients."""

    @property
    def url(self) -> str:
        """The address of the interface."""
        return f"http://127.0.0.1:{self.server_port}{PATH}"
