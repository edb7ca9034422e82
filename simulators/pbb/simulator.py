"""The land and building tax: the old application, its remote adapter, and one control API for both.

Each runs on an unpublished loopback port; the simulator's own address forwards to the adapter.
"""

import threading
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from starlette.types import ASGIApp, Scope

from simulators import faults
from simulators.faults import GENERIC, FaultKind
from simulators.pbb.adapter.service import AdapterServer, protocol_of
from simulators.pbb.forwarder import forwarding
from simulators.pbb.legacy.notices import notices
from simulators.pbb.legacy.register import COLUMNS, Register
from simulators.pbb.legacy.service import Billing, BillingServer
from simulators.people import DEMONSTRATION
from simulators.spec import RecordRefusedError, Settings, SimulatorSpec, SimulatorState, secret

KEY_ID: Final = "gerbang"
_SECRET_BYTES: Final = 32
_SKEW_SECONDS: Final = 7200.0


def shared_secret(folder: Path) -> str:
    """Return the signing secret shared by the gateway and the adapter."""
    return secret(folder, "shared", _SECRET_BYTES)


def legacy_key(folder: Path) -> str:
    """Return the adapter's key for the old application; the gateway does not have it."""
    return secret(folder, "legacy-key")


def _settings(_office: str | None, _url: str, folder: Path) -> Settings:
    return {"keyid": KEY_ID, "secret": shared_secret(folder)}


SIMULATOR: Final = SimulatorSpec(
    id="pbb",
    faults=GENERIC | {FaultKind.LOGIN, FaultKind.CLOCK_SKEW},
    own_faults=frozenset({FaultKind.LOGIN, FaultKind.CLOCK_SKEW}),
    why_not={
        FaultKind.SESSION_EXPIRED: "every request is signed: there is no session",
        FaultKind.QUOTA: "the tax office has no quota",
    },
    settings=_settings,
)


class _OnDemand:
    """Adds notices for the control API."""

    def __init__(self, register: Register, state: SimulatorState) -> None:
        self._register = register
        resident = [DEMONSTRATION["resident"]]
        self._template = next(notices(resident, state.clock.today()))

    def add(self, record: Mapping[str, Any]) -> str:
        """Add `{"kind": "notice", "fields": {…}}`; missing columns are those of `resident`'s newest notice."""
        given = record.get("fields")
        if record.get("kind") != "notice" or not isinstance(given, dict):
            raise RecordRefusedError("kind is notice, and fields contains its columns")
        unknown = sorted(set(given) - set(COLUMNS))
        if unknown:
            raise RecordRefusedError(f"unknown columns: {', '.join(unknown)}")
        if not all(isinstance(value, str) for value in given.values()):
            raise RecordRefusedError("every column is a text")
        return self._register.put({**self._template, **given})

    def withdraw(self, key: str) -> bool:
        """Remove a notice by its key."""
        return self._register.remove(key)


def start_legacy(state: SimulatorState) -> BillingServer:
    """Run the old application over its storage in `state.folder`, in a thread, until the simulator closes."""
    register = Register(state.folder / "sppt.sqlite", notices(state.people, state.clock.today()))
    state.closing.callback(register.close)
    on_demand = _OnDemand(register, state)
    state.add_record, state.withdraw_record = on_demand.add, on_demand.withdraw
    server = BillingServer(Billing(register, legacy_key(state.folder)))
    _serve(server, state)
    return server


def _serve(server: ThreadingHTTPServer, state: SimulatorState) -> None:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close() -> None:
        server.shutdown()
        server.server_close()

    state.closing.callback(close)


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """Return the adapter over the old application."""
    return adapter_over(start_legacy(state).url, state)


def adapter_over(legacy_url: str, state: SimulatorState) -> ASGIApp:
    """Return the adapter over the old application at this address.

    Two more adapters run, one with another secret and one with a wrong clock, for the faults `login` and `clock-skew`.
    """
    right = shared_secret(state.folder)
    ports = {
        kind: _start_adapter(state, legacy_url, key, skew)
        for kind, key, skew in (
            (FaultKind.NONE, right, 0.0),
            (FaultKind.LOGIN, right[::-1], 0.0),
            (FaultKind.CLOCK_SKEW, right, _SKEW_SECONDS),
        )
    }

    def port_for(scope: Scope) -> int:
        return ports[faults.current(scope)]

    return forwarding(port_for)


def _start_adapter(state: SimulatorState, legacy_url: str, key: str, skew: float) -> int:
    protocol = protocol_of(
        keys={KEY_ID: key},
        folder=state.folder,
        legacy_url=legacy_url,
        legacy_key=legacy_key(state.folder),
        clock=lambda: state.clock.now().timestamp() + skew,
    )
    state.closing.callback(protocol.close)
    server = AdapterServer(protocol)
    _serve(server, state)
    return server.server_port
