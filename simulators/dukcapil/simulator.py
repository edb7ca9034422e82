"""The civil registry's NIK service: `POST /dukcapil/get_json/{unit}/call_nik`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators import faults
from simulators.dukcapil import answers
from simulators.dukcapil.biodata import biodata_of, registered
from simulators.dukcapil.registry import QUOTA_A_DAY, Registry
from simulators.faults import GENERIC, FaultKind
from simulators.people import DEMONSTRATION
from simulators.spec import RecordRefusedError, Settings, SimulatorSpec, SimulatorState, secret

UNIT: Final = "GERBANG_BANJARMASIN"
USER_ID: Final = "637199GERBANG01"
ADDRESS: Final = "127.0.0.1"
_NO_SESSION: Final = "every request contains user and password: this system has no login and no session"


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"unit": UNIT, "user_id": USER_ID, "password": secret(folder, "password"), "ip_user": ADDRESS}


SIMULATOR: Final = SimulatorSpec(
    id="dukcapil",
    faults=GENERIC | {FaultKind.QUOTA},
    own_faults=frozenset({FaultKind.QUOTA}),
    why_not={
        FaultKind.LOGIN: _NO_SESSION,
        FaultKind.SESSION_EXPIRED: _NO_SESSION,
        FaultKind.CLOCK_SKEW: "requests contain no time, so a wrong clock has no effect",
    },
    settings=_settings,
)


class NikService:
    """The NIK service over its registry."""

    def __init__(self, registry: Registry, state: SimulatorState) -> None:
        self._registry = registry
        self._state = state
        self._password = secret(state.folder, "password")

    async def call_nik(self, request: Request) -> Response:
        """Answer one request for a NIK, always with status 200."""
        parameters = _parse_parameters(await request.body())
        return JSONResponse(self._answer(request, parameters))

    def _answer(self, request: Request, parameters: Mapping[str, str]) -> answers.Json:
        refusal = self._refusal(request.path_params["unit"], parameters)
        if refusal is not None:
            return refusal
        if faults.current(request.scope) is FaultKind.QUOTA or not self._registry.spend(self._state.clock.today()):
            return answers.text(answers.QUOTA_SPENT)
        row = self._registry.find(parameters["nik"])
        return answers.text(answers.NOT_FOUND) if row is None else answers.person(row)

    def _refusal(self, unit: str, parameters: Mapping[str, str]) -> answers.Json | None:
        if parameters.get("user_id") != USER_ID:
            return answers.refusal("11", "User Tidak Terdaftar")
        if parameters.get("password") != self._password:
            return answers.refusal("12", "Login Gagal")
        if unit != UNIT:
            return answers.refusal("14", "Unit Tidak Berhak")
        if parameters.get("ip_user") != ADDRESS:
            return answers.text(answers.UNKNOWN_ADDRESS)
        if not parameters.get("nik"):
            return answers.refusal("08", "Parameter Tidak Lengkap")
        return None


def _parse_parameters(body: bytes) -> Mapping[str, str]:
    try:
        parameters = json.loads(body)
    except ValueError:
        return {}
    return {str(key).lower(): str(value) for key, value in parameters.items()} if isinstance(parameters, dict) else {}


class _OnDemand:
    """Adds residents, or sets the daily quota, for the control API."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def add(self, record: Mapping[str, Any]) -> str:
        """Add `{"kind": "resident", "fields": {…}}` or `{"kind": "quota", "per_day": n}`."""
        if record.get("kind") == "quota":
            return self._quota(record.get("per_day"))
        if record.get("kind") == "resident":
            return self._resident(record.get("fields"))
        raise RecordRefusedError("kind is resident or quota")

    def withdraw(self, key: str) -> bool:
        """Remove a resident by key, or reset the quota."""
        if key == "quota":
            self._registry.set_quota(QUOTA_A_DAY)
            return True
        return self._registry.remove(key)

    def _quota(self, per_day: object) -> str:
        if not isinstance(per_day, int) or isinstance(per_day, bool) or per_day < 0:
            raise RecordRefusedError("per_day is a number of calls")
        self._registry.set_quota(per_day)
        return "quota"

    def _resident(self, fields: object) -> str:
        given = dict(fields) if isinstance(fields, dict) else {}
        template = biodata_of(DEMONSTRATION["resident"])
        unknown = sorted(set(given) - set(template))
        if unknown:
            raise RecordRefusedError(f"unknown columns: {', '.join(unknown)}")
        nik = given.get("NIK")
        if not (isinstance(nik, str) and nik.isdecimal() and len(nik) == 16 and nik.startswith("637199")):
            raise RecordRefusedError("fields needs a NIK of the reserved range, as text")
        return self._registry.put({**template, **given})


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """Return the service over its storage in `state.folder`."""
    registry = Registry(state.folder / "registry.sqlite", registered(state.people))
    state.closing.callback(registry.close)
    on_demand = _OnDemand(registry)
    state.add_record, state.withdraw_record = on_demand.add, on_demand.withdraw
    service = NikService(registry, state)
    return Starlette(routes=[Route("/dukcapil/get_json/{unit}/call_nik", service.call_nik, methods=["POST"])])
