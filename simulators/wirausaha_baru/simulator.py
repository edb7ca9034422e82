"""The simulator of the lists of new entrepreneurs: a folder of files, and the little process that writes them."""

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
_NO_SERVER: Final = "makes no sense here: this system is a folder of files, there is no server that could"
_NO_LOGIN: Final = "makes no sense here: nobody logs in to a folder"
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
    """Carries faults out on the files themselves, as soon as they are put on."""

    def __init__(self, folder: DropFolder, list_writer: ListWriter) -> None:
        self._folder = folder
        self._list_writer = list_writer
        self._acts: Mapping[FaultKind, Callable[[str], None]] = {
            FaultKind.MALFORMED: folder.cut,
            FaultKind.HTML: lambda name: folder.put(name, MAINTENANCE),
            FaultKind.OVERSIZED: folder.swell,
        }

    def change(self, fault: Fault) -> None:
        """Undo the fault before, and carry out this one. Raises `FaultRefusedError`."""
        if fault.times is not None:
            raise FaultRefusedError("times makes no sense here: nobody sends requests to a folder")
        if fault.kind is FaultKind.RESET and fault.path:
            raise FaultRefusedError("the folder is taken away as a whole")
        concerned = self._concerned(fault)
        self._folder.put_back()
        self._list_writer.resume()
        if fault.kind is FaultKind.NONE:
            return
        for name in concerned:
            self._acts[fault.kind](name)
        self._list_writer.paused = True
        if fault.kind is FaultKind.RESET:
            self._folder.take_away()

    def _concerned(self, fault: Fault) -> list[str]:
        if fault.kind in (FaultKind.NONE, FaultKind.RESET):
            return []
        wanted = fault.path or ("" if fault.kind is FaultKind.HTML else "peserta_")
        names = [name for name in self._list_writer.names() if name.startswith(wanted)]
        if not names:
            raise FaultRefusedError("no file's name starts so")
        return names


def build(office: str | None, state: SimulatorState) -> ASGIApp | None:
    """Open the register, seed it when it is empty, and drop all files. There is nothing to serve."""
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

    async def go_round() -> None:
        while True:
            intake.collect()
            await asyncio.sleep(_ROUND_SECONDS)

    def elapse(seconds: float) -> int:
        for _ in range(int(seconds / _ROUND_SECONDS)):
            intake.collect()
        return intake.pending

    state.beside.append(go_round)
    state.elapse = elapse
    state.faults.on_change = FolderFaults(folder, list_writer).change
    state.add_record = on_demand.add
    state.withdraw_record = on_demand.withdraw
    return None
