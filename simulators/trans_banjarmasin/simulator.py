"""The operator's two exports: `GET /ekspor/gtfs.zip` and `GET /ekspor/posisi.pb`, with an API key."""

from collections.abc import Mapping
from hmac import compare_digest
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators import faults
from simulators.faults import GENERIC, FaultKind
from simulators.spec import RecordRefusedError, Settings, SimulatorSpec, SimulatorState, secret
from simulators.trans_banjarmasin.export import archive
from simulators.trans_banjarmasin.fleet import Fleet
from simulators.trans_banjarmasin.hostile import ARCHIVES
from simulators.trans_banjarmasin.protobuf import feed

_STATES: Final = ("moving", "all-hours", "stuck", "nowhere", "undated", "parked")
_TEXTS: Final = frozenset({"plate", "line", "state"})
_NUMBERS: Final = frozenset({"latitude", "longitude", "turn", "age"})


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"key": secret(folder, "key")}


SIMULATOR: Final = SimulatorSpec(
    id="trans-banjarmasin",
    faults=GENERIC | {FaultKind.LOGIN},
    own_faults=frozenset({FaultKind.LOGIN}),
    why_not={
        FaultKind.SESSION_EXPIRED: "every request contains the key: there is no session",
        FaultKind.QUOTA: "the operator has no quota",
        FaultKind.CLOCK_SKEW: "requests contain no time, so a wrong clock has no effect",
    },
    settings=_settings,
)


class Exports:
    """The two exports over the operator's fleet."""

    def __init__(self, fleet: Fleet, state: SimulatorState) -> None:
        self._fleet = fleet
        self._state = state
        self._key = secret(state.folder, "key")
        self.answer: str | None = None

    async def timetable(self, request: Request) -> Response:
        """Return the timetable."""
        if not self._known(request):
            return _refused()
        made = ARCHIVES[self.answer] if self.answer else archive
        return Response(made(self._state.clock.today()), media_type="application/zip")

    async def positions(self, request: Request) -> Response:
        """Return the vehicle positions."""
        if not self._known(request):
            return _refused()
        now = self._state.clock.now()
        content = feed(int(now.timestamp()), self._fleet.positions(now))
        return Response(content, media_type="application/x-protobuf")

    def _known(self, request: Request) -> bool:
        right = compare_digest(request.headers.get("x-kunci-api", "").encode(), self._key.encode())
        return right and faults.current(request.scope) is not FaultKind.LOGIN

    def add(self, record: Mapping[str, Any]) -> str:
        """Add `{"kind": "vehicle", "plate": …}` or `{"kind": "archive", "as": …}`; see the README."""
        if record.get("kind") == "archive":
            if str(record.get("as")) not in ARCHIVES:
                raise RecordRefusedError(f"as is one of: {', '.join(ARCHIVES)}")
            self.answer = str(record["as"])
            return "archive"
        fields = {name: value for name, value in record.items() if name != "kind"}
        if record.get("kind") != "vehicle" or not fields.get("plate") or not set(fields) <= _TEXTS | _NUMBERS:
            raise RecordRefusedError("kind is archive or vehicle; a vehicle has a plate")
        if fields.get("state", "moving") not in _STATES:
            raise RecordRefusedError(f"state is one of: {', '.join(_STATES)}")
        if not all(isinstance(value, str if name in _TEXTS else int | float) for name, value in fields.items()):
            raise RecordRefusedError("plate, line and state are texts, the other fields numbers")
        self._fleet.put(fields)
        return str(fields["plate"])

    def withdraw(self, key: str) -> bool:
        """Remove a vehicle by its plate, or end `archive`."""
        if key == "archive":
            was, self.answer = self.answer is not None, None
            return was
        return self._fleet.remove(key)


def _refused() -> Response:
    return JSONResponse({"pesan": "Kunci API tidak dikenal"}, 401)


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """Return the exports over the fleet in `state.folder`."""
    exports = Exports(Fleet(state.folder / "armada.json", state.seed), state)
    state.add_record, state.withdraw_record = exports.add, exports.withdraw
    routes: Mapping[str, Any] = {"/ekspor/gtfs.zip": exports.timetable, "/ekspor/posisi.pb": exports.positions}
    return Starlette(routes=[Route(path, handle, methods=["GET"]) for path, handle in routes.items()])
