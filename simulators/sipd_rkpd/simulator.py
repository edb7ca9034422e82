"""The planning system SIPD: lists of plans and proposals, and a push that always says it succeeded."""

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
LARGEST_STRETCH: Final = 100
_PUSH: Final = "/run/serv/push_usulan"
_NO_SESSION: Final = "a token stands in every request: this system has no login and no session"

Asked = Mapping[str, Any]
Answer = Mapping[str, Any]


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"token": secret(folder, "token"), "region": REGION}


SIMULATOR: Final = SimulatorSpec(
    id="sipd-rkpd",
    why_not={
        FaultKind.LOGIN: _NO_SESSION,
        FaultKind.SESSION_EXPIRED: _NO_SESSION,
        FaultKind.QUOTA: "SIPD counts no requests",
        FaultKind.CLOCK_SKEW: "requests carry no time, so a wrong clock goes unnoticed",
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
        """Every path."""
        services: dict[str, Callable[[Asked], Answer]] = {
            "cek_token": lambda _asked: _answer(200, "Token valid"),
            "get_prog_keg": self.lines,
            "get_usulan": self.proposals,
            "get_usulan_saya": self.own_proposals,
            "get_usulan_id": self.proposal,
            "push_usulan": self.push,
        }
        return [
            Route(f"/run/serv/{name}", self._service(answer), methods=["POST"]) for name, answer in services.items()
        ]

    def lines(self, asked: Asked) -> Answer:
        """A stretch of the lines of the plans."""
        total, rows = self._store.lines(*_stretch(asked), _year(asked))
        return _answer(200, "Sukses", data=rows, total=str(total))

    def proposals(self, asked: Asked) -> Answer:
        """A stretch of the proposals, without who made them."""
        total, rows = self._store.proposals(*_stretch(asked), _year(asked))
        return _answer(200, "Sukses", data=[_public(row) for row in rows], total=str(total))

    def own_proposals(self, asked: Asked) -> Answer:
        """A stretch of one person's proposals."""
        nik = str(asked.get("nik") or "")
        if not nik:
            return _answer(422, "NIK wajib diisi")
        total, rows = self._store.proposals_of(nik, str(asked.get("teks") or ""), *_stretch(asked))
        return _answer(200, "Sukses", data=[self._own(row) for row in rows], total=str(total))

    def proposal(self, asked: Asked) -> Answer:
        """One proposal; with its proposer only for themselves."""
        number = str(asked.get("id_usulan") or "")
        row = self._store.proposal(int(number)) if number.isdecimal() and len(number) < 12 else None
        if row is None:
            return _NOT_FOUND
        theirs = row["nik"] and row["nik"] == asked.get("nik")
        return _answer(200, "Sukses", data=self._own(row) if theirs else _public(row))

    def push(self, asked: Asked) -> Answer:
        """Take proposals: the message is a success whatever happens, the log says what did (Q05)."""
        count, log = self._desk.push(asked.get("usulan"))
        return {**_answer(200, f"Sukses menyimpan {count} usulan"), "log": log}

    def _own(self, row: Row) -> Row:
        return {**_public(row), "pengusul": {"nik": row["nik"], "nama": self._store.name_of(row["nik"])}}

    def _service(self, answer: Callable[[Asked], Answer]) -> Callable[[Request], object]:
        async def endpoint(request: Request) -> Response:
            # The token stands in another header than everywhere else (Q21).
            if request.headers.get("authentication") != f"Bearer {self._token}":
                return JSONResponse(_answer(401, "Token tidak valid"))
            if request.query_params.get("kodepemda") != REGION:
                return JSONResponse(_answer(422, "Kode pemda tidak sesuai"))
            return JSONResponse(answer(_asked(await request.body())))

        return endpoint


def _asked(body: bytes) -> Asked:
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


def _stretch(asked: Asked) -> tuple[int, int]:
    start, limit = asked.get("start"), asked.get("limit")
    return (
        start if isinstance(start, int) and 0 <= start < 1_000_000 else 0,
        min(limit, LARGEST_STRETCH) if isinstance(limit, int) and limit > 0 else 10,
    )


def _year(asked: Asked) -> str | None:
    year = asked.get("tahun")
    return None if year is None else str(year)


def _public(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "nik"}


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """The system over its storage in `state.folder`."""
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
