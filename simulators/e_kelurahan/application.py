"""The application: its worker slots, its routes, and its endpoints."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from simulators import faults
from simulators.e_kelurahan import pages
from simulators.e_kelurahan.answers import form, html, is_ajax, number, redirect, rows
from simulators.e_kelurahan.filing import Desk
from simulators.e_kelurahan.pdf import pdf
from simulators.e_kelurahan.sessions import Session, Sessions
from simulators.e_kelurahan.store import Row, Store
from simulators.faults import Fault, FaultKind
from simulators.spec import SimulatorState, secret

SLOTS: Final = 8
PAGE: Final = 50
_WORK_SECONDS: Final = 0.004
_ALL: Final = 1000
_COLUMNS: Final = ("tabel", "id", "nik", "nama", "kelurahan", "keperluan", "tanggal", "status")

SessionEndpoint = Callable[[Request, Session], Awaitable[Response]]


class Kelurahan:
    """The application as an ASGI callable."""

    def __init__(self, state: SimulatorState, store: Store) -> None:
        self._state = state
        self._store = store
        self._sessions = Sessions(state.clock, lambda: secret(state.folder, "password"))
        self._filing = Desk(store, state)
        self._busy = 0
        self._router = Router(
            [
                Route("/login", self._show_login, methods=["GET"]),
                Route("/login", self._log_in, methods=["POST"]),
                Route("/layanan", self._services, methods=["GET"]),
                Route("/permohonan", self._logged_in(self._list), methods=["GET"]),
                Route("/permohonan/cari", self._logged_in(self._search), methods=["POST"]),
                Route("/permohonan/baru", self._logged_in(self._new), methods=["GET"]),
                Route("/permohonan/simpan", self._logged_in(self._save), methods=["POST"]),
                Route("/permohonan/{table}/{number}", self._logged_in(self._detail), methods=["GET"]),
                Route("/permohonan/{table}/{number}/tindak", self._logged_in(self._step), methods=["POST"]),
                Route("/berkas/{number:int}", self._logged_in(self._file), methods=["GET"]),
                Route("/beranda", self._logged_in(self._home), methods=["GET"]),
            ]
        )
        state.count_sessions = self._sessions.count
        state.add_record = self._filing.add
        state.withdraw_record = self._filing.withdraw
        state.faults.on_change = self._fault_set

    def _fault_set(self, fault: Fault) -> None:
        if fault.kind is FaultKind.SESSION_EXPIRED:
            self._sessions.end_all()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, if a slot is free."""
        if self._busy >= SLOTS:
            await PlainTextResponse("Server sibuk\n", 503)(scope, receive, send)
            return
        self._busy += 1
        try:
            await asyncio.sleep(_WORK_SECONDS)
            if faults.current(scope) is FaultKind.LOGIN:
                await self._login_page()(scope, receive, send)
            else:
                await self._router(scope, receive, send)
        finally:
            self._busy -= 1

    def _logged_in(self, endpoint: SessionEndpoint) -> Callable[[Request], Awaitable[Response]]:
        """Wrap `endpoint` so that clients without a session get the login page."""

        async def guarded(request: Request) -> Response:
            session = self._sessions.find(request.cookies.get("ci_session"))
            if session is not None and session.logged_in:
                return await endpoint(request, session)
            # Q01: status 200 and the login page; browser navigation is redirected to it first.
            return redirect("/login") if request.method == "GET" and not is_ajax(request) else self._login_page()

        return guarded

    def _login_page(self, message: str = "") -> Response:
        cookie, session = self._sessions.open()
        return self._with_session(html(pages.login(session.token, message)), cookie)

    def _with_session(self, response: Response, cookie: str) -> Response:
        # For the whole site and without Secure, as the old framework does (Q63).
        response.set_cookie("ci_session", cookie, httponly=True, samesite=None)
        return response

    def _forbidden(self) -> Response:
        return html(pages.message("An Error Was Encountered", "The action you have requested is not allowed."), 403)

    async def _show_login(self, _request: Request) -> Response:
        return self._login_page()

    async def _log_in(self, request: Request) -> Response:
        session = self._sessions.find(request.cookies.get("ci_session"))
        fields = await form(request)
        if session is None or fields.get("csrf_test_name") != session.token:
            return self._forbidden()
        cookie = self._sessions.log_in(fields.get("identity", ""), fields.get("password", ""))
        if cookie is None:
            locked = self._sessions.locked
            return self._login_page("Akun terkunci sementara." if locked else "Login tidak berhasil.")
        self._state.logins += 1
        return self._with_session(redirect("/beranda"), cookie)

    async def _home(self, _request: Request, _session: Session) -> Response:
        return html(pages.message("Beranda", "Selamat datang di e-Kelurahan."))

    async def _services(self, request: Request) -> Response:
        start = number(request.query_params.get("start"), 0, 1_000_000)
        length = number(request.query_params.get("length"), 10, PAGE)
        total, found = self._store.services(start, length)
        if is_ajax(request):
            return rows(found, total)
        return html(pages.table("Layanan", ("kode", "nama", "jangka_waktu", "biaya"), found))

    async def _list(self, request: Request, _session: Session) -> Response:
        return self._applications(request, request.query_params, ("kelurahan", "kecamatan"))

    async def _search(self, request: Request, _session: Session) -> Response:
        # The agency exempted this path from the CSRF token.
        return self._applications(request, await form(request), ("nik", "teks", "kelurahan", "kecamatan"))

    def _applications(self, request: Request, parameters: Mapping[str, str], filters: tuple[str, ...]) -> Response:
        where = {name: parameters[name].strip() for name in filters if parameters.get(name)}
        start, length = (
            number(parameters.get("start"), 0, 1_000_000),
            max(1, number(parameters.get("length"), 10, PAGE)),
        )
        total, found = self._store.applications(where, start, length)
        if total and not found:
            # A page past the end repeats the last one (Q36).
            total, found = self._store.applications(where, (total - 1) // length * length, length)
        if is_ajax(request):
            return rows([{k: v for k, v in row.items() if k != "id_penduduk"} for row in found], total)
        return html(pages.table("Permohonan", _COLUMNS, found))

    async def _detail(self, request: Request, session: Session) -> Response:
        return self._application(request, session)

    def _application(self, request: Request, session: Session, errors: str = "") -> Response:
        table, number = request.path_params["table"], request.path_params["number"]
        row = self._store.application(table, number)
        if row is None:
            return html(pages.message("Permohonan", "Data tidak ditemukan."))
        history, files = self._store.history(table, number), self._store.files(table, number)
        return html(pages.detail(row, history, files, session.token, errors))

    async def _step(self, request: Request, session: Session) -> Response:
        fields = await form(request)
        if fields.get("csrf_test_name") != session.token:
            return self._forbidden()
        table, number = request.path_params["table"], request.path_params["number"]
        row = self._store.application(table, number)
        errors = self._filing.step(row, fields) if row is not None else ""
        if row is None or errors:
            return self._application(request, session, errors)
        return redirect(f"/permohonan/{table}/{number}")

    async def _file(self, request: Request, _session: Session) -> Response:
        file = self._store.file(request.path_params["number"] % 10**9)
        if file is None:
            return html(pages.message("Berkas", "Berkas tidak ditemukan."))
        kind, name = file["jenis"], f"{file['jenis']}-{file['id']}.pdf"
        lines = ("PEMERINTAH KOTA BANJARMASIN", f"Berkas: {kind}", f"Nomor: {file['nomor'] or '-'}", file["tanggal"])
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(pdf(lines), headers=disposition, media_type="application/pdf")

    def _offered(self) -> list[Row]:
        return self._store.services(0, _ALL)[1]

    async def _new(self, _request: Request, session: Session) -> Response:
        return html(pages.new(session.token, self._offered(), {}))

    async def _save(self, request: Request, session: Session) -> Response:
        fields = await form(request)
        if fields.get("csrf_test_name") != session.token:
            return self._forbidden()
        key, errors = self._filing.save(fields)
        if key is None:
            return html(pages.new(session.token, self._offered(), fields, errors))
        return redirect(f"/permohonan/{key}")
