"""The simulator of the new-entrepreneur lists: a folder of files, and a background task that writes them."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp

from simulators.faults import Fault, FaultKind, FaultRefusedError
from simulators.spec import SimulatorSpec, SimulatorState
from simulators.wirausaha_baru.folder import MAINTENANCE, DropFolder
from simulators.wirausaha_baru.intake import Intake
from simulators.wirausaha_baru.list_writer import ListWriter
from simulators.wirausaha_baru.on_demand import OnDemand
from simulators.wirausaha_baru.register import Register
from simulators.wirausaha_baru.seed import seed

DROPS: Final = "kotak-masuk"
BOX: Final = "kotak-pendaftaran"
_ROUND_SECONDS: Final = 0.4
_CARRIED_OUT: Final = frozenset({FaultKind.RESET, FaultKind.MALFORMED, FaultKind.HTML, FaultKind.OVERSIZED})
_NO_SERVER: Final = "does not apply: this system is a folder of files without a server that could"
_NO_LOGIN: Final = "does not apply: a folder has no login"
_WHY_NOT: Final = {
    FaultKind.SLOW: f"{_NO_SERVER} be slow",
    FaultKind.HANG: f"{_NO_SERVER} hang",
    FaultKind.DRIP: f"{_NO_SERVER} drip",
    FaultKind.ERROR_500: f"{_NO_SERVER} answer 500",
    FaultKind.REDIRECT: f"{_NO_SERVER} redirect",
    FaultKind.RATE_LIMITED: f"{_NO_SERVER} count requests",
    FaultKind.QUOTA: f"{_NO_SERVER} have a quota",
    FaultKind.CLOCK_SKEW: f"{_NO_SERVER} compare clocks",
    FaultKind.LOGIN: _NO_LOGIN,
    FaultKind.SESSION_EXPIRED: _NO_LOGIN,
}


def _settings(_office: str | None, _url: str, folder: Path) -> dict[str, str | int | bool]:
    return {"folder": str(folder / DROPS), "outbox": str(folder / BOX)}


SIMULATOR: Final = SimulatorSpec(
    id="wirausaha-baru",
    faults=_CARRIED_OUT,
    own_faults=_CARRIED_OUT,
    why_not=_WHY_NOT,
    settings=_settings,
    drops=DROPS,
)


class FolderFaults:
    """Carries out faults on the files, as soon as they are set."""

    def __init__(self, folder: DropFolder, list_writer: ListWriter) -> None:
        self._folder = folder
        self._list_writer = list_writer
        self._actions: Mapping[FaultKind, Callable[[str], None]] = {
            FaultKind.MALFORMED: folder.truncate,
            FaultKind.HTML: lambda name: folder.put(name, MAINTENANCE),
            FaultKind.OVERSIZED: folder.oversize,
        }

    def change(self, fault: Fault) -> None:
        """Undo the previous fault, and carry out this one. Raises `FaultRefusedError`."""
        if fault.times is not None:
            raise FaultRefusedError("times does not apply: a folder receives no requests")
        if fault.kind is FaultKind.RESET and fault.path:
            raise FaultRefusedError("path does not apply: the whole folder is renamed")
        affected = self._affected_files(fault)
        self._folder.restore()
        self._list_writer.resume()
        if fault.kind is FaultKind.NONE:
            return
        for name in affected:
            self._actions[fault.kind](name)
        self._list_writer.paused = True
        if fault.kind is FaultKind.RESET:
            self._folder.hide()

    def _affected_files(self, fault: Fault) -> list[str]:
        if fault.kind in (FaultKind.NONE, FaultKind.RESET):
            return []
        wanted = fault.path or ("" if fault.kind is FaultKind.HTML else "peserta_")
        names = [name for name in self._list_writer.names() if name.startswith(wanted)]
        if not names:
            raise FaultRefusedError("no file name has this prefix")
        return names


def build(office: str | None, state: SimulatorState) -> ASGIApp | None:
    """Open the register, seed it if it is empty, and drop all files. Returns None: a folder needs no server."""
    if office is not None:
        raise ValueError("this system has no offices")
    register = Register(state.folder / "register.sqlite3")
    state.closing.callback(register.close)
    if register.empty:
        seed(register, state.people, state.seed)
    folder = DropFolder(state.folder / DROPS)
    list_writer = ListWriter(register, folder, state.folder / "salinan")
    list_writer.drop_all()
    intake = Intake(state.folder / BOX, register, list_writer, state.ledger, state.clock, state.write_loss)
    on_demand = OnDemand(register, folder, list_writer, state.clock, intake)

    async def collect_periodically() -> None:
        while True:
            intake.collect()
            await asyncio.sleep(_ROUND_SECONDS)

    def elapse(seconds: float) -> int:
        for _ in range(int(seconds / _ROUND_SECONDS)):
            intake.collect()
        return intake.pending

    state.background_tasks.append(collect_periodically)
    state.elapse = elapse
    state.faults.on_change = FolderFaults(folder, list_writer).change
    state.add_record = on_demand.add
    state.withdraw_record = on_demand.withdraw
    return None
