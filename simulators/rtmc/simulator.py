"""The traffic management centre's service: `POST /rtmc/layanan`, SOAP 1.1; its WSDL at `GET /rtmc/layanan?wsdl`."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from simulators import faults
from simulators.faults import GENERIC, FaultKind
from simulators.rtmc import messages, wsdl
from simulators.rtmc.hostile import REPLIES, Reply
from simulators.rtmc.messages import NotSoapError, SoapCall
from simulators.rtmc.on_demand import OnDemand
from simulators.rtmc.roads import conditions
from simulators.rtmc.store import Store
from simulators.spec import Settings, SimulatorSpec, SimulatorState, secret

PARTNER: Final = "pemko-banjarmasin"
MOST: Final = 25
_NO_SESSION: Final = "every call contains partner and password: this system has no login page and no session"


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"partner": PARTNER, "password": secret(folder, "password")}


SIMULATOR: Final = SimulatorSpec(
    id="rtmc",
    faults=GENERIC | {FaultKind.LOGIN},
    own_faults=frozenset({FaultKind.LOGIN}),
    why_not={
        FaultKind.SESSION_EXPIRED: _NO_SESSION,
        FaultKind.QUOTA: "the agreement does not limit calls: there is no quota",
        FaultKind.CLOCK_SKEW: "calls contain no time, so a wrong clock has no effect",
    },
    settings=_settings,
)


class Service:
    """The SOAP service over its storage."""

    def __init__(self, store: Store, state: SimulatorState, on_demand: OnDemand) -> None:
        self._store = store
        self._state = state
        self._on_demand = on_demand
        self._password = secret(state.folder, "password")
        self._operations: Mapping[str, Callable[[SoapCall], Reply]] = {
            "CekLayanan": self._check,
            "DaftarKejadian": self._incidents,
            "KondisiLalin": self._conditions,
        }

    async def describe(self, request: Request) -> Response:
        """Return the WSDL to requests with `?wsdl`."""
        if "wsdl" not in {name.lower() for name in request.query_params}:
            return PlainTextResponse("LayananRTMC\n")
        return Response(wsdl.wsdl(str(request.url.replace(query=""))), media_type="text/xml")

    async def call(self, request: Request) -> Response:
        """Answer one call. Refusals are faults with status 200 (Q11)."""
        body = await request.body()
        if self._on_demand.seconds:
            await asyncio.sleep(self._on_demand.seconds)  # Q15
        reply = self._reply(request, body)
        # The media type is set as a header, so that Starlette adds no charset.
        return Response(reply.body, reply.status, {"content-type": reply.media_type})

    def _reply(self, request: Request, body: bytes) -> Reply:
        if self._on_demand.answer:
            return REPLIES[self._on_demand.answer]()
        try:
            call = messages.parse_call(body)
        except NotSoapError:
            return _refused("400", "Permintaan bukan SOAP 1.1")
        if faults.current(request.scope) is FaultKind.LOGIN or (call.partner, call.password) != (
            PARTNER,
            self._password,
        ):
            return _refused("401", "Otentikasi mitra gagal")
        operation = self._operations.get(call.operation)
        named = request.headers.get("soapaction", "").strip('"')
        if operation is None or named != wsdl.action(call.operation):
            return _refused("404", "Operasi tidak dikenal")
        return operation(call)

    @property
    def _now(self) -> datetime:
        return self._state.clock.now()

    def _stamp(self, name: str) -> str:
        return messages.element(name, self._now.strftime("%d/%m/%Y %H:%M"))

    def _check(self, _call: SoapCall) -> Reply:
        return _answer("CekLayanan", messages.element("status", "OK"), self._stamp("waktuServer"))

    def _incidents(self, call: SoapCall) -> Reply:
        count = call.parameters.get("jumlah", "")
        if not (count.isascii() and count.isdigit() and 1 <= int(count) <= MOST):
            return _refused("400", f"jumlah harus 1 sampai {MOST}")
        found = self._store.after(call.parameters.get("setelah", ""), int(count) + 1, self._now)
        more = messages.element("adaLagi", "Y" if len(found) > int(count) else "T")
        rows = (messages.record("kejadian", fields) for fields in found[: int(count)])
        return _answer("DaftarKejadian", self._stamp("waktuData"), more, *rows)

    def _conditions(self, _call: SoapCall) -> Reply:
        changed = self._on_demand.roads
        rows = [fields | changed.get(str(fields["kodeRuas"]), {}) for fields in conditions(self._now)]
        return _answer("KondisiLalin", self._stamp("waktuData"), *(messages.record("ruas", fields) for fields in rows))


def _answer(operation: str, *parts: str) -> Reply:
    return Reply(messages.answer(operation, parts))


def _refused(code: str, words: str) -> Reply:
    return Reply(messages.fault("Client", code, words))


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """Return the service over its storage in `state.folder`."""
    store = Store(state.folder / "rtmc.sqlite", state.seed)
    state.closing.callback(store.close)
    on_demand = OnDemand(store, state.clock)
    state.add_record, state.withdraw_record = on_demand.add, on_demand.withdraw
    service = Service(store, state, on_demand)
    routes: list[tuple[str, Any]] = [("GET", service.describe), ("POST", service.call)]
    return Starlette(routes=[Route("/rtmc/layanan", handle, methods=[method]) for method, handle in routes])
