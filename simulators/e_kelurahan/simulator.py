"""The entry point of the simulator: its specification, and how it is built."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from simulators.e_kelurahan.application import Kelurahan
from simulators.e_kelurahan.seed import seed
from simulators.e_kelurahan.sessions import ACCOUNT
from simulators.e_kelurahan.store import Store
from simulators.faults import GENERIC, FaultKind
from simulators.spec import SimulatorSpec, SimulatorState, secret

_OWN: Final = frozenset({FaultKind.LOGIN, FaultKind.SESSION_EXPIRED})


def _settings(_office: str | None, _url: str, folder: Path) -> Mapping[str, str | int | bool]:
    return {"username": ACCOUNT, "password": secret(folder, "password")}


SIMULATOR: Final = SimulatorSpec(
    id="e-kelurahan",
    faults=GENERIC | _OWN,
    own_faults=_OWN,
    why_not={
        FaultKind.QUOTA: "e-kelurahan has no quota, only a limit of concurrent requests",
        FaultKind.CLOCK_SKEW: "requests contain no time, so a wrong clock has no effect",
    },
    settings=_settings,
    is_write=lambda method, path: method == "POST" and path.endswith(("/simpan", "/tindak")),
)


def build(office: str | None, state: SimulatorState) -> ASGIApp:
    """Open the database in the simulator's folder, seed it on the first start, and return the application."""
    if office is not None:
        raise ValueError("e-kelurahan has no offices")
    path = state.folder / "e-kelurahan.sqlite3"
    if not path.exists():
        # Seeded under another name and then renamed, so that an interrupted start leaves no incomplete database.
        for left_over in state.folder.glob("e-kelurahan.part*"):
            left_over.unlink()
        partial = path.with_suffix(".part")
        store = Store(partial)
        seed(store, state.people, state.seed, state.clock)
        store.close()
        partial.rename(path)
    return Kelurahan(state, Store(path))
