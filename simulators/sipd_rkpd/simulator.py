"""The planning system SIPD: lists of plans and proposals, and a push that always reports success."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators.faults import GENERIC, FaultKind
from simulators.sipd_rkpd import seed
from simulators.sipd_rkpd.on_demand import OnDemand
from simulators.sipd_rkpd.pushing import Desk
from simulators.sipd_rkpd.store import Row, Store
from simulators.spec import Settings, SimulatorSpec, SimulatorState, secret

REGION: Final = "6371"
MAX_LIMIT: Final = 100
_PUSH: Final = "/run/serv/push_usulan"
_NO_SESSION: Final = "every request contains a token: this system has no login and no session"

Body = Mapping[str, Any]
Answer = Mapping[str, Any]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"token": secret(folder, "token"), "region": REGION}


SIMULATOR: Final = SimulatorSpec(
    id="sipd-rkpd",
    why_not={
        FaultKind.LOGIN: _NO_SESSION,
        FaultKind.SESSION_EXPIRED: _NO_SESSION,
        FaultKind.QUOTA: "SIPD has no quota",
        FaultKind.CLOCK_SKEW: "requests contain no time, so a wrong clock has no effect",
    },
    faults=GENERIC,
    settings=_settings,
    is_write=lambda method, path: method == "POST" and path == _PUSH,
)


def _answer(code: int, msg: str, **more: object) -> Answer:
    return {"code": code, "msg": msg, "log": [], **more}


_NOT_FOUND: Final = _answer(404, "Data tidak ditemukan")


class Sipd:
    """The system over its database."""

    def __init__(self, store: Store, desk: Desk, token: str) -> None:
        self._store = store
        self._desk = desk
        self._token = token

    def routes(self) -> list[Route]:
        """Return every route."""
        services: dict[str, Callable[[Body], Answer]] = {
            "cek_token": lambda _parse_body: _answer(200, "Token valid"),
            "get_prog_keg": self.lines,
            "get_usulan": self.proposals,
            "get_usulan_saya": self.own_proposals,
            "get_usulan_id": self.proposal,
            "push_usulan": self.push,
        }
        return [
            Route(f"/run/serv/{name}", self._service(answer), methods=["POST"]) for name, answer in services.items()
        ]

    def lines(self, body: Body) -> Answer:
        """Return a range of the plan lines."""
        total, rows = self._store.lines(*_range(body), _year(body))
        return _answer(200, "Sukses", data=rows, total=str(total))

    def proposals(self, body: Body) -> Answer:
        """Return a range of the proposals, without their proposers."""
        total, rows = self._store.proposals(*_range(body), _year(body))
        return _answer(200, "Sukses", data=[_public(row) for row in rows], total=str(total))

    def own_proposals(self, body: Body) -> Answer:
        """Return a range of one person's proposals."""
        nik = str(body.get("nik") or "")
        if not nik:
            return _answer(422, "NIK wajib diisi")
        total, rows = self._store.proposals_of(nik, str(body.get("teks") or ""), *_range(body))
        return _answer(200, "Sukses", data=[self._own(row) for row in rows], total=str(total))

    def proposal(self, body: Body) -> Answer:
        """Return one proposal; with its proposer only for the proposer's own NIK."""
        number = str(body.get("id_usulan") or "")
        row = self._store.proposal(int(number)) if number.isdecimal() and len(number) < 12 else None
        if row is None:
            return _NOT_FOUND
        own = row["nik"] and row["nik"] == body.get("nik")
        return _answer(200, "Sukses", data=self._own(row) if own else _public(row))

    def push(self, body: Body) -> Answer:
        """Store proposals: the message always reports success, the log has the outcome (Q05)."""
        count, log = self._desk.push(body.get("usulan"))
        return {**_answer(200, f"Sukses menyimpan {count} usulan"), "log": log}

    def _own(self, row: Row) -> Row:
        return {**_public(row), "pengusul": {"nik": row["nik"], "nama": self._store.name_of(row["nik"])}}

    def _service(self, answer: Callable[[Body], Answer]) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            # The token is in a non-standard header (Q21).
            if request.headers.get("authentication") != f"Bearer {self._token}":
                return JSONResponse(_answer(401, "Token tidak valid"))
            if request.query_params.get("kodepemda") != REGION:
                return JSONResponse(_answer(422, "Kode pemda tidak sesuai"))
            return JSONResponse(answer(_parse_body(await request.body())))

        return endpoint


def _parse_body(content: bytes) -> Body:
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _range(body: Body) -> tuple[int, int]:
    start, limit = body.get("start"), body.get("limit")
    return (
        start if isinstance(start, int) and 0 <= start < 1_000_000 else 0,
        min(limit, MAX_LIMIT) if isinstance(limit, int) and limit > 0 else 10,
    )


def _year(body: Body) -> str | None:
    year = body.get("tahun")
    return None if year is None else str(year)


def _public(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "nik"}


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """Return the system over its storage in `state.folder`."""
    store = Store(state.folder / "sipd.sqlite")
    state.closing.callback(store.close)
    if store.empty:
        now, people = state.clock.now(), state.people
        lines, proposals = seed.lines(state.seed, now), seed.proposals(people, state.seed, now)
        store.fill(seed.people(people), lines, proposals)
    on_demand = OnDemand(store, state)
    state.add_record, state.withdraw_record = on_demand.add, on_demand.withdraw
    desk = Desk(store, state.ledger, state.clock)
    return Starlette(routes=Sipd(store, desk, secret(state.folder, "token")).routes())
