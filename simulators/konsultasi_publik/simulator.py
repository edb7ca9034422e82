"""The simulator of the public consultations: a database file, without a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp

from simulators.faults import FaultKind
from simulators.konsultasi_publik.damage import FileFaults, restore
from simulators.konsultasi_publik.on_demand import OnDemand
from simulators.konsultasi_publik.seed import seed
from simulators.konsultasi_publik.store import InboxLedger, Store
from simulators.spec import SimulatorSpec, SimulatorState

if TYPE_CHECKING:
    from sqlalchemy import URL

DATABASE: Final = "konsultasi.sqlite3"
_CARRIED_OUT: Final = frozenset(
    {FaultKind.HANG, FaultKind.RESET, FaultKind.MALFORMED, FaultKind.HTML, FaultKind.OVERSIZED}
)
_NO_SERVER: Final = "does not apply: this database is a file without a server that could"
_NO_LOGIN: Final = "does not apply: a file has no login"
_WHY_NOT: Final = {
    FaultKind.SLOW: f"{_NO_SERVER} be slow",
    FaultKind.DRIP: f"{_NO_SERVER} drip",
    FaultKind.ERROR_500: f"{_NO_SERVER} answer 500",
    FaultKind.REDIRECT: f"{_NO_SERVER} redirect",
    FaultKind.RATE_LIMITED: f"{_NO_SERVER} count requests",
    FaultKind.QUOTA: f"{_NO_SERVER} have a quota",
    FaultKind.CLOCK_SKEW: f"{_NO_SERVER} compare clocks",
    FaultKind.LOGIN: _NO_LOGIN,
    FaultKind.SESSION_EXPIRED: _NO_LOGIN,
}


def _settings(_office: str | None, _url: str, _folder: Path) -> dict[str, str | int | bool]:
    return {}


SIMULATOR: Final = SimulatorSpec(
    id="konsultasi-publik",
    faults=_CARRIED_OUT,
    own_faults=_CARRIED_OUT,
    why_not=_WHY_NOT,
    settings=_settings,
    database=DATABASE,
)


def build(office: str | None, state: SimulatorState) -> ASGIApp | None:
    """Open the file, and seed it if it is empty. Returns None: a file needs no server."""
    from sqlalchemy import URL

    if office is not None:
        raise ValueError("this system has no offices")
    path = state.folder / DATABASE
    restore(path)
    store = Store(URL.create("sqlite+pysqlite", database=str(path)))
    ledger = prepare(store, state)
    faults = FileFaults(path, store, ledger)
    state.closing.callback(faults.undo)
    state.faults.on_change = faults.change
    _assign_hooks(store, state, faults)
    return None


def build_on(url: "URL", state: SimulatorState) -> Store:
    """Do the same on an empty database of a MariaDB server (`mysql+pymysql`), for tests that have one."""
    store = Store(url)
    prepare(store, state)
    _assign_hooks(store, state, None)
    return store


def prepare(store: Store, state: SimulatorState) -> InboxLedger:
    """Seed the database if it is empty, create the views, and use the inbox as the ledger."""
    if store.empty:
        store.create_tables()
        seed(store, state.people, state.seed, state.clock.now())
    store.recreate_views()
    ledger = InboxLedger(store, state.folder, state.clock)
    state.ledger = ledger
    state.closing.callback(store.close)
    return ledger


def _assign_hooks(store: Store, state: SimulatorState, faults: FileFaults | None) -> None:
    on_demand = OnDemand(store, faults, state.clock)
    state.add_record = on_demand.add
    state.withdraw_record = on_demand.withdraw
